"""CorrectPayment: payer and payee put right together what is CONFIRMED of a payment.

One asks for the right amount, 0 for none, and the right reference where it is another; when the other asks for the
same, it is so: what stood under `reference` is REVERSED, and the right one CONFIRMED in its place. What is left is due
again. Of one remittance one correction is asked for at a time: another, of either side, takes its place, and asking for
what stands already takes it back. Nothing is corrected in a window that is SETTLED.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.limits import INTEGER_MAX
from chaincode.spec.kernel.settling import (
    add_remittance,
    closed_window,
    confirm,
    end,
    known_window,
    payment_between,
    put_payment,
    require_fitting,
    standing,
)
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.window import Payment

NAME = "CorrectPayment"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "amount_minor": fields.integer(0, INTEGER_MAX),
    "payee_msp": fields.MSP_ID,
    "payer_msp": fields.MSP_ID,
    "reference": fields.REFERENCE,
    "right_reference": fields.optional(fields.REFERENCE),
    "window_id": fields.WINDOW_ID,
}
RESULT = {"payment": Payment, "window_id": int, "window_status": str}
REFUSES = (
    "UNKNOWN_WINDOW",
    "WINDOW_NOT_CLOSED",
    "WINDOW_SETTLED",
    "UNKNOWN_PAYMENT",
    "NOT_PAYMENT_PARTY",
    "PAYMENT_NOT_CONFIRMED",
    "PAYMENT_REFERENCE_USED",
    "PAYMENT_EXCEEDS_DUE",
    "CORRECTION_EMPTY",
)
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update((keys.CURRENT_WINDOW, keys.window(args["window_id"])))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.window(args["window_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    window_id, payer, payee = args["window_id"], args["payer_msp"], args["payee_msp"]
    if known_window(view, window_id)["status"] == "SETTLED":
        raise Refusal("WINDOW_SETTLED", f"window {window_id}: put it right in the open one")
    window = closed_window(view, window_id)
    payment = payment_between(window, payer, payee)
    if context.msp_id not in (payer, payee):
        raise Refusal("NOT_PAYMENT_PARTY", f"{context.msp_id} is neither {payer} nor {payee}")
    remittance = _confirmed(payment, args["reference"])
    right = {"amount_minor": args["amount_minor"], "reference": args.get("right_reference") or args["reference"]}
    require_fitting(payment, **right, besides=[one for one in standing(payment) if one is not remittance])
    asked, other = remittance["correction"], payee if context.msp_id == payer else payer
    if right == {name: remittance[name] for name in right}:
        if asked is None:
            raise Refusal("CORRECTION_EMPTY", f"{right['amount_minor']} with reference {right['reference']}")
        remittance["correction"] = None
    elif asked == {**right, "asked_by": other}:
        end(remittance, context.now, "REVERSED")
        if right["amount_minor"] > 0:
            made = add_remittance(payment, **right, paid_at=remittance["paid_at"], confirm_by=remittance["confirm_by"])
            confirm(made, context.now, "CORRECTION")
    else:
        remittance["correction"] = {**right, "asked_by": context.msp_id}
    return put_payment(view, window, payment)


def _confirmed(payment: Json, reference: str) -> Json:
    """What is CONFIRMED of a payment under a reference. PAYMENT_NOT_CONFIRMED."""
    for remittance in payment["remittances"]:
        if remittance["status"] == "CONFIRMED" and remittance["reference"] == reference:
            return remittance
    raise Refusal("PAYMENT_NOT_CONFIRMED", reference)
