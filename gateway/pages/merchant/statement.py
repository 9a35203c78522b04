"""A window's statement as a merchant sees it: every entry, acceptance, payments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import SETTLEMENT
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.settlement import coin_decimals, minor_unit
from gateway.pages.merchant.classes import others
from gateway.pages.merchant.settlement import READERS, ROWS, own_part
from gateway.pages.words.marking import mark
from gateway.security.principals import Role

DIRECTIONS = {"": mark("Both"), "owed": mark("What others owe us"), "owing": mark("What we owe others")}


class StatementContext(Context, template="merchant/statement.html"):
    """`statement`, with its rows `owed_to_us` and `owed_to_others`, once the window is closed; `ours`: what it came to
    for this merchant; `entries`: those of a `direction` with an `other` merchant; `minor`: millionths of a coin,
    `coin_decimals`: digits of an amount in coins."""

    window: Row
    statement: Row | None
    owed_to_us: Sequence[Row]
    owed_to_others: Sequence[Row]
    ours: Row
    digits: int
    entries: list[Row]
    entry_digits: int
    following: str | None
    direction: str
    directions: Mapping[str, str]
    other: str
    others: list[Row]
    minor: int
    coin_decimals: int
    may_change: bool


@SETTLEMENT.page("/merchant/settlement/<window_id>", name="statement", title=mark("Statement"), roles=READERS)
def statement(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows one window: the statement with every entry, its acceptance, the payments."""
    window_id = view.path["window_id"]
    window = view.ask("getSettlementWindow", window_id=window_id)["document"]
    found = view.maybe("getWindowStatement", window_id=window_id, msp_id=view.gateway.msp_id)
    direction = view.query.get("direction", "")
    direction = direction if direction in DIRECTIONS else ""
    other = view.query.get("other") if view.query.get("other") in view.merchants else None
    entries = view.ask(
        "listWindowEntries",
        window_id=window_id,
        limit=ROWS,
        cursor=view.query.get("cursor"),
        **filters_of(view, direction, other),
    )
    worth = [signed(view, one) for one in entries["items"]]
    return view.render(
        StatementContext(
            window=window,
            statement=found["statement"] if found else None,
            owed_to_us=found["owed_to_us"] if found else (),
            owed_to_others=found["owed_to_others"] if found else (),
            ours=own_part(view, window),
            digits=view.speech.digits_for(amounts_of(found) if found else ()),
            entries=[{**one, "worth": value} for one, value in zip(entries["items"], worth, strict=True)],
            entry_digits=view.speech.digits_for(worth),
            following=entries["next"],
            direction=direction,
            directions=DIRECTIONS,
            other=other or "",
            others=others(view),
            minor=minor_unit(view),
            coin_decimals=coin_decimals(view),
            may_change=bool(view.roles & {Role.FINANCE, Role.ADMIN}),
        )
    )


def filters_of(view: PageView, direction: str, other: str | None) -> dict[str, str | None]:
    """Returns the API's filter for what others owe this merchant, or it them, or both."""
    own = view.gateway.msp_id
    side = {"owed": "acceptor_msp", "owing": "issuer_msp"}.get(direction)
    return {"msp_id": own, "other_msp": other, **({side: own} if side else {})}


def amounts_of(found: Row) -> Iterator[int]:
    """Returns every amount that a statement shows, in millionths."""
    for row in (*found["owed_to_us"], *found["owed_to_others"]):
        yield from (value for name, value in row.items() if name.endswith("_millionths"))


def signed(view: PageView, entry: Row) -> int:
    """Returns an entry's value in millionths, with a minus for what this merchant owes."""
    value = int(entry["value_millionths"])
    return value if entry["acceptor_msp"] == view.gateway.msp_id else -value
