"""A statement's entries as files to save."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import flask

from gateway.pages.frame.context import Row
from gateway.pages.frame.navigation import SETTLEMENT
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.settlement import minor_unit
from gateway.pages.frame.tables import csv_file, scaled, workbook_file
from gateway.pages.merchant.settlement import READERS, rows_of
from gateway.pages.merchant.statement import signed
from gateway.pages.words.marking import mark

FILE_PAGE_ROWS = 500
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


@SETTLEMENT.page(
    "/merchant/settlement/<window_id>/entries.csv", name="statement-csv", title=mark("Statement"), roles=READERS
)
def statement_csv(view: PageView) -> flask.typing.ResponseReturnValue:
    """Sends every entry between this merchant and others as a table file."""
    return csv_file(file_name(view, "csv"), COLUMNS, file_rows(view))


@SETTLEMENT.page(
    "/merchant/settlement/<window_id>/entries.xlsx", name="statement-xlsx", title=mark("Statement"), roles=READERS
)
def statement_xlsx(view: PageView) -> flask.typing.ResponseReturnValue:
    """Sends the same as a workbook."""
    return workbook_file(file_name(view, "xlsx"), view.say("Statement"), COLUMNS, file_rows(view))


def file_name(view: PageView, ending: str) -> str:
    """Names a file by its window, so that files of several lie side by side."""
    window = view.ask("getSettlementWindow", window_id=view.path["window_id"])["document"]
    return f"jifen-{view.gateway.msp_id}-window-{int(window['window_id'])}.{ending}"


def file_rows(view: PageView) -> Iterator[tuple[Any, ...]]:
    """Returns the entries pair by pair, newest first, what disputes moved, and of a closed window what each pair carried
    in and on, so that the values add up to the statement; what this merchant owes has a minus."""
    window_id, own = view.path["window_id"], view.gateway.msp_id
    window = view.ask("getSettlementWindow", window_id=window_id)["document"]
    carried = {(one["issuer_msp"], one["acceptor_msp"]): one for one in rows_of(view, window["window_id"])}
    for position in view.ask("listWindowPositions", window_id=window_id)["items"]:
        pair = (position["issuer_msp"], position["acceptor_msp"])
        if own not in pair or pair == (own, own):
            continue
        entries = view.each(
            "listWindowEntries",
            window_id=window_id,
            issuer_msp=pair[0],
            acceptor_msp=pair[1],
            limit=FILE_PAGE_ROWS,
        )
        yield from (entry_cells(view, one) for one in entries)
        if position["adjusted_millionths"]:
            yield sum_cells(view, "Disputes", "", pair, position["adjusted_millionths"])
        if pair in carried:
            yield from carry_cells(view, window, carried[pair])


def entry_cells(view: PageView, entry: Row) -> tuple[Any, ...]:
    """Returns the cells of one entry, as COLUMNS has them."""
    operation = entry["operation"]
    return (
        view.speech.moment(operation["at"]),
        operation["op"],
        view.merchant_name(entry["issuer_msp"]),
        view.merchant_name(entry["acceptor_msp"]),
        view.class_name(entry["class_id"]),
        scaled(entry["points"], view.classes[entry["class_id"]]["decimals"]),
        scaled(signed(view, entry), 6),
        entry["order_ref"],
        entry["redemption_id"],
        operation["block_number"],
        operation["transaction_id"],
    )


def carry_cells(view: PageView, window: Row, pair: Row) -> Iterable[tuple[Any, ...]]:
    """Returns what a pair brought over from the window before, what its rounding leaves for the next one, and its
    acceptance fee, when there is any."""
    sides = (pair["issuer_msp"], pair["acceptor_msp"])
    fee = -pair["fee_minor"] * minor_unit(view)
    for what, value in (
        ("CarryIn", pair["carried_in_millionths"]),
        ("CarryOut", -pair["carried_out_millionths"]),
        ("AcceptanceFee", fee),
    ):
        if value:
            yield sum_cells(view, what, view.speech.moment(window["closed_at"]), sides, value)


def sum_cells(view: PageView, what: str, at: Any, pair: tuple[str, str], value: int) -> tuple[Any, ...]:
    """Returns the cells of what is no entry, as COLUMNS has them, by its pair (issuer and acceptor), in millionths."""
    sign = 1 if pair[1] == view.gateway.msp_id else -1
    names = (view.merchant_name(one) for one in pair)
    return (at, what, *names, "", "", scaled(sign * value, 6), "", "", "", "")
