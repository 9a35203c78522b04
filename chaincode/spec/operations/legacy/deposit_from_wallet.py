"""DepositFromWallet: a member brings points back into the custody account of a legacy reference, from where the issuer
credits the legacy system.

Requires: the issuer itself relays the member's operation.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.fields import LEGACY_PREFIX
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.member import require_spending
from chaincode.spec.nouns.merchant import HONOURED, merchant
from chaincode.spec.nouns.point_class import own_class
from chaincode.spec.operations.legacy.withdraw_to_wallet import between, require_reference

NAME = "DepositFromWallet"
AUTHORITY = Authority.MEMBER
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {"class_id": fields.CLASS_ID, "points": fields.POSITIVE_POINTS, "reference_hash": fields.HASH}
RESULT = {"address": str, "points": int, "reference_hash": str}
REFUSES = (
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "UNKNOWN_CLASS",
    "NOT_ISSUER",
    "MEMBER_NOT_ACTIVE",
    "UNKNOWN_REFERENCE",
    "INSUFFICIENT_POINTS",
    "TOO_MANY_BUCKETS",
    "OVERFLOW",
)
CREATES = ("balance", "supply")


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.balance(args["class_id"], authoriser)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    footprint.mapping(args, speaker.authoriser, speaker, found)


def prefetch(args: Json, context: Context) -> list[str]:
    class_id = args["class_id"]
    return [
        keys.merchant(context.msp_id),
        keys.point_class(class_id),
        keys.member(context.authoriser),
        keys.legacy(class_id, args["reference_hash"]),
        keys.balance(class_id, LEGACY_PREFIX + args["reference_hash"]),
        keys.balance(class_id, context.authoriser),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    merchant(view, context.msp_id, HONOURED)
    class_id, reference_hash, points = args["class_id"], args["reference_hash"], args["points"]
    own_class(view, context, class_id)
    require_spending(view, context.authoriser)
    require_reference(view, class_id, reference_hash)
    between(view, context, class_id, context.authoriser, LEGACY_PREFIX + reference_hash, points)
    return {"address": context.authoriser, "points": points, "reference_hash": reference_hash}
