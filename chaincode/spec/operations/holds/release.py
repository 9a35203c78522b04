"""Release: ends a hold without capture; its points and what it reserved of limits are free again. Its parties, the
acceptor and the member, may do so at any time (RELEASED; LAPSED once its time is over), anyone else
`DATE_MARGIN_SECONDS` after `expires_at`: the submitter chooses a transaction's date, and so nobody can end another's
hold by dating ahead. The hold that is left says what it was of each class, and pins nothing.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys, limits
from chaincode.spec.kernel.balances import Balance
from chaincode.spec.kernel.calendar import day_number
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.requests import entry_of
from chaincode.spec.kernel.reserving import give_back
from chaincode.spec.kernel.state import View

NAME = "Release"
AUTHORITY = Authority.EITHER
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {"hold_id": fields.OBJECT_ID}
RESULT = {"hold_id": str, "points": int, "status": str}
REFUSES = ("UNKNOWN_HOLD", "HOLD_NOT_RESERVED", "NOT_HOLD_PARTY")
CREATES = ("supply",)


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.hold(args["hold_id"])


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.hold(args["hold_id"]))
    hold = footprint.document_at(keys.hold(args["hold_id"]), look, found)
    if hold is not None:
        footprint.ending(hold, speaker, found)


def apply(view: View, context: Context, args: Json) -> Json:
    key = keys.hold(args["hold_id"])
    hold = view.get(key)
    if hold is None:
        raise Refusal("UNKNOWN_HOLD", args["hold_id"])
    if hold["status"] != "RESERVED":
        raise Refusal("HOLD_NOT_RESERVED", f"{args['hold_id']} {hold['status']}")
    is_party = context.authoriser in (hold["member"], hold["acceptor_msp"])
    if not is_party and context.now <= hold["expires_at"] + limits.DATE_MARGIN_SECONDS:
        raise Refusal("NOT_HOLD_PARTY", context.authoriser)
    balances: dict[str, Balance] = {}
    for pin in hold["pins"]:
        class_id = pin["class_id"]
        if class_id not in balances:
            balances[class_id] = Balance.load(view, class_id, hold["member"], context.today)
        balances[class_id].change(day_number(pin["expires_on"]), 0, -pin["points"])
    for balance in balances.values():
        balance.save(context)
    give_back(view, hold)
    hold["memory"][0].append(entry_of(context))
    hold.update(pins=[], status="LAPSED" if context.now > hold["expires_at"] else "RELEASED")
    view.put(key, hold)
    return {"hold_id": args["hold_id"], "points": hold["points"], "status": hold["status"]}
