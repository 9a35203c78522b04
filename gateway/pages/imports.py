"""Old cards taken over: a file with its control totals, its faults by line, the second person's yes, and how far it is."""

from __future__ import annotations

from typing import Any

import flask

from gateway.legacy.files import COLUMNS, PROOF, TEMPLATES
from gateway.pages.classes import section
from gateway.pages.language import mark
from gateway.pages.tables import csv_file, workbook_file
from gateway.pages.visits import Visit
from gateway.security.principals import Role

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
def legacy_import(visit: Visit) -> flask.typing.ResponseReturnValue:
    """A new file, and those before it."""
    return visit.render(
        "merchant/import.html",
        rows=[told(visit, one) for one in visit.ask("listLegacyImports")["items"]],
        classes=[
            one
            for one in visit.classes.values()
            if one["issuer_msp"] == visit.gateway.msp_id and one["status"] == "ACTIVE"
        ],
        columns={**COLUMNS, **PROOF},
        header=",".join(COLUMNS),
        sample=TEMPLATES[visit.language],
        states=STATES,
        me=visit.session["id"],
        may_change=bool(visit.roles & {Role.FINANCE, Role.ADMIN}),
    )


@section.page(
    "/merchant/import/template.csv",
    name="import-template-csv",
    title=mark("Take over old cards"),
    roles=(Role.FINANCE, Role.AUDITOR),
)
def template_csv(visit: Visit) -> flask.typing.ResponseReturnValue:
    """The file that people fill in: its columns, and nothing else."""
    return csv_file(f"{TEMPLATE}.csv", TEMPLATES[visit.language], ())


@section.page(
    "/merchant/import/template.xlsx",
    name="import-template-xlsx",
    title=mark("Take over old cards"),
    roles=(Role.FINANCE, Role.AUDITOR),
)
def template_xlsx(visit: Visit) -> flask.typing.ResponseReturnValue:
    """The same as a workbook whose cells are text, so that a number keeps its zeros in front and all its digits."""
    header = TEMPLATES[visit.language]
    return workbook_file(f"{TEMPLATE}.xlsx", visit.say("Old cards"), header, (), text_columns=len(header))


def told(visit: Visit, row: dict[str, Any]) -> dict[str, Any]:
    """An import with the decimals of its class."""
    return {**row, "decimals": visit.classes.get(row["class_id"], {}).get("decimals", 0)}
