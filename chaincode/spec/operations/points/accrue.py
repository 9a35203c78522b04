"""Accrue: a purchase of `amount_minor` (minor units of the currency) earns points by the class's `earn_rate`, spendable
once its waiting days are over.

What the account owes of the class is paid first. A purchase that earns nothing is accepted and makes no points
(`issuance` is null).
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys
from chaincode.spec.kernel.balances import Balance
from chaincode.spec.kernel.calendar import add_days
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.issuing import issue, points_earned
from chaincode.spec.kernel.limits import INTEGER_MAX
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.issuance import NewIssuance
from chaincode.spec.nouns.member import require_receiving
from chaincode.spec.nouns.point_class import issuing_class

NAME = "Accrue"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {
    "address": fields.ADDRESS,
    "amount_minor": fields.integer(0, INTEGER_MAX),
    "class_id": fields.CLASS_ID,
    "purchase_ref": fields.optional(fields.REFERENCE),
}
RESULT = {"issuance": NewIssuance | None}
REFUSES = (
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "UNKNOWN_CLASS",
    "NOT_ISSUER",
    "CLASS_STOPPED",
    "NO_EARN_RATE",
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
    if found["earn_rate"]["points"] == 0:
        raise Refusal("NO_EARN_RATE", args["class_id"])
    require_receiving(view, found, args["address"])
    points = points_earned(args["amount_minor"], found["earn_rate"])
    if points == 0:
        balance = Balance.load(view, args["class_id"], args["address"], context.today)
        balance.remember(context)
        balance.save(context)
        return {"issuance": None}
    available = add_days(context.today, found["waiting_days"])
    return {"issuance": issue(view, context, found, args["address"], points, available=available)}
