"""Settlement reports, as JSON, CSV files, workbooks, or a journal for beancount."""

from __future__ import annotations

import json as json_text
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin import output
from admin.errors import BadInput

if TYPE_CHECKING:
    from gateway.client.calls import JifenClient
    from gateway.pages.frame.language import Speech
    from gateway.pages.frame.report_tables import Report

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Settlement reports. Each command asks a gateway, with an API key of scope finance or read in JIFEN_API_KEY.",
)

KEY = "JIFEN_API_KEY"


class ReportFormat(StrEnum):
    """What a report is written as; a table in the terminal when left out."""

    json = "json"
    csv = "csv"
    xlsx = "xlsx"


class Language(StrEnum):
    """In which words."""

    en = "en"
    zh = "zh"


UrlOption = Annotated[str, typer.Option("--url", envvar="JIFEN_URL", help="Where the gateway is reached.")]
FormatOption = Annotated[
    ReportFormat | None, typer.Option("--format", help="json; csv, a file for each table; xlsx, a workbook.")
]
OutOption = Annotated[Path, typer.Option(help="The folder that files are written to.", file_okay=False)]
LanguageOption = Annotated[Language, typer.Option("--language", help="Of tables and workbooks.")]
DayOption = Annotated[str | None, typer.Option(help="At the end of this day, YYYY-MM-DD; all there is when left out.")]


@app.command()
def matrix(
    window: Annotated[int, typer.Argument(min=1, help="The window.")],
    url: UrlOption,
    form: FormatOption = None,
    out: OutOption = Path(),
    language: LanguageOption = Language.en,
    json: output.JsonOption = False,
) -> None:
    """Show who owes whom for a window, in points and money, and what netting saves."""
    from gateway.settlement.reports.matrix import MatrixReport

    _tell(MatrixReport, f"matrix/{window}", {}, f"matrix-window-{window}", url, form, out, language)


@app.command()
def statement(
    window: Annotated[int, typer.Argument(min=1, help="The window.")],
    merchant: Annotated[str, typer.Argument(help="The merchant's MSP id.")],
    url: UrlOption,
    form: FormatOption = None,
    out: OutOption = Path(),
    language: LanguageOption = Language.en,
    json: output.JsonOption = False,
) -> None:
    """Show a merchant's window with every entry, in both directions, and its disputes."""
    from gateway.settlement.reports.statement import StatementReport

    name = f"statement-{merchant}-window-{window}"
    _tell(StatementReport, f"statement/{window}/{merchant}", {}, name, url, form, out, language)


@app.command()
def roll_forward(
    url: UrlOption,
    first_day: Annotated[str | None, typer.Option(help="From this day on, YYYY-MM-DD.")] = None,
    last_day: Annotated[str | None, typer.Option(help="To the end of this day, YYYY-MM-DD.")] = None,
    after_block: Annotated[int | None, typer.Option(min=-1, help="Instead of days: from behind this block.")] = None,
    until_block: Annotated[int | None, typer.Option(min=0, help="Instead of days: to the end of this one.")] = None,
    form: FormatOption = None,
    out: OutOption = Path(),
    language: LanguageOption = Language.en,
    json: output.JsonOption = False,
) -> None:
    """Show what each class's points came from and went to, from one day or block to another."""
    from gateway.settlement.reports.roll_forward import RollForward

    days = {"first_day": first_day, "last_day": last_day}
    blocks = {"after_block": after_block, "until_block": until_block}
    if any(one is not None for one in days.values()) and any(one is not None for one in blocks.values()):
        raise BadInput("BOUNDS_MIXED", "give days or blocks, not both")
    by_blocks = any(one is not None for one in blocks.values())
    path, bounds = ("roll-forward/blocks", blocks) if by_blocks else ("roll-forward", days)
    _tell(RollForward, path, bounds, "roll-forward", url, form, out, language)


@app.command()
def ageing(
    url: UrlOption,
    day: DayOption = None,
    form: FormatOption = None,
    out: OutOption = Path(),
    language: LanguageOption = Language.en,
    json: output.JsonOption = False,
) -> None:
    """Show how soon what is outstanding expires."""
    from gateway.settlement.reports.ageing import AgeingReport

    _tell(AgeingReport, "ageing", {"day": day}, "ageing", url, form, out, language)


@app.command()
def breakage(
    url: UrlOption,
    day: DayOption = None,
    form: FormatOption = None,
    out: OutOption = Path(),
    language: LanguageOption = Language.en,
    json: output.JsonOption = False,
) -> None:
    """Show what of the points will never be spent, how sure that is, and what is recognised because of it."""
    from gateway.settlement.reports.breakage import BreakageReport

    _tell(BreakageReport, "breakage", {"day": day}, "breakage", url, form, out, language)


@app.command()
def exposure(
    url: UrlOption,
    form: FormatOption = None,
    out: OutOption = Path(),
    language: LanguageOption = Language.en,
    json: output.JsonOption = False,
) -> None:
    """Show what is unpaid and disputed, how much of caps and cover is used, and whether cover would last for two failures."""
    from gateway.settlement.reports.exposure import ExposureReport

    _tell(ExposureReport, "exposure", {}, "exposure", url, form, out, language)


@app.command()
def journal(
    merchant: Annotated[str, typer.Argument(help="The merchant's MSP id.")],
    url: UrlOption,
    out: OutOption = Path(),
    json: output.JsonOption = False,
) -> None:
    """Write a merchant's books as a journal for beancount, which `bean-check` accepts."""
    with _client(url) as client:
        text = client.request("GET", f"/reports/journal/{merchant}").content
    path = _place(out, f"{merchant}.beancount")
    path.write_bytes(text)
    _written([path])


def _tell(
    kind: type[Report],
    path: str,
    asked: dict[str, Any],
    name: str,
    url: str,
    form: ReportFormat | None,
    out: Path,
    language: Language,
) -> None:
    """Asks for a report, and shows or writes it."""
    from gateway.pages.frame.report_files import csv_text, write_workbook
    from gateway.pages.frame.report_tables import tables_of

    with _client(url) as client:
        known = {key: value for key, value in asked.items() if value is not None}
        found = client.request("GET", f"/reports/{path}", params=known).json()
        speech = _speech(client, language)
    if form is ReportFormat.json or (form is None and output.json_wanted()):
        if form is None:
            output.document(found)
            return
        target = _place(out, f"{name}.json")
        target.write_text(json_text.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
        _written([target])
        return
    tables = tables_of(kind.model_validate(found), speech)
    if form is ReportFormat.csv:
        targets = [_place(out, f"{name}-{table.name}.csv") for table in tables]
        for target, table in zip(targets, tables, strict=True):
            target.write_bytes(b"".join(csv_text(table)))
        _written(targets)
    elif form is ReportFormat.xlsx:
        target = _place(out, f"{name}.xlsx")
        with target.open("wb") as file:
            write_workbook(tables, speech, file)
        _written([target])
    else:
        for table in tables:
            columns = [speech.gettext(one.text) for one in table.columns]
            rows = [["" if cell is None else _shown(cell) for cell in row] for row in table.rows]
            output.table(speech.gettext(table.title), columns, rows)


def _shown(cell: Any) -> str:
    return str(cell) if isinstance(cell, str) else f"{cell:,}" if not hasattr(cell, "isoformat") else cell.isoformat()


def _speech(client: JifenClient, language: Language) -> Speech:
    """The words, in the consortium's time zone and currency."""
    from gateway.pages.frame.language import Speech

    consortium = client.request("GET", "/queries/get-consortium").json()
    zone = consortium["time_zone"]
    offsets = tuple(tuple(one) for one in zone["offsets"])
    return Speech(language.value, zone["name"], consortium["currency"]["code"], offsets)


def _client(url: str) -> JifenClient:
    from gateway.client.calls import JifenClient

    key = os.environ.get(KEY)
    if not key:
        raise BadInput("API_KEY_MISSING", f"set {KEY} to an API key of scope finance or read (`jifen gateway api-key`)")
    return JifenClient(url, api_key=key)


def _place(folder: Path, name: str) -> Path:
    """A file in the folder, which is made; a merchant's id leads nowhere else."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / Path(name).name


def _written(paths: list[Path]) -> None:
    if output.json_wanted():
        output.document({"files": [str(path) for path in paths]})
        return
    for path in paths:
        output.note(f"written: {path}")
