"""The member's history, on a page and as a table file."""

from __future__ import annotations

from typing import Any

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.language import short
from gateway.pages.frame.movements import shown_movement
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.tables import csv_file, scaled
from gateway.pages.member.addresses import chosen_address
from gateway.pages.words.marking import mark
from gateway.pages.words.operations import HISTORY_NAMES

HISTORY_ROWS = 50
EXPORT_PAGE_ROWS = 500


class HistoryContext(Context, template="member/history.html"):
    """`searched`: what the rows were searched for; `following`: the cursor of the next page."""

    address: str | None
    rows: list[Row]
    following: str | None
    searched: str


@WALLET.page("/history", name="history", title=mark("History"), label=mark("History"), icon="history")
def history(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows what came and went, one row for each payment, by address, class and kind, and searched by what it names."""
    address = chosen_address(view)
    wanted = view.query.get("search", "").strip().lower()
    asked: dict[str, Any] = {"cursor": view.query.get("cursor")}
    for name, known in (("class_id", view.classes), ("op", HISTORY_NAMES)):
        asked[name] = view.query.get(name) if view.query.get(name) in known else None
    found: Row = {"items": [], "next": None}
    if address is not None:
        found = view.ask("listAccountMovements", account=address, limit=HISTORY_ROWS, **asked)
    rows = [shown_movement(view, one) for one in found["items"]]
    return view.render(
        HistoryContext(
            address=address,
            rows=[one for one in rows if not wanted or wanted in haystack(view, one)],
            following=found["next"],
            searched=wanted,
        )
    )


def haystack(view: PageView, row: Row) -> str:
    """Joins everything of a row that one may search for, in small letters."""
    words = [
        row["name"],
        row["reference"] or "",
        *(view.class_name(part["class_id"]) for part in row["parts"]),
        *row["partners"],
        *(short(one) for one in row["partners"]),
        *(view.merchant_name(one) for one in row["partners"]),
        *(
            form
            for one in row["operations"]
            for name in ("request_id", "transaction_id")
            for form in (one[name], short(one[name]))
        ),
    ]
    return " ".join(words).lower()


@WALLET.page("/history.csv", name="history-file", title=mark("History"))
def history_file(view: PageView) -> flask.typing.ResponseReturnValue:
    """Sends the whole history of one address as a table file, newest first."""
    address = chosen_address(view)
    rows = view.each("listAccountHistory", account=address, limit=EXPORT_PAGE_ROWS) if address else iter(())
    columns = (
        "at",
        "op",
        "class_id",
        "points",
        "held",
        "debt",
        "counterparties",
        "reference",
        "request_id",
        "block_number",
        "transaction_id",
    )
    cells = (
        {
            **row,
            "at": view.speech.moment(row["at"]),
            **{
                name: scaled(row[name], view.classes[row["class_id"]]["decimals"])
                for name in ("points", "held", "debt")
            },
            "counterparties": " ".join(row["counterparties"]),
        }
        for row in rows
    )
    return csv_file(f"jifen-{address}.csv", columns, ([one[name] for name in columns] for one in cells))
