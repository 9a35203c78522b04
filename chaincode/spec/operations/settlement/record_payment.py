"""RecordPayment: the payer records that it paid, with the reference of its bank's payment. DUE becomes PAID.

Windows are paid in order, and only after every statement is accepted.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.settling import closed_window, earlier_settled, payment_between, statements_done
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.window import Payment

NAME = "RecordPayment"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"payee_msp": fields.MSP_ID, "reference": fields.REFERENCE, "window_id": fields.WINDOW_ID}
RESULT = {"payment": Payment, "window_id": int}
REFUSES = (
    "UNKNOWN_WINDOW",
    "WINDOW_NOT_CLOSED",
    "WINDOW_OUT_OF_ORDER",
    "STATEMENTS_PENDING",
    "UNKNOWN_PAYMENT",
    "PAYMENT_NOT_DUE",
)
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.CURRENT_WINDOW)
    found.writes.add(keys.window(args["window_id"]))
    found.ranges.add("window/")


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.window(args["window_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    window_id = args["window_id"]
    window = closed_window(view, window_id)
    if not earlier_settled(view, window):
        raise Refusal("WINDOW_OUT_OF_ORDER", f"window {window['pays_after']} is not settled")
    if not statements_done(window, context.now):
        raise Refusal("STATEMENTS_PENDING", f"{window['pending_statements']} of window {window_id}")
    payment = payment_between(window, context.msp_id, args["payee_msp"])
    if payment["status"] != "DUE":
        raise Refusal("PAYMENT_NOT_DUE", payment["status"])
    payment.update(paid_at=context.now, reference=args["reference"], status="PAID")
    view.put(keys.window(window_id), window)
    return {"payment": payment, "window_id": window_id}
