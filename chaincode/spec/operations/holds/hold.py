"""Hold: a member reserves points for an acceptor until `expires_at` (Unix seconds); the lots are chosen now and pinned.

Pinned points are neither spent nor swept by anyone else, and are captured even when their last day passes meanwhile: that is what the hold
is for. Refuses: UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, UNKNOWN_CLASS, NOT_ACCEPTED, ISSUER_NOT_HONOURED, MEMBER_NOT_ACTIVE, INSUFFICIENT_POINTS,
TOO_MANY_LOTS, HOLD_EXISTS (the request_id made a hold before, though its receipt was swept), HOLD_TOO_LONG.
"""

from __future__ import annotations

from chaincode.spec import fields, footprint, keys, limits
from chaincode.spec.balances import Balance, choose, lot_dates
from chaincode.spec.calendar import SECONDS_PER_DAY
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Authority, Context
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.nouns import ACCEPTING, merchant, require_spending, spendable_classes
from chaincode.spec.receipts import HOLD
from chaincode.spec.state import View

NAME = "Hold"
AUTHORITY = Authority.MEMBER
ROLES = ()
ARGUMENTS = {
    "acceptor_msp": fields.MSP_ID,
    "class_ids": fields.unique(fields.array(fields.CLASS_ID, 1, limits.CLASSES_PER_REDEMPTION_MAX)),
    "expires_at": fields.TIMESTAMP,
    "order_ref": fields.REFERENCE,
    "points": fields.POSITIVE_POINTS,
}


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.update((keys.merchant(args["acceptor_msp"]), keys.member(speaker.authoriser)))
    for class_id in args["class_ids"]:
        footprint.issuer_at(class_id, look, found)
        found.writes.add(keys.balance(class_id, speaker.authoriser))
    found.writes.add(keys.hold(speaker.new_id))


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.merchant(args["acceptor_msp"]),
        keys.member(context.authoriser),
        *(keys.point_class(class_id) for class_id in args["class_ids"]),
        *(keys.balance(class_id, context.authoriser) for class_id in args["class_ids"]),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    merchant(view, args["acceptor_msp"], ACCEPTING)
    spendable_classes(view, args["class_ids"], args["acceptor_msp"])
    member = context.authoriser
    require_spending(view, member)
    balances = [Balance.load(view, class_id, member) for class_id in args["class_ids"]]
    pins = []
    for balance, lot, points in choose(balances, args["points"], context.today):
        pins.append({**lot_dates(lot), "class_id": balance.class_id, "points": points})
        balance.change(lot, 0, points)
    if len(pins) > limits.DRAWS_PER_REDEMPTION_MAX:
        raise Refusal("TOO_MANY_LOTS", f"the hold pins {len(pins)} lots")
    if HOLD in context.taken:
        raise Refusal("HOLD_EXISTS", context.new_id)
    if not context.now < args["expires_at"] <= context.now + limits.HOLD_DAYS_MAX * SECONDS_PER_DAY:
        raise Refusal("HOLD_TOO_LONG", f"now {context.now}, expires_at {args['expires_at']}")
    for balance in balances:
        if any(pin["class_id"] == balance.class_id for pin in pins):
            balance.save()
    hold = {
        "acceptor_msp": args["acceptor_msp"],
        "captured_points": 0,
        "expires_at": args["expires_at"],
        "hold_id": context.new_id,
        "member": member,
        "order_ref": args["order_ref"],
        "pins": pins,
        "points": args["points"],
        "redemption_id": None,
        "status": "RESERVED",
    }
    view.put(keys.hold(context.new_id), hold)
    return {"hold": hold}
