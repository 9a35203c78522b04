"""Old cards taken over: a file with its control totals, its faults by line, the second person's yes, and how far it
is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flask

from gateway.legacy.files import COLUMNS, PROOF, TEMPLATES
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import POINTS
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.tables import csv_file, workbook_file
from gateway.pages.words.marking import mark
from gateway.security.principals import Role

TEMPLATE = "jifen-old-cards"


class ImportContext(Context, template="merchant/import.html"):
    """`columns`: the names by which a file's columns are found; `header`: as the gateway takes them; `sample`: as an
    empty file has them in the visitor's language."""

    rows: list[Row]
    classes: list[Row]
    columns: Mapping[str, Any]
    header: str
    sample: Sequence[str]
    me: str
    may_change: bool


@POINTS.page(
    "/merchant/import",
    name="import",
    title=mark("Take over old cards"),
    label=mark("Old cards"),
    roles=(Role.FINANCE, Role.AUDITOR),
    icon="import",
)
def legacy_import(view: PageView) -> flask.typing.ResponseReturnValue:
    """Takes a new file, and lists those before it."""
    return view.render(
        ImportContext(
            rows=[with_decimals(view, one) for one in view.ask("listLegacyImports")["items"]],
            classes=[
                one
                for one in view.classes.values()
                if one["issuer_msp"] == view.gateway.msp_id and one["status"] == "ACTIVE"
            ],
            columns={**COLUMNS, **PROOF},
            header=",".join(COLUMNS),
            sample=TEMPLATES[view.language],
            me=view.session["id"],
            may_change=bool(view.roles & {Role.FINANCE, Role.ADMIN}),
        )
    )


@POINTS.page(
    "/merchant/import/template.csv",
    name="import-template-csv",
    title=mark("Take over old cards"),
    roles=(Role.FINANCE, Role.AUDITOR),
)
def template_csv(view: PageView) -> flask.typing.ResponseReturnValue:
    """Sends the file that people fill in: its columns, and nothing else."""
    return csv_file(f"{TEMPLATE}.csv", TEMPLATES[view.language], ())


@POINTS.page(
    "/merchant/import/template.xlsx",
    name="import-template-xlsx",
    title=mark("Take over old cards"),
    roles=(Role.FINANCE, Role.AUDITOR),
)
def template_xlsx(view: PageView) -> flask.typing.ResponseReturnValue:
    """Sends the same as a workbook whose cells are text, so that a number keeps its zeros in front and all its
    digits."""
    header = TEMPLATES[view.language]
    return workbook_file(f"{TEMPLATE}.xlsx", view.say("Old cards"), header, (), text_columns=len(header))


def with_decimals(view: PageView, row: Row) -> Row:
    """Returns an import with the decimals of its class."""
    return {**row, "decimals": view.classes.get(row["class_id"], {}).get("decimals", 0)}
