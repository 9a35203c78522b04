"""Redeem: a member spends points, of one or several classes alike, at an acceptor for an order.

The points are drawn by earliest last day over all `class_ids`, ties in their order. What other issuers' points are
worth becomes their obligation to the acceptor in the open window, within the limits they granted. Requires: the
acceptor itself relays the member's operation, which is its consent to the order.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys, limits
from chaincode.spec.kernel.balances import Balance, choose
from chaincode.spec.kernel.calendar import date_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.redeeming import draw_record, redeem_draws
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.member import require_spending
from chaincode.spec.nouns.merchant import ACCEPTING, merchant, require_acceptor
from chaincode.spec.nouns.point_class import spendable_classes
from chaincode.spec.nouns.redemption import Redemption

NAME = "Redeem"
AUTHORITY = Authority.MEMBER
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {
    "acceptor_msp": fields.MSP_ID,
    "class_ids": fields.unique(fields.array(fields.CLASS_ID, 1, limits.CLASSES_PER_REDEMPTION_MAX)),
    "order_ref": fields.REFERENCE,
    "points": fields.POSITIVE_POINTS,
}
RESULT = {"redemption": Redemption}
REFUSES = (
    "TIME_BEFORE_WINDOW",
    "NOT_ACCEPTOR",
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "UNKNOWN_CLASS",
    "NOT_ACCEPTED",
    "ISSUER_NOT_HONOURED",
    "MEMBER_NOT_ACTIVE",
    "INSUFFICIENT_POINTS",
    "TOO_MANY_BUCKETS",
    "CAP_EXCEEDED",
    "COVER_EXCEEDED",
    "WINDOW_FULL",
    "OVERFLOW",
)
CREATES = ("redemption", "supply", "position")


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.redemption(f"{authoriser}/{request_id}")


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    footprint.spending(args["class_ids"], speaker.authoriser, speaker, look, found)
    found.reads.add(keys.merchant(args["acceptor_msp"]))
    found.writes.add(keys.redemption(speaker.new_id))


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.CURRENT_WINDOW,
        keys.merchant(args["acceptor_msp"]),
        keys.member(context.authoriser),
        *(keys.point_class(class_id) for class_id in args["class_ids"]),
        *(keys.balance(class_id, context.authoriser) for class_id in args["class_ids"]),
        *(keys.supply(class_id, context.msp_id, context.shard) for class_id in args["class_ids"]),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    window = current_window(view, context)
    acceptor_msp, member = args["acceptor_msp"], context.authoriser
    require_acceptor(context, acceptor_msp)
    merchant(view, acceptor_msp, ACCEPTING)
    classes = {found["class_id"]: found for found in spendable_classes(view, context, args["class_ids"], acceptor_msp)}
    require_spending(view, member)
    balances = [Balance.load(view, class_id, member, context.today) for class_id in args["class_ids"]]
    draws = []
    for balance, expires, points in choose(balances, args["points"]):
        draws.append(draw_record(classes[balance.class_id], date_of(expires), points))
        balance.change(expires, -points, 0)
    redemption = redeem_draws(view, context, window, member, args["order_ref"], draws)
    for balance in balances:
        if any(draw["class_id"] == balance.class_id for draw in draws):
            balance.save(context)
    return {"redemption": redemption}
