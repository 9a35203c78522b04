"""WithdrawCollateral: a merchant asks for a part of its collateral to be returned. The operator returns it by
ReleaseCollateral; until then it is posted still, and no limit can be granted on it.

The amount takes the place of what was asked before; 0 takes the request back. COLLATERAL_IN_USE: what is neither given
out as limits nor needed otherwise is smaller. Requires: the merchant, as long as it has not left.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.collateral import account_of, free, key_of, put_account
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.cover import Cover
from chaincode.spec.nouns.fund import Collateral
from chaincode.spec.nouns.merchant import PRESENT, merchant

NAME = "WithdrawCollateral"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"account": fields.COLLATERAL_ACCOUNT, "amount_millionths": fields.MILLIONTHS}
RESULT = {"collateral": Cover | Collateral}
REFUSES = ("UNKNOWN_MERCHANT", "MERCHANT_NOT_ACTIVE", "COLLATERAL_IN_USE")
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    found.writes.add(key_of(args["account"], speaker.msp_id))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.merchant(context.msp_id), key_of(args["account"], context.msp_id)]


def apply(view: View, context: Context, args: Json) -> Json:
    merchant(view, context.msp_id, PRESENT)
    collateral = account_of(view, args["account"], context.msp_id)
    collateral["returning_millionths"] = 0
    if args["amount_millionths"] > free(collateral):
        raise Refusal(
            "COLLATERAL_IN_USE",
            f"{context.msp_id} {args['account']}: free {free(collateral)}, asked {args['amount_millionths']}",
        )
    if collateral["posted_millionths"]:
        collateral["returning_millionths"] = args["amount_millionths"]
        put_account(view, args["account"], context.msp_id, collateral)
    return {"collateral": collateral}
