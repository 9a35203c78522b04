"""RetractPayment: the payer takes back what it recorded wrongly under a reference, while the payee has not answered.
PAID becomes RETRACTED, and the amount is due again.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.settling import (
    closed_window,
    end,
    payment_between,
    put_payment,
    unanswered,
)
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.window import Payment

NAME = "RetractPayment"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"payee_msp": fields.MSP_ID, "reference": fields.REFERENCE, "window_id": fields.WINDOW_ID}
RESULT = {"payment": Payment, "window_id": int, "window_status": str}
REFUSES = ("UNKNOWN_WINDOW", "WINDOW_NOT_CLOSED", "UNKNOWN_PAYMENT", "PAYMENT_NOT_PAID", "PAYMENT_REFERENCE_MISMATCH")
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.CURRENT_WINDOW)
    found.writes.add(keys.window(args["window_id"]))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.window(args["window_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    window = closed_window(view, args["window_id"])
    payment = payment_between(window, context.msp_id, args["payee_msp"])
    end(unanswered(payment, args["reference"]), context.now, "RETRACTED")
    return put_payment(view, window, payment)
