"""Hold: a member reserves points for an acceptor until `expires_at` (Unix seconds); the points are chosen now and
pinned, and room for their value in the issuers' limits is reserved (`reserving`).

Pinned points are neither spent nor expired, and are captured even when their last day passes meanwhile or a limit is
lowered: that is what the hold is for.
"""

from __future__ import annotations

from chaincode.spec.kernel import exposure, fields, footprint, keys, limits
from chaincode.spec.kernel.balances import Balance, choose
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY, date_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.requests import entry_of
from chaincode.spec.kernel.reserving import amounts_of, reserve, shard_of
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.hold import HoldRecord
from chaincode.spec.nouns.member import require_spending
from chaincode.spec.nouns.merchant import ACCEPTING, merchant
from chaincode.spec.nouns.point_class import spendable_classes

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
RESULT = {"hold": HoldRecord}
REFUSES = (
    "TIME_BEFORE_WINDOW",
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "UNKNOWN_CLASS",
    "NOT_ACCEPTED",
    "ISSUER_NOT_HONOURED",
    "MEMBER_NOT_ACTIVE",
    "INSUFFICIENT_POINTS",
    "TOO_MANY_BUCKETS",
    "HOLD_TOO_LONG",
    "CAP_EXCEEDED",
    "COVER_EXCEEDED",
    "WINDOW_FULL",
    "OVERFLOW",
)
CREATES = ("hold", "supply", "limit")


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.hold(f"{authoriser}/{request_id}")


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    acceptor_msp = args["acceptor_msp"]
    found.reads.update((keys.merchant(acceptor_msp), keys.member(speaker.authoriser)))
    current = footprint.document_at(keys.CURRENT_WINDOW, look, found)
    shard = shard_of(acceptor_msp, speaker.msp_id, speaker.shard)
    for class_id in args["class_ids"]:
        footprint.changing(class_id, [speaker.authoriser], speaker, found)
        issuer = footprint.issuer_at(class_id, look, found)
        if issuer is not None and issuer != acceptor_msp:
            found.writes.add(keys.limit(issuer, acceptor_msp, shard))
            if current is not None:
                found.reads.update(exposure.positions(current, issuer, acceptor_msp, shard))
    found.writes.add(keys.hold(speaker.new_id))


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.CURRENT_WINDOW,
        keys.merchant(args["acceptor_msp"]),
        keys.member(context.authoriser),
        *(keys.point_class(class_id) for class_id in args["class_ids"]),
        *(keys.balance(class_id, context.authoriser) for class_id in args["class_ids"]),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    window = current_window(view, context)
    acceptor_msp, member = args["acceptor_msp"], context.authoriser
    merchant(view, acceptor_msp, ACCEPTING)
    classes = {found["class_id"]: found for found in spendable_classes(view, context, args["class_ids"], acceptor_msp)}
    require_spending(view, member)
    balances = [Balance.load(view, class_id, member, context.today) for class_id in args["class_ids"]]
    pins = []
    for balance, expires, points in choose(balances, args["points"]):
        pins.append({"class_id": balance.class_id, "expires_on": date_of(expires), "points": points})
        balance.change(expires, 0, points)
    if len(pins) > limits.DRAWS_PER_REDEMPTION_MAX:
        raise Refusal("TOO_MANY_BUCKETS", f"the hold pins {len(pins)} buckets")
    if not context.now < args["expires_at"] <= context.now + limits.HOLD_DAYS_MAX * SECONDS_PER_DAY:
        raise Refusal("HOLD_TOO_LONG", f"now {context.now}, expires_at {args['expires_at']}")
    for balance in balances:
        if any(pin["class_id"] == balance.class_id for pin in pins):
            balance.save(context)
    hold = {
        "acceptor_msp": acceptor_msp,
        "amounts": amounts_of(pins, classes),
        "captured_points": 0,
        "expires_at": args["expires_at"],
        "hold_id": context.new_id,
        "member": member,
        "order_ref": args["order_ref"],
        "pins": pins,
        "points": args["points"],
        "redemption_id": None,
        "shard": shard_of(acceptor_msp, context.msp_id, context.shard),
        "status": "RESERVED",
    }
    reserve(view, context, window, hold)
    view.put(keys.hold(context.new_id), {**hold, "memory": [[entry_of(context)], 0]})
    return {"hold": hold}
