"""ConfirmUnanswered: the payee has not answered what the payer recorded under a reference, and its time is over, with
DATE_MARGIN_SECONDS: silence counts as confirmation. PAID becomes CONFIRMED as by ConfirmPayment, by SILENCE. Requires:
an operator, or a merchant that takes part.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.limits import DATE_MARGIN_SECONDS
from chaincode.spec.kernel.settling import (
    closed_window,
    confirm,
    payment_between,
    put_payment,
    unanswered,
)
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.merchant import require_participant
from chaincode.spec.nouns.window import Payment

NAME = "ConfirmUnanswered"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "payee_msp": fields.MSP_ID,
    "payer_msp": fields.MSP_ID,
    "reference": fields.REFERENCE,
    "window_id": fields.WINDOW_ID,
}
RESULT = {"payment": Payment, "window_id": int, "window_status": str}
REFUSES = (
    "NOT_PARTICIPANT",
    "UNKNOWN_WINDOW",
    "WINDOW_NOT_CLOSED",
    "UNKNOWN_PAYMENT",
    "PAYMENT_NOT_PAID",
    "PAYMENT_REFERENCE_MISMATCH",
    "CONFIRMATION_TOO_SOON",
)
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    found.writes.update((keys.CURRENT_WINDOW, keys.window(args["window_id"])))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.merchant(context.msp_id), keys.window(args["window_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    require_participant(view, context)
    window = closed_window(view, args["window_id"])
    payment = payment_between(window, args["payer_msp"], args["payee_msp"])
    remittance = unanswered(payment, args["reference"])
    answered_by = remittance["confirm_by"] + DATE_MARGIN_SECONDS
    if context.now <= answered_by:
        raise Refusal("CONFIRMATION_TOO_SOON", f"{args['payee_msp']} can answer until {answered_by}")
    confirm(remittance, context.now, "SILENCE")
    return put_payment(view, window, payment)
