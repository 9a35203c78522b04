"""Settlement as a merchant sees it: what it is owed and owes in each window, its statement with every entry, acceptance, payments, files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import flask

from chaincode.spec.nouns.merchant import PRESENT
from gateway.pages.language import mark
from gateway.pages.operator import (
    LIMIT_FIGURES,
    PAYMENT_STATUSES,
    STATEMENT_STATUSES,
    WINDOW_STATUSES,
    limit_between,
    limits_of,
    minor_unit,
    window_asked,
)
from gateway.pages.sections import MERCHANT, Section
from gateway.pages.tables import csv_file, scaled, workbook_file
from gateway.pages.visits import Visit
from gateway.security.principals import Role

section = Section("settlement", mark("Settlement"), MERCHANT)

READERS = (Role.FINANCE, Role.AUDITOR)
ROWS = 50
FILE_PAGE_ROWS = 500
DIRECTIONS = {"": mark("Both"), "owed": mark("What others owe us"), "owing": mark("What we owe others")}
COLUMNS = (
    "at",
    "op",
    "issuer",
    "acceptor",
    "class",
    "points",
    "value",
    "order_ref",
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
    current = int(visit.ask("getCurrentWindow")["window_id"])
    chosen = window_asked(visit, current)
    found = visit.ask("listCutWindows", limit=ROWS, cursor=visit.query.get("cursor"))
    # The ledger may have a window already that this gateway's tables have not taken in.
    known = visit.maybe("getSettlementWindow", window_id=chosen)
    pairs = balances(visit, chosen)
    closed = known is not None and "closed_at" in known["document"]
    settled = settled_of(visit, rows_of(visit, chosen)) if closed else None
    return visit.render(
        "merchant/settlement.html",
        current=current,
        rows=[{**one["document"], "ours": own_part(visit, one["document"])} for one in found["items"]],
        following=found["next"],
        chosen=chosen,
        balances=pairs,
        settled=settled,
        digits=visit.speech.digits_for(one[name] for one in pairs for name in ("owed", "owing")),
        minor=minor_unit(visit),
        statuses=WINDOW_STATUSES,
    )


def rows_of(visit: Visit, window_id: int) -> list[dict[str, Any]]:
    """The rows of this merchant's statement of a window, none where it has no statement."""
    found = visit.maybe("getWindowStatement", window_id=window_id, msp_id=visit.gateway.msp_id)
    return [*found["owed_to_us"], *found["owed_to_others"]] if found else []


def settled_of(visit: Visit, rows: list[dict[str, Any]]) -> dict[str, int]:
    """What others owe this merchant for a window and it them, each pair rounded, in millionths."""
    own, unit = visit.gateway.msp_id, minor_unit(visit)
    return {
        name: sum(row["owed_minor"] * unit for row in rows if row[side] == own)
        for name, side in (("owed", "acceptor_msp"), ("owing", "issuer_msp"))
    }


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


@section.page(
    "/merchant/limits", name="limits", title=mark("Limits"), label=mark("Limits"), roles=READERS, icon="limit"
)
def limits(visit: Visit) -> flask.typing.ResponseReturnValue:
    """What this merchant may come to owe each of the others and they it: cap and cover in one number, what is in use,
    what is left."""
    own = visit.gateway.msp_id
    granted = {one["acceptor_msp"]: one for one in limits_of(visit, own)}
    others = [one for one in sorted(visit.merchants.values(), key=lambda one: one["name"]) if one["msp_id"] != own]
    rows = [
        {
            **one,
            "granted": granted.get(one["msp_id"]),
            "received": limit_between(visit, one["msp_id"], own),
        }
        for one in others
        if one["status"] in PRESENT
    ]
    shown = [side for row in rows for side in (row["granted"], row["received"]) if side]
    cover = visit.maybe("getCover", issuer_msp=own) or {"posted_millionths": 0, "allocated_millionths": 0}
    return visit.render(
        "merchant/limits.html",
        rows=rows,
        choices=[(row["msp_id"], row["name"]) for row in rows],
        cover=cover,
        digits=visit.speech.digits_for([*cover.values(), *(one[name] for one in shown for name in LIMIT_FIGURES)]),
        may_set=bool(visit.roles & {Role.ADMIN, Role.FINANCE}),
    )


@section.page("/merchant/settlement/<window_id>", name="statement", title=mark("Statement"), roles=READERS)
def statement(visit: Visit) -> flask.typing.ResponseReturnValue:
    """One window: the statement with every entry, its acceptance, the payments."""
    window_id = visit.path["window_id"]
    window = visit.ask("getSettlementWindow", window_id=window_id)["document"]
    found = visit.maybe("getWindowStatement", window_id=window_id, msp_id=visit.gateway.msp_id)
    direction = visit.query.get("direction", "")
    direction = direction if direction in DIRECTIONS else ""
    other = visit.query.get("other") if visit.query.get("other") in visit.merchants else None
    entries = visit.ask(
        "listWindowEntries",
        window_id=window_id,
        limit=ROWS,
        cursor=visit.query.get("cursor"),
        **filters_of(visit, direction, other),
    )
    worth = [signed(visit, one) for one in entries["items"]]
    return visit.render(
        "merchant/statement.html",
        window=window,
        statement=found["statement"] if found else None,
        owed_to_us=found["owed_to_us"] if found else (),
        owed_to_others=found["owed_to_others"] if found else (),
        ours=own_part(visit, window),
        digits=visit.speech.digits_for(amounts_of(found) if found else ()),
        entries=[{**one, "worth": value} for one, value in zip(entries["items"], worth, strict=True)],
        entry_digits=visit.speech.digits_for(worth),
        following=entries["next"],
        direction=direction,
        directions=DIRECTIONS,
        other=other or "",
        others=[
            one
            for one in visit.merchants.values()
            if one["msp_id"] != visit.gateway.msp_id and one["invited_until"] is None
        ],
        minor=minor_unit(visit),
        statuses=WINDOW_STATUSES,
        payment_statuses=PAYMENT_STATUSES,
        statement_statuses=STATEMENT_STATUSES,
        may_change=bool(visit.roles & {Role.FINANCE, Role.ADMIN}),
        now=visit.gateway.clock(),
    )


def filters_of(visit: Visit, direction: str, other: str | None) -> dict[str, str | None]:
    """The API's filter for what others owe this merchant, or it them, or both."""
    own = visit.gateway.msp_id
    side = {"owed": "acceptor_msp", "owing": "issuer_msp"}.get(direction)
    return {"msp_id": own, "other_msp": other, **({side: own} if side else {})}


def amounts_of(found: dict[str, Any]) -> Iterator[int]:
    """Every amount that a statement shows, in millionths."""
    for row in (*found["owed_to_us"], *found["owed_to_others"]):
        yield from (value for name, value in row.items() if name.endswith("_millionths"))


def signed(visit: Visit, entry: dict[str, Any]) -> int:
    """An entry's value in millionths, with a minus for what this merchant owes."""
    value = int(entry["value_millionths"])
    return value if entry["acceptor_msp"] == visit.gateway.msp_id else -value


@section.page("/merchant/receipts/<path:redemption_id>", name="receipt", title=mark("Receipt"), roles=READERS)
def receipt(visit: Visit) -> flask.typing.ResponseReturnValue:
    """A payment in points whole: what it was made of, and each operation with its transaction and what it came to."""
    authoriser, _, request_id = visit.path["redemption_id"].partition("/")
    found = visit.ask("getRedemptionDetail", authoriser=authoriser, request_id=request_id)
    parts: dict[str, dict[str, Any]] = {}
    for draw in found["redemption"]["draws"]:
        new = {"issuer_msp": draw["issuer_msp"], "points": 0, "refunded": 0, "value_millionths": 0}
        part = parts.setdefault(draw["class_id"], new)
        for name in ("points", "refunded", "value_millionths"):
            part[name] += draw[name]
    operations = [
        booked(visit.ask("getOperation", cursor=cursor))
        for cursor in dict.fromkeys(link["cursor"] for link in found["operations"])
    ]
    amounts = [*(one["value_millionths"] for one in parts.values()), *(one["worth"] for one in operations)]
    return visit.render(
        "merchant/receipt.html",
        redemption=found["redemption"],
        over=(found["redemption"]["refundable_until"] or "") < visit.speech.today(visit.gateway.clock()).isoformat(),
        parts=parts,
        operations=operations,
        digits=visit.speech.digits_for(amounts),
    )


def booked(operation: dict[str, Any]) -> dict[str, Any]:
    """What an operation came to: its value in millionths, with a minus for a refund, and the window it is settled in."""
    result = operation["result"]
    made, sign = (result["redemption"], 1) if "redemption" in result else (result, -1)
    return {**operation, "worth": sign * made["value_millionths"], "window_id": made["window_id"], "refund": sign < 0}


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
    """The entries pair by pair, newest first, and of a closed window what each pair carried in and on, so that the values
    add up to the statement; what this merchant owes has a minus."""
    window_id, own = visit.path["window_id"], visit.gateway.msp_id
    window = visit.ask("getSettlementWindow", window_id=window_id)["document"]
    carried = {(one["issuer_msp"], one["acceptor_msp"]): one for one in rows_of(visit, window["window_id"])}
    for position in visit.ask("listWindowPositions", window_id=window_id)["items"]:
        pair = (position["issuer_msp"], position["acceptor_msp"])
        if own not in pair or pair == (own, own):
            continue
        entries = visit.each(
            "listWindowEntries",
            window_id=window_id,
            issuer_msp=pair[0],
            acceptor_msp=pair[1],
            limit=FILE_PAGE_ROWS,
        )
        yield from (entry_cells(visit, one) for one in entries)
        if pair in carried:
            yield from carry_cells(visit, window, carried[pair])


def entry_cells(visit: Visit, entry: dict[str, Any]) -> tuple[Any, ...]:
    """The cells of one entry, as COLUMNS has them."""
    operation = entry["operation"]
    return (
        visit.speech.moment(operation["at"]),
        operation["op"],
        visit.merchant_name(entry["issuer_msp"]),
        visit.merchant_name(entry["acceptor_msp"]),
        visit.class_name(entry["class_id"]),
        scaled(entry["points"], visit.classes[entry["class_id"]]["decimals"]),
        scaled(signed(visit, entry), 6),
        entry["order_ref"],
        entry["redemption_id"],
        operation["block_number"],
        operation["transaction_id"],
    )


def carry_cells(visit: Visit, window: dict[str, Any], pair: dict[str, Any]) -> Iterable[tuple[Any, ...]]:
    """What a pair brought over from the window before and what its rounding leaves for the next one, when there is any."""
    sign = 1 if pair["acceptor_msp"] == visit.gateway.msp_id else -1
    names = (visit.merchant_name(pair["issuer_msp"]), visit.merchant_name(pair["acceptor_msp"]))
    for what, value in (("CarryIn", pair["carried_in_millionths"]), ("CarryOut", -pair["carried_out_millionths"])):
        if value:
            yield (
                visit.speech.moment(window["closed_at"]), what, *names, "", "", scaled(sign * value, 6), "", "", "", ""
            )  # fmt: skip
