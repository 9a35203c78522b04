"""JoinConsortium: an invited organisation enters by its own word, and is an ACTIVE merchant from then on. It starts
with no limits: others' points can be redeemed elsewhere only after SetLimits.

Requires: an admin of the organisation itself. UNKNOWN_MERCHANT: it was never invited; MERCHANT_EXISTS: it joined
before; STATUS_TRANSITION: the invitation was withdrawn.
"""

from __future__ import annotations

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.fields import Fields
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.merchant import Merchant, require_place

NAME = "JoinConsortium"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN,)
ARGUMENTS: Fields = {}
RESULT = {"merchant": Merchant}
REFUSES = ("UNKNOWN_MERCHANT", "MERCHANT_EXISTS", "TOO_MANY_MERCHANTS", "STATUS_TRANSITION", "INVITATION_LAPSED")
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.merchant(speaker.msp_id))
    found.ranges.add("merchant/")


def apply(view: View, context: Context, args: Json) -> Json:
    msp_id = context.msp_id
    merchant = view.get(keys.merchant(msp_id))
    if merchant is None:
        raise Refusal("UNKNOWN_MERCHANT", msp_id)
    if merchant["invited_until"] is None:
        raise Refusal("MERCHANT_EXISTS", msp_id)
    require_place(view, context, msp_id)
    if merchant["status"] != "INVITED":
        raise Refusal("STATUS_TRANSITION", f"from {merchant['status']} to ACTIVE")
    if merchant["invited_until"] < context.now:
        raise Refusal("INVITATION_LAPSED", f"now {context.now}, invited until {merchant['invited_until']}")
    merchant.update(invited_until=None, status="ACTIVE")
    view.put(keys.merchant(msp_id), merchant)
    return {"merchant": merchant}
