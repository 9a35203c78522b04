"""The vectors, the contract between the spec and the chaincode: write them anew, or list the codes that have none."""

from __future__ import annotations

import typer

from admin import output
from admin.errors import CheckFailed

app = typer.Typer(no_args_is_help=True, help="The vectors: the contract between the Python spec and the Go chaincode.")


@app.command()
def write(json: output.JsonOption = False) -> None:
    """Write all vectors from their cases. A case whose stated code the spec does not give is an error."""
    from chaincode.cases import writing

    count, changed = writing.write()
    if output.json_wanted():
        output.document({"changed": changed, "vectors": count})
    else:
        output.note(f"{count} vectors, {changed} files changed")


@app.command()
def coverage(json: output.JsonOption = False) -> None:
    """List the codes that have no vector: of all, and of those that each operation declares. Exit code 1 when there
    are any."""
    from chaincode.cases import writing

    found = writing.missing()
    if output.json_wanted():
        output.document({"missing": found})
    else:
        print("\n".join(found) if found else "every code has a vector")
    if found:
        raise CheckFailed("VECTORS_MISSING", f"{len(found)} codes have no vector")
