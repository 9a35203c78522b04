"""Paying with points: what is reserved for a till."""

from __future__ import annotations

import re

import flask

from chaincode.spec.nouns.merchant import ACCEPTING
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import WALLET
from gateway.pages.frame.page_view import PageView
from gateway.pages.member.addresses import addresses_of, draws_of, facts, frozen_by, held, main_address
from gateway.pages.words.marking import mark

HOLDS_SHOWN = 20
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")


class RedeemContext(Context, template="member/redeem.html"):
    """`draws`: what is drawn in which order; `told_at_till`: the balances that a spoken code can pay with; `shown`: the
    reservation whose code is shown."""

    row: Row | None
    balances: list[Row]
    draws: list[tuple[str, int, str]]
    frozen: str | None
    told_at_till: list[Row]
    open: list[Row]
    ended: list[Row]
    shown: Row | None
    merchants: list[Row]
    facts: Row
    now: int


@WALLET.page("/redeem", name="redeem", title=mark("Pay with points"), label=mark("Pay"), icon="pay")
def redeem(view: PageView) -> flask.typing.ResponseReturnValue:
    """Reserves points for a merchant, whose till takes them by a code; the member sees the reservation and can end
    it."""
    rows = addresses_of(view)
    row = main_address(view, rows)
    shown = _shown(view, row)  # before the list, so that what is shown is in the list too
    holds: list[Row] = []
    if row is not None:
        holds = view.ask_all("listAccountHolds", account=row["address"], status="RESERVED")
        newest = view.ask("listAccountHolds", account=row["address"], limit=HOLDS_SHOWN)["items"]
        holds += [one for one in newest if one["status"] != "RESERVED"]
    balances = held(view, row["address"]) if row else []
    return view.render(
        RedeemContext(
            row=row,
            balances=balances,
            draws=draws_of(view, balances),
            frozen=frozen_by(row),
            told_at_till=[one for one in balances if taken_here(view, one["class_id"])],
            open=[shown_hold(view, one) for one in holds if one["status"] == "RESERVED"],
            ended=[shown_hold(view, one) for one in holds if one["status"] != "RESERVED"][:5],
            shown=None if shown is None else shown_hold(view, shown),
            merchants=[one for one in view.merchants.values() if one["status"] in ACCEPTING],
            facts=facts(view, rows),
            now=view.gateway.clock(),
        )
    )


def taken_here(view: PageView, class_id: str) -> bool:
    """Tells whether this gateway's merchant takes points of the class."""
    takers = view.classes[class_id]["accepted_by"]
    return takers is None or view.gateway.msp_id in (*takers, view.classes[class_id]["issuer_msp"])


def shown_hold(view: PageView, hold: Row) -> Row:
    """Returns a reservation with what it is of, or what was paid: `amount` (None where its classes count in different
    units), `value` in millionths, and the same of each class in `parts`."""
    counted = "captured_points" if hold["status"] == "CAPTURED" else "points"
    taken = {one["class_id"]: one[counted] for one in hold["amounts"] if one[counted]}
    parts = [
        {
            "class_id": class_id,
            "amount": view.speech.points(points, view.classes[class_id]["decimals"]),
            "value": points * view.classes[class_id]["unit_value_millionths"],
        }
        for class_id, points in taken.items()
    ]
    decimals = {view.classes[class_id]["decimals"] for class_id in taken}
    return {
        **hold,
        "amount": view.speech.points(sum(taken.values()), decimals.pop()) if len(decimals) == 1 else None,
        "value": sum(part["value"] for part in parts),
        "digits": view.speech.digits_of_sum(part["value"] for part in parts),
        "parts": parts,
    }


def _shown(view: PageView, row: Row | None) -> Row | None:
    """Returns the reservation whose code is shown; None without one, and for one that the gateway has not seen yet."""
    wanted = view.query.get("hold", "")
    if row is None or not _REQUEST_ID.match(wanted):
        return None
    found = view.maybe("getHoldDetail", authoriser=row["address"], request_id=wanted)
    return None if found is None else found["hold"]
