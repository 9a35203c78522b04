"""SetMemberStatus: the home merchant sets a member ACTIVE, FROZEN (receives, but neither sends nor spends) or CLOSED
(nothing; for ever).

Requires: a home merchant that answers for its members, neither suspended nor gone. STATUS_TRANSITION: from CLOSED.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.member import Member
from chaincode.spec.nouns.merchant import ANSWERING, merchant

NAME = "SetMemberStatus"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY)
ARGUMENTS = {"address": fields.ADDRESS, "status": fields.choice("ACTIVE", "FROZEN", "CLOSED")}
RESULT = {"member": Member}
REFUSES = ("UNKNOWN_MERCHANT", "MERCHANT_NOT_ACTIVE", "STATUS_TRANSITION", "UNKNOWN_MEMBER", "NOT_HOME_MERCHANT")
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    found.writes.add(keys.member(args["address"]))


def apply(view: View, context: Context, args: Json) -> Json:
    merchant(view, context.msp_id, ANSWERING)
    key = keys.member(args["address"])
    member = view.get(key)
    if member is None:
        raise Refusal("UNKNOWN_MEMBER", args["address"])
    if member["home_msp"] != context.msp_id:
        raise Refusal("NOT_HOME_MERCHANT", f"home merchant is {member['home_msp']}")
    if member["status"] == "CLOSED":
        raise Refusal("STATUS_TRANSITION", f"from CLOSED to {args['status']}")
    member["status"] = args["status"]
    view.put(key, member)
    return {"member": member}
