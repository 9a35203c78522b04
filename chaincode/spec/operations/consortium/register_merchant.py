"""RegisterMerchant: invites an organisation into the consortium. INVITED, it owes and may do nothing; its own admin
makes it ACTIVE by JoinConsortium.

`invited_until` is `INVITATION_DAYS` after `now`; null once it joined. An invitation that lapsed or was withdrawn counts
for nothing and can be made anew. Requires: an operator's admin.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.consortium import require_operator
from chaincode.spec.nouns.merchant import Merchant, invitation

NAME = "RegisterMerchant"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN,)
ARGUMENTS = {"msp_id": fields.MSP_ID, "name": fields.NAME}
RESULT = {"merchant": Merchant}
REFUSES = ("NOT_OPERATOR", "MERCHANT_EXISTS", "TOO_MANY_MERCHANTS")
CREATES = ("merchant",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.merchant(args["msp_id"]))
    found.ranges.add("merchant/")


def apply(view: View, context: Context, args: Json) -> Json:
    require_operator(context)
    msp_id = args["msp_id"]
    merchant = invitation(view, context, msp_id, args["name"])
    view.put(keys.merchant(msp_id), merchant)
    return {"merchant": merchant}
