"""Issue: the issuer gives points of its class to an account, as one new lot.

`available_on` (default today) is the first day on which they can be spent. Requires: an ACTIVE merchant, its own ACTIVE class. Refuses: UNKNOWN_MERCHANT,
MERCHANT_NOT_ACTIVE, UNKNOWN_CLASS, NOT_ISSUER, CLASS_STOPPED, NOT_ENROLLED, MEMBER_NOT_ACTIVE,
EXPIRES_BEFORE_AVAILABLE, LOT_EXISTS, TOO_MANY_LOTS, OVERFLOW.
"""

from __future__ import annotations

from chaincode.spec import fields, footprint
from chaincode.spec.canonical import Json
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.issuing import issue_lot, issue_prefetch
from chaincode.spec.nouns import issuing_class, require_receiving
from chaincode.spec.state import View

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


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    footprint.issuing(args, speaker, found, args["address"])


def prefetch(args: Json, context: Context) -> list[str]:
    return issue_prefetch(context, args["class_id"], args["address"])


def apply(view: View, context: Context, args: Json) -> Json:
    found = issuing_class(view, context, args["class_id"])
    require_receiving(view, found, args["address"])
    available_on = max(args.get("available_on") or context.today, context.today)
    return {"lot": issue_lot(view, context, found, args["address"], args["points"], available_on=available_on)}
