"""SetMerchantStatus: moves a merchant between ACTIVE, ISSUE_STOPPED, SUSPENDED and RUN_OFF, and from RUN_OFF to EXITED,
from where nothing leads back. From INVITED to EXITED it withdraws an invitation, which can be made anew.

ACTIVE may do all; ISSUE_STOPPED accepts but does not issue; SUSPENDED does neither, and its points cannot be spent;
RUN_OFF does neither, and its points can be spent elsewhere to the end of `run_off_until`, which is announced with it:
`RUN_OFF_DAYS_MIN` to `RUN_OFF_DAYS_MAX` days ahead. RUN_OFF anew puts the day off; it never comes earlier. EXITED comes
when that day is over and nothing of the merchant's is unsettled: no window is CUT or CLOSING, no payment from or to it
is not CONFIRMED, no dispute with it is open or has booked anything in the open window, and that window, whose entries nobody has netted, was opened after its last day, so it has none in
it. Who was suspended by vote is reinstated by vote alone: an operator can only let it leave, by RUN_OFF. Requires: an
operator's admin. INVALID_ARGUMENT: `run_off_until` without RUN_OFF, or RUN_OFF without it.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys
from chaincode.spec.kernel.calendar import day_at, day_number
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.settling import NETTING
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.consortium import require_operator
from chaincode.spec.nouns.merchant import ACCEPTING, Merchant, require_announced, run_off_over

NAME = "SetMerchantStatus"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN,)
LEAVING = ("INVITED", "RUN_OFF")
"""Statuses from which EXITED can be reached."""
ARGUMENTS = {
    "msp_id": fields.MSP_ID,
    "run_off_until": fields.optional(fields.DATE),
    "status": fields.choice("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "RUN_OFF", "EXITED"),
}
RESULT = {"merchant": Merchant}
REFUSES = (
    "INVALID_ARGUMENT",
    "NOT_OPERATOR",
    "UNKNOWN_MERCHANT",
    "STATUS_TRANSITION",
    "RUN_OFF_DAY_OUT_OF_RANGE",
    "RUN_OFF_NOT_OVER",
    "MERCHANT_NOT_SETTLED",
)
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.merchant(args["msp_id"]))
    if args["status"] == "EXITED":
        current = footprint.document_at(keys.CURRENT_WINDOW, look, found)
        if current is not None:
            found.reads.update(keys.window(window_id) for window_id in current["unsettled"])
        found.ranges.add("dispute/")


def apply(view: View, context: Context, args: Json) -> Json:
    if (args["status"] == "RUN_OFF") != (args.get("run_off_until") is not None):
        raise Refusal("INVALID_ARGUMENT", "run_off_until: expected with RUN_OFF, and only there")
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
    if new == "RUN_OFF":
        require_announced(context, merchant["run_off_until"], args["run_off_until"])
    if old == "RUN_OFF" and new == "EXITED":
        _require_settled(view, context, merchant)
    merchant.update(run_off_until=args.get("run_off_until"), status=new)
    view.put(key, merchant)
    return {"merchant": merchant}


def _require_settled(view: View, context: Context, merchant: Json) -> None:
    """RUN_OFF_NOT_OVER, MERCHANT_NOT_SETTLED unless the run-off is over and nothing of the merchant's is unsettled.

    It reads no positions, of which a window has thousands: after the last day nothing but the end of a dispute makes one
    with the merchant."""
    msp_id, until = merchant["msp_id"], merchant["run_off_until"]
    if not run_off_over(merchant, context.today):
        raise Refusal("RUN_OFF_NOT_OVER", f"{msp_id}: its points can be spent until {until}")
    current = view.get(keys.CURRENT_WINDOW)
    for window_id in current["unsettled"]:
        window = view.get(keys.window(window_id))
        if window["status"] in NETTING:
            raise Refusal("MERCHANT_NOT_SETTLED", f"window {window_id} is {window['status']}")
        for payment in window["payments"]:
            if msp_id in (payment["payer_msp"], payment["payee_msp"]) and payment["status"] != "CONFIRMED":
                parties = f"{payment['payer_msp']} to {payment['payee_msp']}"
                raise Refusal("MERCHANT_NOT_SETTLED", f"window {window_id}: {parties} is {payment['status']}")
    for _, dispute in view.range("dispute/"):
        if msp_id in (dispute["issuer_msp"], dispute["acceptor_msp"]) and (
            dispute["closed_at"] is None or dispute["booked_window"] == current["window_id"]
        ):
            told = f"{dispute['redemption_id']}, {dispute['issuer_msp']} with {dispute['acceptor_msp']}"
            raise Refusal("MERCHANT_NOT_SETTLED", f"dispute of {told}, is {dispute['status']}")
    if day_at(current["opened_at"], context.consortium["time_zone"]) <= day_number(until):
        raise Refusal("MERCHANT_NOT_SETTLED", f"window {current['window_id']} was opened before {until} was over")
