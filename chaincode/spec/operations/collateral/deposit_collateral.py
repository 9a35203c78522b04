"""DepositCollateral: an operator books what a merchant has paid in, with the reference of the payment, to its cover or to
the mutual fund. Requires: an operator.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.collateral import account_of, key_of, put_account
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View, exact
from chaincode.spec.nouns.consortium import require_operator
from chaincode.spec.nouns.cover import Cover
from chaincode.spec.nouns.fund import Collateral
from chaincode.spec.nouns.merchant import PRESENT, merchant

NAME = "DepositCollateral"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "account": fields.COLLATERAL_ACCOUNT,
    "amount_millionths": fields.POSITIVE_MILLIONTHS,
    "msp_id": fields.MSP_ID,
    "reference": fields.REFERENCE,
}
RESULT = {"collateral": Cover | Collateral}
REFUSES = ("NOT_OPERATOR", "UNKNOWN_MERCHANT", "MERCHANT_NOT_ACTIVE", "OVERFLOW")
CREATES = ("cover", "fund")


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(args["msp_id"]))
    found.writes.add(key_of(args["account"], args["msp_id"]))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.merchant(args["msp_id"]), key_of(args["account"], args["msp_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    require_operator(context)
    merchant(view, args["msp_id"], PRESENT)
    collateral = account_of(view, args["account"], args["msp_id"])
    collateral["posted_millionths"] = exact(collateral["posted_millionths"] + args["amount_millionths"])
    put_account(view, args["account"], args["msp_id"], collateral)
    return {"collateral": collateral}
