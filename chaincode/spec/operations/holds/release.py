"""Release: ends a hold without capture; its points are free again. The acceptor or the member may do so at any time (RELEASED), anyone
once its time is over (LAPSED).

Refuses: UNKNOWN_HOLD, HOLD_NOT_RESERVED, NOT_HOLD_PARTY.
"""

from __future__ import annotations

from chaincode.spec import fields, footprint, keys
from chaincode.spec.balances import Balance
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.state import View

NAME = "Release"
AUTHORITY = Authority.EITHER
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {"hold_id": fields.OBJECT_ID}


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.hold(args["hold_id"]))
    hold = footprint.document_at(keys.hold(args["hold_id"]), look, found)
    if hold is not None:
        found.writes.update(keys.balance(pin["class_id"], hold["member"]) for pin in hold["pins"])


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.hold(args["hold_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    key = keys.hold(args["hold_id"])
    hold = view.get(key)
    if hold is None:
        raise Refusal("UNKNOWN_HOLD", args["hold_id"])
    if hold["status"] != "RESERVED":
        raise Refusal("HOLD_NOT_RESERVED", f"{args['hold_id']} {hold['status']}")
    lapsed = context.now > hold["expires_at"]
    if not lapsed and context.authoriser not in (hold["member"], hold["acceptor_msp"]):
        raise Refusal("NOT_HOLD_PARTY", context.authoriser)
    for pin in hold["pins"]:
        balance = Balance.load(view, pin["class_id"], hold["member"])
        balance.change(pin, 0, -pin["points"])
        balance.save()
    hold["status"] = "LAPSED" if lapsed else "RELEASED"
    view.put(key, hold)
    return {"hold_id": args["hold_id"], "points": hold["points"], "status": hold["status"]}
