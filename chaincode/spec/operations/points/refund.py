"""Refund: the acceptor takes back a redemption, whole or `points` of it; the points return where they were drawn, with
their last days.

A part returns the draws in the reverse of the order in which they were drawn, so that what lives longest comes back
first. Points whose last day has passed meanwhile come back with the grace days of their class, and the receipt says so.
The obligation falls in the open window by the exact value, in the lane of the redemption: closed windows are never
edited. What outweighs the lane's redemptions in this window, as a refund in a later window does, the acceptor comes to
owe the issuer, within the limit that it granted that one. MERCHANT_NOT_ACTIVE: exited, or the last day
of its run-off is over. ISSUER_NOT_HONOURED: among what would come back are points that can never be spent again, as their
issuer's run-off is over: nothing of it is owed anew. NOT_REFUNDABLE: an exchange, or the consortium's `refund_days`
after the redemption's day are over. REDEMPTION_DISPUTED: what is left of an issuer's points would be worth less than
what it disputes, or what was upheld: that it does not pay, so it is owed back by nobody, and the issuer itself may issue
points for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from chaincode.spec.kernel import fields, footprint, keys
from chaincode.spec.kernel.balances import Balance, is_expired
from chaincode.spec.kernel.calendar import add_days, date_of, day_number
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.counters import count
from chaincode.spec.kernel.disputing import minor_unit, owed_of, withheld
from chaincode.spec.kernel.exposure import add_refunded
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.redemptions import last_refund_day, redemption_of, stored
from chaincode.spec.kernel.requests import entry_of, memory_at
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns import Date
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.merchant import PRESENT, merchant, require_acceptor, run_off_over
from chaincode.spec.nouns.point_class import point_class, require_not_over

NAME = "Refund"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {"points": fields.optional(fields.POSITIVE_POINTS), "redemption_id": fields.OBJECT_ID}


class Returned(TypedDict):
    """What came back into one bucket."""

    class_id: str
    drawn_expires_on: Date | None  # null: never
    expires_on: Date | None  # null: never
    points: int
    value_millionths: int


RESULT = {
    "member": str,
    "points": int,
    "redemption_id": str,
    "returned": list[Returned],
    "value_millionths": int,
    "window_id": int,
}
REFUSES = (
    "TIME_BEFORE_WINDOW",
    "NOT_ACCEPTOR",
    "MERCHANT_NOT_ACTIVE",
    "ISSUER_NOT_HONOURED",
    "TOO_MANY_BUCKETS",
    "UNKNOWN_REDEMPTION",
    "NOT_REFUNDABLE",
    "REFUND_EXCEEDS_REDEMPTION",
    "REDEMPTION_DISPUTED",
    "CAP_EXCEEDED",
    "COVER_EXCEEDED",
    "WINDOW_FULL",
    "OVERFLOW",
)
CREATES = ("balance", "supply", "position")


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.redemption(args["redemption_id"])


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.redemption(args["redemption_id"]))
    document = footprint.document_at(keys.redemption(args["redemption_id"]), look, found)
    redemption = redemption_of(document, args["redemption_id"])
    if redemption is not None:
        class_ids = {draw["class_id"] for draw in redemption["draws"]}
        footprint.spending(class_ids, redemption["member"], speaker, look, found, redemption["shard"])
        found.reads.update(keys.dispute(args["redemption_id"], draw["issuer_msp"]) for draw in redemption["draws"])
    else:
        found.reads.update((keys.CURRENT_WINDOW, keys.merchant(speaker.msp_id)))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.CURRENT_WINDOW, keys.merchant(context.msp_id), keys.redemption(args["redemption_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    window = current_window(view, context)
    key = keys.redemption(args["redemption_id"])
    redemption, memory = redemption_of(view.get(key), args["redemption_id"]), memory_at(view, key)
    if redemption is None:
        raise Refusal("UNKNOWN_REDEMPTION", args["redemption_id"])
    require_acceptor(context, redemption["acceptor_msp"])
    if run_off_over(merchant(view, context.msp_id, PRESENT), context.today):
        raise Refusal("MERCHANT_NOT_ACTIVE", f"{context.msp_id} RUN_OFF, whose last day is over")
    if redemption["kind"] == "EXCHANGE":
        raise Refusal("NOT_REFUNDABLE", args["redemption_id"])
    last_day = last_refund_day(redemption["redeemed_on"], context.consortium)
    if context.today > last_day:
        raise Refusal("NOT_REFUNDABLE", f"{args['redemption_id']} could be refunded until {date_of(last_day)}")
    left = redemption["points"] - redemption["refunded"]
    points = left if args.get("points") is None else args["points"]
    if points > left or left == 0:
        raise Refusal("REFUND_EXCEEDS_REDEMPTION", f"left {left}, asked {points}")
    member, returned, rest = redemption["member"], [], points
    values: dict[str, int] = {}
    balances: dict[str, Balance] = {}
    for draw in reversed(redemption["draws"]):
        part = min(draw["points"] - draw["refunded"], rest)
        if part == 0:
            continue
        rest -= part
        require_not_over(view.get(keys.merchant(draw["issuer_msp"])), context)
        draw["refunded"] += part
        value = draw["value_millionths"] // draw["points"] * part
        values[draw["issuer_msp"]] = values.get(draw["issuer_msp"], 0) + value
        class_id = draw["class_id"]
        if class_id not in balances:
            balances[class_id] = Balance.load(view, class_id, member, context.today)
        expires = day_number(draw["expires_on"])
        if is_expired(expires, context.today):
            expires = add_days(context.today, point_class(view, class_id)["grace_days"])
        balances[class_id].change(expires, part, 0)
        count(view, context, class_id, "restored", part)
        returned.append(
            {
                "class_id": class_id,
                "drawn_expires_on": draw["expires_on"],
                "expires_on": date_of(expires),
                "points": part,
                "value_millionths": value,
            }
        )
    for balance in balances.values():
        balance.save(context)
    _require_undisputed(view, context, redemption, values)
    redemption["refunded"] += points
    memory.add(context, entry_of(context))
    view.put(key, stored(redemption, memory))
    for issuer_msp in sorted(values):
        if issuer_msp != context.msp_id:
            add_refunded(view, context, window, issuer_msp, redemption["shard"], values[issuer_msp])
    return {
        "member": member,
        "points": points,
        "redemption_id": args["redemption_id"],
        "returned": returned,
        "value_millionths": sum(values.values()),
        "window_id": window["window_id"],
    }


def _require_undisputed(view: View, context: Context, redemption: Json, issuers: Iterable[str]) -> None:
    """REDEMPTION_DISPUTED unless what is left of each issuer's points is worth what it does not pay, or not yet."""
    for issuer_msp in sorted(issuers):
        dispute = view.get(keys.dispute(redemption["redemption_id"], issuer_msp))
        left = owed_of(redemption, issuer_msp)
        if dispute is not None and left < withheld(dispute) * minor_unit(context):
            raise Refusal(
                "REDEMPTION_DISPUTED",
                f"{issuer_msp}: left {left} millionths, disputed {withheld(dispute)} minor units ({dispute['status']})",
            )
