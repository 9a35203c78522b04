"""The parts of the documents that are made from the code: write them anew, or check that they are up to date."""

from __future__ import annotations

import typer

from admin import output
from admin.errors import CheckFailed

app = typer.Typer(no_args_is_help=True, help="The parts of the documents that are made from the code.")


@app.command()
def write(json: output.JsonOption = False) -> None:
    """Write the marked parts of README.md, chaincode/README.md, gateway/API.md and network/README.md anew."""
    from admin.tools.reference import filling

    changed = filling.write()
    if output.json_wanted():
        output.document({"changed": changed})
    else:
        output.note(f"changed: {', '.join(changed) or 'nothing'}")


@app.command()
def check(json: output.JsonOption = False) -> None:
    """Say which documents are not what the code makes of them. Exit code 1 when there are any."""
    from admin.tools.reference import filling

    found = filling.stale()
    if output.json_wanted():
        output.document({"stale": found})
    else:
        print("\n".join(found) if found else "the documents say what the code does")
    if found:
        raise CheckFailed("DOCUMENTS_STALE", f"{', '.join(found)}; `jifen documents write` makes them anew")


@app.command()
def words(json: output.JsonOption = False) -> None:
    """Say which words of the pages are not translated, as entries for a .po file, and which translations nothing says. Exit code 1 when there are any."""
    from admin.tools.reference import words as found
    from gateway.pages.frame.language import LANGUAGES

    others = [language for language in LANGUAGES if language != "en"]
    missing = {language: list(found.missing(language)) for language in others}
    unused = {language: found.unused(language) for language in others}
    if output.json_wanted():
        output.document({"missing": missing, "unused": unused})
    else:
        for language in others:
            print(found.as_po(missing[language]) or f"{language}: nothing is missing")
            print("\n".join(f"# said nowhere: {text}" for text in unused[language]))
    if any(missing.values()) or any(unused.values()):
        raise CheckFailed("WORDS_INCOMPLETE", "every word of the pages stands in every language once")
