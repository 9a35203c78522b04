"""SetMerchantStatus: moves a merchant between ACTIVE, ISSUE_STOPPED, SUSPENDED and RUN_OFF, and from RUN_OFF to EXITED,
from where nothing leads back. From INVITED to EXITED it withdraws an invitation, which can be made anew.

ACTIVE may do all; ISSUE_STOPPED accepts but does not issue; SUSPENDED does neither, and its points cannot be spent;
RUN_OFF does neither, and its points can be spent elsewhere. Who was suspended by vote is reinstated by vote alone: an
operator can only let it leave, by RUN_OFF. Requires: an operator's admin.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.consortium import require_operator
from chaincode.spec.nouns.merchant import ACCEPTING, Merchant

NAME = "SetMerchantStatus"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN,)
LEAVING = ("INVITED", "RUN_OFF")
"""Statuses from which EXITED can be reached."""
ARGUMENTS = {
    "msp_id": fields.MSP_ID,
    "status": fields.choice("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "RUN_OFF", "EXITED"),
}
RESULT = {"merchant": Merchant}
REFUSES = ("NOT_OPERATOR", "UNKNOWN_MERCHANT", "STATUS_TRANSITION")
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.merchant(args["msp_id"]))


def apply(view: View, context: Context, args: Json) -> Json:
    require_operator(context)
    key = keys.merchant(args["msp_id"])
    merchant = view.get(key)
    if merchant is None:
        raise Refusal("UNKNOWN_MERCHANT", args["msp_id"])
    old, new = merchant["status"], args["status"]
    if old == "EXITED" or (old == "INVITED" and new != "EXITED") or (new == "EXITED" and old not in LEAVING):
        raise Refusal("STATUS_TRANSITION", f"from {old} to {new}")
    if merchant["suspended_by"] is not None and new in ACCEPTING:
        raise Refusal("STATUS_TRANSITION", f"suspended by vote {merchant['suspended_by']}, reinstated by vote alone")
    merchant["status"] = new
    view.put(key, merchant)
    return {"merchant": merchant}
