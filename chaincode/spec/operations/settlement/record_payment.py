"""RecordPayment: the payer records that it paid, all that is due when no amount is given or a part of it, with the
reference of its bank's payment.

It is PAID until the payee answers; after `confirmation_days` silence counts as confirmation (ConfirmUnanswered). The
payment is DUE while something is left, then PAID. A reference stands once a payment. Of `REMITTANCES_PER_PAYMENT_MAX`
parts the last is all that is left. Once every statement of the window is accepted, payments of a pair wait for nobody
else's, nor for another window's.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.limits import INTEGER_MAX, REMITTANCES_PER_PAYMENT_MAX
from chaincode.spec.kernel.settling import (
    add_remittance,
    closed_window,
    payment_between,
    put_payment,
    require_fitting,
    standing,
    statements_done,
)
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.window import Payment

NAME = "RecordPayment"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "amount_minor": fields.optional(fields.integer(1, INTEGER_MAX)),
    "payee_msp": fields.MSP_ID,
    "reference": fields.REFERENCE,
    "window_id": fields.WINDOW_ID,
}
RESULT = {"payment": Payment, "window_id": int, "window_status": str}
REFUSES = (
    "UNKNOWN_WINDOW",
    "WINDOW_NOT_CLOSED",
    "STATEMENTS_PENDING",
    "UNKNOWN_PAYMENT",
    "PAYMENT_NOT_DUE",
    "TOO_MANY_REMITTANCES",
    "PAYMENT_REFERENCE_USED",
    "PAYMENT_EXCEEDS_DUE",
)
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.CURRENT_WINDOW)
    found.writes.add(keys.window(args["window_id"]))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.window(args["window_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    window_id = args["window_id"]
    window = closed_window(view, window_id)
    if not statements_done(window, context.now):
        raise Refusal("STATEMENTS_PENDING", f"{window['pending_statements']} of window {window_id}")
    payment = payment_between(window, context.msp_id, args["payee_msp"])
    if payment["status"] != "DUE":
        raise Refusal("PAYMENT_NOT_DUE", payment["status"])
    due, counted = payment["due_minor"], standing(payment)
    amount = due if args.get("amount_minor") is None else args["amount_minor"]
    most = REMITTANCES_PER_PAYMENT_MAX
    places = most - len(counted)
    if places == 0 or (places == 1 and amount < due):
        raise Refusal(
            "TOO_MANY_REMITTANCES",
            f"{len(counted)} stand recorded, at most {most} can, the last of them all that is due",
        )
    require_fitting(payment, amount, args["reference"], counted)
    confirm_by = context.now + context.consortium["confirmation_days"] * SECONDS_PER_DAY
    add_remittance(payment, amount, args["reference"], context.now, confirm_by)
    return put_payment(view, window, payment)
