"""RegisterMerchant: takes an organisation into the consortium as an ACTIVE merchant. It starts with no limits: others' points
can be redeemed elsewhere only after SetLimits.

Requires: an operator's admin. Refuses: NOT_OPERATOR, MERCHANT_EXISTS, TOO_MANY_MERCHANTS.
"""

from __future__ import annotations

from chaincode.spec import fields, keys, limits
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.nouns import require_operator
from chaincode.spec.state import View

NAME = "RegisterMerchant"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN,)
ARGUMENTS = {"msp_id": fields.MSP_ID, "name": fields.NAME}


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.merchant(args["msp_id"]))
    found.ranges.add("merchant/")


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.merchant(args["msp_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    require_operator(context)
    key = keys.merchant(args["msp_id"])
    if view.get(key) is not None:
        raise Refusal("MERCHANT_EXISTS", args["msp_id"])
    if len(view.range("merchant/")) >= limits.MERCHANTS_MAX:
        raise Refusal("TOO_MANY_MERCHANTS", f"{limits.MERCHANTS_MAX} merchants")
    merchant = {"msp_id": args["msp_id"], "name": args["name"], "registered_at": context.now, "status": "ACTIVE"}
    view.put(key, merchant)
    return {"merchant": merchant}
