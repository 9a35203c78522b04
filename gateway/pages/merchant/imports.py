"""Old cards taken over: a file with its control totals, its faults by line, the second person's yes, and how far it is."""

from __future__ import annotations

from typing import Any

import flask

from gateway.access.principals import Role
from gateway.pages.frame.language import mark
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.tables import csv_file, workbook_file
from gateway.pages.merchant.classes import section
from gateway.people.legacy_file import COLUMNS, PROOF, TEMPLATES

STATES = {
    "LOADED": (mark("Waits for a second person"), "waiting"),
    "CONFIRMED": (mark("Being written"), "waiting"),
    "DONE": (mark("On the ledger"), "good"),
    "WITHDRAWN": (mark("Withdrawn"), "plain"),
}
TEMPLATE = "jifen-old-cards"


@section.page(
    "/merchant/import",
    name="import",
    title=mark("Take over old cards"),
    label=mark("Old cards"),
    roles=(Role.FINANCE, Role.AUDITOR),
    icon="import",
)
def legacy_import(view: PageView) -> flask.typing.ResponseReturnValue:
    """A new file, and those before it."""
    return view.render(
        "merchant/import.html",
        rows=[told(view, one) for one in view.ask("listLegacyImports")["items"]],
        classes=[
            one
            for one in view.classes.values()
            if one["issuer_msp"] == view.gateway.msp_id and one["status"] == "ACTIVE"
        ],
        columns={**COLUMNS, **PROOF},
        header=",".join(COLUMNS),
        sample=TEMPLATES[view.language],
        states=STATES,
        me=view.session["id"],
        may_change=bool(view.roles & {Role.FINANCE, Role.ADMIN}),
    )


@section.page(
    "/merchant/import/template.csv",
    name="import-template-csv",
    title=mark("Take over old cards"),
    roles=(Role.FINANCE, Role.AUDITOR),
)
def template_csv(view: PageView) -> flask.typing.ResponseReturnValue:
    """The file that people fill in: its columns, and nothing else."""
    return csv_file(f"{TEMPLATE}.csv", TEMPLATES[view.language], ())


@section.page(
    "/merchant/import/template.xlsx",
    name="import-template-xlsx",
    title=mark("Take over old cards"),
    roles=(Role.FINANCE, Role.AUDITOR),
)
def template_xlsx(view: PageView) -> flask.typing.ResponseReturnValue:
    """The same as a workbook whose cells are text, so that a number keeps its zeros in front and all its digits."""
    header = TEMPLATES[view.language]
    return workbook_file(f"{TEMPLATE}.xlsx", view.say("Old cards"), header, (), text_columns=len(header))


def told(view: PageView, row: dict[str, Any]) -> dict[str, Any]:
    """An import with the decimals of its class."""
    return {**row, "decimals": view.classes.get(row["class_id"], {}).get("decimals", 0)}
