"""ConfirmPayment: the payee confirms what it received under the reference that the payer recorded. PAID becomes
CONFIRMED; the payment is CONFIRMED when nothing of it is due or unanswered, and the last one settles the window.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.settling import (
    closed_window,
    confirm,
    payment_between,
    put_payment,
    unanswered,
)
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.window import Payment

NAME = "ConfirmPayment"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"payer_msp": fields.MSP_ID, "reference": fields.REFERENCE, "window_id": fields.WINDOW_ID}
RESULT = {"payment": Payment, "window_id": int, "window_status": str}
REFUSES = ("UNKNOWN_WINDOW", "WINDOW_NOT_CLOSED", "UNKNOWN_PAYMENT", "PAYMENT_NOT_PAID", "PAYMENT_REFERENCE_MISMATCH")
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update((keys.CURRENT_WINDOW, keys.window(args["window_id"])))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.window(args["window_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    window = closed_window(view, args["window_id"])
    payment = payment_between(window, args["payer_msp"], context.msp_id)
    confirm(unanswered(payment, args["reference"]), context.now, "ANSWER")
    return put_payment(view, window, payment)
