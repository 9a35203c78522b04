"""Issue: the issuer gives points of its class to an account, of which what the account owes of the class is paid first.

`available_on` (default: when the class's waiting days are over) is the first day on which they can be spent. Requires:
an ACTIVE merchant, its own ACTIVE class.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys
from chaincode.spec.kernel.calendar import add_days, day_number
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.issuing import issue
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.issuance import NewIssuance
from chaincode.spec.nouns.member import require_receiving
from chaincode.spec.nouns.point_class import issuing_class

NAME = "Issue"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.MARKETING)
ARGUMENTS = {
    "address": fields.ADDRESS,
    "available_on": fields.optional(fields.DATE),
    "class_id": fields.CLASS_ID,
    "points": fields.POSITIVE_POINTS,
    "reason": fields.optional(fields.REASON),
}
RESULT = {"issuance": NewIssuance}
REFUSES = (
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "UNKNOWN_CLASS",
    "NOT_ISSUER",
    "CLASS_STOPPED",
    "NOT_ENROLLED",
    "MEMBER_NOT_ACTIVE",
    "EXPIRES_BEFORE_AVAILABLE",
    "TOO_MANY_BUCKETS",
    "OVERFLOW",
)
CREATES = ("balance", "supply")


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.balance(args["class_id"], args["address"])


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    footprint.issuing(args, speaker, found, args["address"])


def apply(view: View, context: Context, args: Json) -> Json:
    found = issuing_class(view, context, args["class_id"])
    require_receiving(view, found, args["address"])
    wanted = day_number(args.get("available_on"))
    available = add_days(context.today, found["waiting_days"]) if wanted is None else max(wanted, context.today)
    return {"issuance": issue(view, context, found, args["address"], args["points"], available=available)}
