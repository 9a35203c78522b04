"""Settlement as a merchant sees it: what it is owed and owes in each window."""

from __future__ import annotations

import flask

from chaincode.spec.kernel.limits import DATE_MARGIN_SECONDS
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import SETTLEMENT
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.settlement import chosen_window, minor_unit
from gateway.pages.words.marking import mark
from gateway.security.principals import Role

READERS = (Role.FINANCE, Role.AUDITOR)
ROWS = 50


class SettlementContext(Context, template="merchant/settlement.html"):
    """`current`: the open window; `chosen`: the one whose `balances` are shown; `settled`: what they come to once it is
    closed; `rows`: the windows before, each with this merchant's part; `minor`: millionths of a coin."""

    current: int
    rows: list[Row]
    following: str | None
    chosen: int
    balances: list[Row]
    settled: dict[str, int] | None
    digits: int
    minor: int


@SETTLEMENT.page(
    "/merchant/settlement",
    name="settlement",
    title=mark("Settlement"),
    label=mark("Settlement"),
    roles=READERS,
    icon="scales",
)
def settlement(view: PageView) -> flask.typing.ResponseReturnValue:
    """Lists the windows, and says what one of them comes to, merchant by merchant."""
    current = int(view.ask("getCurrentWindow")["window_id"])
    chosen = chosen_window(view, current)
    found = view.ask("listCutWindows", limit=ROWS, cursor=view.query.get("cursor"))
    # The ledger may have a window already that this gateway's tables have not taken in.
    known = view.maybe("getSettlementWindow", window_id=chosen)
    pairs = balances(view, chosen)
    closed = known is not None and "closed_at" in known["document"]
    settled = settled_of(view, chosen) if closed else None
    return view.render(
        SettlementContext(
            current=current,
            rows=[{**one["document"], "ours": own_part(view, one["document"])} for one in found["items"]],
            following=found["next"],
            chosen=chosen,
            balances=pairs,
            settled=settled,
            digits=view.speech.digits_for(one[name] for one in pairs for name in ("owed", "owing")),
            minor=minor_unit(view),
        )
    )


def rows_of(view: PageView, window_id: int) -> list[Row]:
    """Returns the rows of this merchant's statement of a window, none where it has no statement."""
    found = view.maybe("getWindowStatement", window_id=window_id, msp_id=view.gateway.msp_id)
    return [*found["owed_to_us"], *found["owed_to_others"]] if found else []


def settled_of(view: PageView, window_id: int) -> dict[str, int]:
    """Returns what others owe this merchant for a window and it them, each pair rounded, less the fee and what was disputed since,
    in millionths."""
    own, unit = view.gateway.msp_id, minor_unit(view)
    moved = {
        (one["issuer_msp"], one["acceptor_msp"]): one["adjusted_millionths"]
        for one in view.ask("listWindowPositions", window_id=window_id)["items"]
    }
    found = {"owed": 0, "owing": 0}
    for row in rows_of(view, window_id):
        name = "owed" if row["acceptor_msp"] == own else "owing"
        disputed = row["adjusted_millionths"] - moved[row["issuer_msp"], row["acceptor_msp"]]
        found[name] += (row["owed_minor"] - row["fee_minor"]) * unit - disputed
    return found


def own_part(view: PageView, window: Row) -> Row:
    """Says what a window came to for this merchant: its net amount in smallest coins (None before it is closed), and
    what it has to do now."""
    msp_id = view.gateway.msp_id
    net = next((one["net_minor"] for one in window.get("net") or () if one["msp_id"] == msp_id), None)
    now = view.gateway.clock()
    payments = [
        {**one, "overdue": one["due_minor"] > 0 and now > window["pay_by"], "remittances": _answerable(one, now)}
        for one in window.get("payments") or ()
        if msp_id in (one["payer_msp"], one["payee_msp"])
    ]
    parts = [(one, part) for one in payments for part in one["remittances"]]
    payable = not window.get("pending_statements") or now > int(window.get("accept_by") or 0)
    due = [one for one in payments if one["payer_msp"] == msp_id and one["due_minor"] > 0]
    return {
        "net": net,
        "payable": payable,
        "to_pay": due if payable else [],
        "to_confirm": [part for one, part in parts if one["payee_msp"] == msp_id and part["status"] == "PAID"],
        "to_correct": [part for _, part in parts if _asked_by_other(part, msp_id)]
        if window["status"] == "CLOSED"
        else [],
        "unanswered": [part for one, part in parts if one["payer_msp"] == msp_id and part["unanswered"]],
        "payments": payments,
    }


def _answerable(payment: Row, now: float) -> list[Row]:
    """Returns what is recorded of a payment, each with whether silence can be taken as its confirmation by now."""
    return [
        {**one, "unanswered": one["status"] == "PAID" and now > one["confirm_by"] + DATE_MARGIN_SECONDS}
        for one in payment["remittances"]
    ]


def _asked_by_other(part: Row, msp_id: str) -> bool:
    asked = part["correction"] if part["status"] == "CONFIRMED" else None
    return bool(asked and asked["asked_by"] != msp_id)


def balances(view: PageView, window_id: int) -> list[Row]:
    """Returns what each of the others owes this merchant in a window, what it is owed, and the difference, in
    millionths."""
    own = view.gateway.msp_id
    found: dict[str, Row] = {}
    for one in view.ask("listWindowPositions", window_id=window_id)["items"]:
        pair = (one["issuer_msp"], one["acceptor_msp"])
        if own not in pair or pair == (own, own):
            continue
        other = pair[1] if pair[0] == own else pair[0]
        row = found.setdefault(other, {"msp_id": other, "owed": 0, "owing": 0})
        row["owed" if pair[1] == own else "owing"] += one["value_millionths"]
    return [{**row, "net": row["owed"] - row["owing"]} for _, row in sorted(found.items())]
