"""ReleaseCollateral: an operator answers a merchant that asked for collateral: with `approve` it has returned it, under
the reference of the payment; else nothing is returned, and the reference says why.

`amount_millionths` is what was asked, so that an operator answers what it has read (COLLATERAL_MISMATCH). Of a merchant
that has left, which can ask for nothing any more, it is what the operator returns of what is free. Requires: an
operator.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.collateral import account_of, free, key_of, put_account
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.consortium import require_operator
from chaincode.spec.nouns.cover import Cover
from chaincode.spec.nouns.fund import Collateral
from chaincode.spec.nouns.merchant import PRESENT, merchant

NAME = "ReleaseCollateral"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "account": fields.COLLATERAL_ACCOUNT,
    "amount_millionths": fields.POSITIVE_MILLIONTHS,
    "approve": fields.BOOLEAN,
    "msp_id": fields.MSP_ID,
    "reference": fields.REFERENCE,
}
RESULT = {"collateral": Cover | Collateral}
REFUSES = (
    "NOT_OPERATOR",
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "COLLATERAL_MISMATCH",
    "COLLATERAL_IN_USE",
)
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(args["msp_id"]))
    found.writes.add(key_of(args["account"], args["msp_id"]))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.merchant(args["msp_id"]), key_of(args["account"], args["msp_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    require_operator(context)
    has_left = merchant(view, args["msp_id"], (*PRESENT, "EXITED"))["status"] == "EXITED"
    collateral = account_of(view, args["account"], args["msp_id"])
    amount, asked = args["amount_millionths"], collateral["returning_millionths"]
    if amount != asked and not (has_left and asked == 0 and args["approve"]):
        raise Refusal("COLLATERAL_MISMATCH", f"{args['msp_id']} {args['account']}: asked {asked}, answered {amount}")
    collateral["returning_millionths"] = 0
    if args["approve"]:
        if amount > free(collateral):
            raise Refusal(
                "COLLATERAL_IN_USE", f"{args['msp_id']} {args['account']}: free {free(collateral)}, asked {amount}"
            )
        collateral["posted_millionths"] -= amount
    put_account(view, args["account"], args["msp_id"], collateral)
    return {"collateral": collateral}
