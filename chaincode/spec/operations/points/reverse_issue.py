"""ReverseIssue: the issuer claws back points of one lot from the account it was issued to, as far as they are still there and not held.

Expired and not yet available points can be clawed back too. Refuses: UNKNOWN_CLASS, NOT_ISSUER, UNKNOWN_ISSUANCE, NOT_ISSUED_TO, REVERSAL_EXCEEDS_ISSUE,
INSUFFICIENT_POINTS, OVERFLOW.
"""

from __future__ import annotations

from chaincode.spec import fields, keys
from chaincode.spec.balances import Balance, check_sufficient
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.counters import count
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.issuances import issuance_of, stored
from chaincode.spec.nouns import own_class
from chaincode.spec.state import View

NAME = "ReverseIssue"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "account": fields.ACCOUNT,
    "class_id": fields.CLASS_ID,
    "lot_id": fields.LOT_ID,
    "points": fields.POSITIVE_POINTS,
    "reason": fields.REASON,
}


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    class_id = args["class_id"]
    found.reads.add(keys.point_class(class_id))
    found.writes.update(
        (
            keys.issuance(class_id, args["lot_id"]),
            keys.balance(class_id, args["account"]),
            keys.supply(class_id, speaker.msp_id, speaker.shard),
        )
    )


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.point_class(args["class_id"]),
        keys.issuance(args["class_id"], args["lot_id"]),
        keys.balance(args["class_id"], args["account"]),
        keys.supply(args["class_id"], context.msp_id, context.shard),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    class_id, lot_id, points = args["class_id"], args["lot_id"], args["points"]
    own_class(view, context, class_id)
    key = keys.issuance(class_id, lot_id)
    issuance = issuance_of(view.get(key))
    if issuance is None:
        raise Refusal("UNKNOWN_ISSUANCE", f"{class_id} {lot_id}")
    if issuance["account"] != args["account"]:
        raise Refusal("NOT_ISSUED_TO", args["account"])
    left = issuance["points"] - issuance["reversed"]
    if points > left:
        raise Refusal("REVERSAL_EXCEEDS_ISSUE", f"left {left}, asked {points}")
    balance = Balance.load(view, class_id, args["account"])
    lot = balance.find(lot_id)
    check_sufficient(lot["points"] - lot["held"] if lot else 0, points)
    assert lot is not None
    balance.change(lot, -points, 0)
    balance.save()
    issuance["reversed"] += points
    view.put(key, stored(issuance))
    count(view, context, class_id, "reversed", points)
    return {"class_id": class_id, "lot_id": lot_id, "points": points}
