"""The parts of the documents that are made from the code: write them anew, or check that they are up to date."""

from __future__ import annotations

import typer

from admin import output
from admin.errors import CheckFailed

app = typer.Typer(no_args_is_help=True, help="The parts of the documents that are made from the code.")


@app.command()
def write(json: output.JsonOption = False) -> None:
    """Write the marked parts of README.md, chaincode/README.md and gateway/API.md anew."""
    from admin.documents import filling

    changed = filling.write()
    if output.json_wanted():
        output.document({"changed": changed})
    else:
        output.note(f"changed: {', '.join(changed) or 'nothing'}")


@app.command()
def check(json: output.JsonOption = False) -> None:
    """Say which documents are not what the code makes of them. Exit code 1 when there are any."""
    from admin.documents import filling

    found = filling.stale()
    if output.json_wanted():
        output.document({"stale": found})
    else:
        print("\n".join(found) if found else "the documents say what the code does")
    if found:
        raise CheckFailed("DOCUMENTS_STALE", f"{', '.join(found)}; `jifen documents write` makes them anew")
