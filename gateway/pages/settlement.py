"""Settlement as a merchant sees it: what it is owed and owes in each window, its statement with every entry, acceptance, payments, files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask

from gateway.access.principals import Role
from gateway.pages.language import mark
from gateway.pages.operator import PAYMENT_STATUSES, STATEMENT_STATUSES, WINDOW_STATUSES, minor_unit
from gateway.pages.sections import MERCHANT, Section
from gateway.pages.tables import csv_file, scaled, workbook_file
from gateway.pages.visits import Visit

section = Section("settlement", mark("Settlement"), MERCHANT)

READERS = (Role.FINANCE, Role.AUDITOR)
ROWS = 50
WINDOWS_MAX = 400
FILE_ROWS_MAX = 100_000
DIRECTIONS = {"owed": mark("What others owe us"), "owing": mark("What we owe others")}
COLUMNS = (
    "at",
    "op",
    "issuer",
    "acceptor",
    "class",
    "points",
    "value",
    "redemption_id",
    "block_number",
    "transaction_id",
)


@section.page(
    "/merchant/settlement",
    name="settlement",
    title=mark("Settlement"),
    label=mark("Settlement"),
    roles=READERS,
    icon="scales",
)
def settlement(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Each window, and what one of them comes to, merchant by merchant."""
    current = visit.ask("getCurrentWindow")
    wanted = visit.query.get("window", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) <= 8 else 0
    chosen = number if 1 <= number <= int(current["window_id"]) else int(current["window_id"])
    rows = [one["document"] for one in visit.ask_all("listCutWindows", WINDOWS_MAX)]
    return visit.render(
        "merchant/settlement.html",
        current=current,
        rows=[{**one, "ours": own_part(visit, one)} for one in sorted(rows, key=lambda one: -int(one["window_id"]))],
        chosen=chosen,
        balances=balances(visit, chosen),
        minor=minor_unit(visit),
        statuses=WINDOW_STATUSES,
    )


def own_part(visit: Visit, window: dict[str, Any]) -> dict[str, Any]:
    """What a window came to for this merchant: its net amount in smallest coins (None before it is closed), and what it has to do now."""
    msp_id = visit.gateway.msp_id
    net = next((one["net_minor"] for one in window.get("net") or () if one["msp_id"] == msp_id), None)
    payments = [one for one in window.get("payments") or () if msp_id in (one["payer_msp"], one["payee_msp"])]
    overdue = visit.gateway.clock() > int(window.get("accept_by") or 0)
    payable = not window.get("pending_statements") or overdue
    due = [one for one in payments if one["payer_msp"] == msp_id and one["status"] == "DUE"]
    return {
        "net": net,
        "payable": payable,
        "to_pay": due if payable else [],
        "to_confirm": [one for one in payments if one["payee_msp"] == msp_id and one["status"] == "PAID"],
        "payments": payments,
    }


def balances(visit: Visit, window_id: int) -> list[dict[str, Any]]:
    """What each of the others owes this merchant in a window, what it is owed, and the difference, in millionths."""
    own = visit.gateway.msp_id
    found: dict[str, dict[str, Any]] = {}
    for one in visit.ask("listWindowPositions", window_id=window_id)["items"]:
        pair = (one["issuer_msp"], one["acceptor_msp"])
        if own not in pair or pair == (own, own):
            continue
        other = pair[1] if pair[0] == own else pair[0]
        row = found.setdefault(other, {"msp_id": other, "owed": 0, "owing": 0})
        row["owed" if pair[1] == own else "owing"] += one["value_millionths"]
    return [{**row, "net": row["owed"] - row["owing"]} for _, row in sorted(found.items())]


@section.page("/merchant/settlement/<window_id>", name="statement", title=mark("Statement"), roles=READERS)
def statement(visit: Visit) -> flask.typing.ResponseReturnValue:
    """One window: the statement with every entry, its acceptance, the payments."""
    window_id = visit.path["window_id"]
    window = visit.ask("getSettlementWindow", window_id=window_id)["document"]
    found = visit.maybe("getWindowStatement", window_id=window_id, msp_id=visit.gateway.msp_id)
    direction = visit.query.get("direction", "owed")
    direction = direction if direction in DIRECTIONS else "owed"
    other = visit.query.get("other") if visit.query.get("other") in visit.merchants else None
    entries = visit.ask(
        "listWindowEntries",
        window_id=window_id,
        limit=ROWS,
        cursor=visit.query.get("cursor"),
        **pair_of(visit, direction, other),
    )
    return visit.render(
        "merchant/statement.html",
        window=window,
        statement=found["statement"] if found else None,
        ours=own_part(visit, window),
        balances=balances(visit, int(window["window_id"])),
        entries=[one for one in entries["items"] if one["issuer_msp"] != one["acceptor_msp"]],
        following=entries["next"],
        direction=direction,
        directions=DIRECTIONS,
        other=other or "",
        others=[one for one in visit.merchants.values() if one["msp_id"] != visit.gateway.msp_id],
        minor=minor_unit(visit),
        statuses=WINDOW_STATUSES,
        payment_statuses=PAYMENT_STATUSES,
        statement_statuses=STATEMENT_STATUSES,
        may_change=bool(visit.roles & {Role.FINANCE, Role.ADMIN}),
        now=visit.gateway.clock(),
    )


def pair_of(visit: Visit, direction: str, other: str | None) -> dict[str, str | None]:
    """The API's filter for what others owe this merchant, or it them."""
    own = visit.gateway.msp_id
    if direction == "owed":
        return {"issuer_msp": other, "acceptor_msp": own}
    return {"issuer_msp": own, "acceptor_msp": other}


@section.page(
    "/merchant/settlement/<window_id>/entries.csv", name="statement-csv", title=mark("Statement"), roles=READERS
)
def statement_csv(visit: Visit) -> flask.typing.ResponseReturnValue:
    """Every entry between this merchant and others, as a table file."""
    return csv_file(file_name(visit, "csv"), COLUMNS, file_rows(visit))


@section.page(
    "/merchant/settlement/<window_id>/entries.xlsx", name="statement-xlsx", title=mark("Statement"), roles=READERS
)
def statement_xlsx(visit: Visit) -> flask.typing.ResponseReturnValue:
    """The same as a workbook."""
    return workbook_file(file_name(visit, "xlsx"), visit.say("Statement"), COLUMNS, file_rows(visit))


def file_name(visit: Visit, ending: str) -> str:
    """Of the window, so that files of several lie side by side."""
    window = visit.ask("getSettlementWindow", window_id=visit.path["window_id"])["document"]
    return f"jifen-{visit.gateway.msp_id}-window-{int(window['window_id'])}.{ending}"


def file_rows(visit: Visit) -> Iterator[tuple[Any, ...]]:
    """The entries of both directions; what this merchant owes has a minus."""
    for direction in DIRECTIONS:
        sign = 1 if direction == "owed" else -1
        entries = visit.ask_all(
            "listWindowEntries",
            FILE_ROWS_MAX,
            window_id=visit.path["window_id"],
            limit=500,
            **pair_of(visit, direction, None),
        )
        for one in entries:
            if one["issuer_msp"] == one["acceptor_msp"]:
                continue
            operation, decimals = one["operation"], visit.classes[one["class_id"]]["decimals"]
            yield (
                visit.speech.time(operation["at"], "short"),
                operation["op"],
                visit.merchant_name(one["issuer_msp"]),
                visit.merchant_name(one["acceptor_msp"]),
                visit.class_name(one["class_id"]),
                scaled(one["points"], decimals),
                scaled(sign * one["value_millionths"], 6),
                one["redemption_id"],
                operation["block_number"],
                operation["transaction_id"],
            )
