"""Settlement windows: cut and closed here, followed until they are settled."""

from __future__ import annotations

import flask

from chaincode.spec.kernel.settling import overdue
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.finding import numbered, whole_number
from gateway.pages.frame.navigation import CONSORTIUM
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.settlement import minor_unit
from gateway.pages.operator.merchants import LastDays, last_days
from gateway.pages.operator.readers import READERS
from gateway.pages.words.marking import mark
from gateway.security.principals import Role

WINDOWS_PER_PAGE = 50
ENTRIES_PER_PAGE = 50


class WindowsContext(Context, template="operator/windows.html"):
    """`rows`: windows, each with its payments that are `overdue`; `older` and `newer`: the last window of the page after
    and before (0: none); `minor`: millionths of a coin."""

    current: Row
    rows: list[Row]
    older: int
    newer: int
    minor: int
    may_change: bool


class WindowContext(Context, template="operator/window.html"):
    """`overdue`: those of its payments that are; `late`: merchants whose default can be declared, each with the days
    that its last one may be (None in run-off); `defaults`: those that were; `pair`: the issuer and acceptor whose figure is taken apart; `minor`:
    millionths of a coin."""

    window: Row
    overdue: list[Row]
    late: list[tuple[Row, LastDays | None]]
    defaults: list[Row]
    may_declare: bool
    statements: list[Row]
    pair: Row | None
    minor: int


@CONSORTIUM.page(
    "/operator/windows",
    name="operator-windows",
    title=mark("Settlement windows"),
    label=mark("Windows"),
    roles=READERS,
    icon="window",
)
def windows(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists the open window and those before it, newest first; cut and closed from here."""
    current = view.ask("getCurrentWindow")
    newest = int(current["window_id"]) - 1
    last = min(whole_number(view.query.get("last")) or newest, newest)
    first = max(1, last - WINDOWS_PER_PAGE + 1)
    # Of the ledger itself, for whoever has just cut or closed one: its numbers have no gaps.
    found = view.ask("listWindows", after=f"{first - 1:08d}", rows=WINDOWS_PER_PAGE)["rows"] if last else []
    return view.render(
        WindowsContext(
            current=current,
            rows=[
                {**row["document"], "overdue": _overdue(view, row["document"])}
                for row in reversed(found)
                if int(row["key"]) <= last
            ],
            older=first - 1,
            newer=min(last + WINDOWS_PER_PAGE, newest) if last < newest else 0,
            minor=minor_unit(view),
            may_change=bool(view.roles & {Role.ADMIN, Role.FINANCE}),
        )
    )


@CONSORTIUM.page(
    "/operator/windows/<window_id>", name="operator-window", title=mark("Settlement window"), roles=READERS
)
def window(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows one window: who accepted its statement, which payments are due and made; and what makes the figure of a
    pair."""
    window_id = numbered(view.path["window_id"])
    found = view.ask("getWindow", window_id=window_id)
    unpaid = _overdue(view, found)
    return view.render(
        WindowContext(
            window=found,
            overdue=unpaid,
            late=[_late(view, msp_id) for msp_id in sorted({one["payer_msp"] for one in unpaid})],
            defaults=view.ask_all("listDefaults", window_id=window_id),
            may_declare=bool(view.roles & {Role.ADMIN, Role.FINANCE}),
            statements=view.ask("listWindowStatements", window_id=window_id)["items"],
            pair=pair_of(view, found),
            minor=minor_unit(view),
        )
    )


def _late(view: PageView, msp_id: str) -> tuple[Row, LastDays | None]:
    """Returns a merchant that has not paid in time, and which last day may be announced with its default."""
    found = view.maybe("getMerchant", msp_id=msp_id) or {"msp_id": msp_id, "status": "EXITED"}
    return found, None if found["status"] in ("RUN_OFF", "EXITED") else last_days(view, found)


def _overdue(view: PageView, window: Row) -> list[Row]:
    """Returns the payments of a window that are overdue; none before it is netted."""
    return overdue(window, int(view.gateway.clock())) if "payments" in window else []


def pair_of(view: PageView, window: Row) -> Row | None:
    """Returns the pair that the query names, with its figures (None before the window is closed), a page of its
    entries, and the digits that both need; None where it names none."""
    issuer, acceptor = view.query.get("issuer"), view.query.get("acceptor")
    if issuer not in view.merchants or acceptor not in view.merchants:
        return None
    entries = view.ask(
        "listWindowEntries",
        window_id=window["window_id"],
        issuer_msp=issuer,
        acceptor_msp=acceptor,
        limit=ENTRIES_PER_PAGE,
        cursor=view.query.get("cursor"),
    )
    known = view.ask(
        "listWindowMatrix", window_id=window["window_id"], issuer_msp=issuer, acceptor_msp=acceptor, limit=1
    )["items"]
    amounts = [value for one in known for name, value in one.items() if name.endswith("_millionths")]
    amounts += [one["value_millionths"] for one in entries["items"]]
    return {
        "issuer_msp": issuer,
        "acceptor_msp": acceptor,
        "figures": known[0] if known else None,
        "entries": entries["items"],
        "following": entries["next"],
        "digits": view.speech.digits_for(amounts),
    }
