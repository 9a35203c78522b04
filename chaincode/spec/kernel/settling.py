"""Windows on their way from CUT to SETTLED: loading them with the fitting refusal, and their payments.

Payments wait for no other pair's and for no other window's. A window is SETTLED when all its payments are CONFIRMED;
one without payments when it is closed.
"""

from __future__ import annotations

import hashlib

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.limits import REMITTANCES_PER_PAYMENT_MAX
from chaincode.spec.kernel.netting import payments
from chaincode.spec.kernel.state import View

NETTING = ("CUT", "CLOSING")
"""Statuses of a window that CloseWindow has still to do with."""
STANDING = ("PAID", "CONFIRMED")
"""Statuses of a remittance that counts."""


def known_window(view: View, window_id: int) -> Json:
    """The window; the open one as `open_window` shows it. UNKNOWN_WINDOW."""
    window = view.get(keys.window(window_id))
    if window is not None:
        return window
    current = view.get(keys.CURRENT_WINDOW)
    if current["window_id"] != window_id:
        raise Refusal("UNKNOWN_WINDOW", str(window_id))
    return open_window(current)


def open_window(current: Json) -> Json:
    """The open window as windows are shown."""
    return {"opened_at": current["opened_at"], "status": "OPEN", "window_id": current["window_id"]}


def closed_window(view: View, window_id: int) -> Json:
    """The window, which must be CLOSED. UNKNOWN_WINDOW, WINDOW_NOT_CLOSED."""
    window = known_window(view, window_id)
    if window["status"] != "CLOSED":
        raise Refusal("WINDOW_NOT_CLOSED", f"window {window_id} is {window['status']}")
    return window


def put_statement(view: View, context: Context, content: Json, pending: bool) -> Json:
    """Stores a statement of this content, which is to be accepted or stands as accepted; gives what names it."""
    statement = {
        "accepted_at": None if pending else context.now,
        "content": content,
        "sha256": hashlib.sha256(encode(content)).hexdigest(),
        "status": "PENDING" if pending else "ACCEPTED",
    }
    view.put(keys.statement(content["window_id"], content["msp_id"]), statement)
    return {"msp_id": content["msp_id"], "sha256": statement["sha256"], "status": statement["status"]}


def settle(view: View, window: Json) -> None:
    """The window is SETTLED: what was owed in it counts no more."""
    window["status"] = "SETTLED"
    current = view.get(keys.CURRENT_WINDOW)
    window_id = window["window_id"]
    current["unsettled"].remove(window_id)
    current["discharged"] = [one for one in current["discharged"] if one["window_id"] != window_id]
    view.put(keys.CURRENT_WINDOW, current)


def statements_done(window: Json, now: int) -> bool:
    """Whether every statement is accepted, by its merchant or by the deadline having passed without an answer."""
    return bool(window["pending_statements"] == 0 or now > window["accept_by"])


def due_payments(net: dict[str, int]) -> list[Json]:
    """Payments of which nothing is recorded yet, that bring all net positions, in minor units, to 0."""
    return [fresh_payment(amount, payee, payer) for payer, payee, amount in payments(net)]


def fresh_payment(amount_minor: int, payee_msp: str, payer_msp: str) -> Json:
    """A payment of which nothing is recorded yet."""
    return {
        "amount_minor": amount_minor,
        "due_minor": amount_minor,
        "payee_msp": payee_msp,
        "payer_msp": payer_msp,
        "remittances": [],
        "status": "DUE",
    }


def overdue(window: Json, now: int) -> list[Json]:
    """The payments of a netted window of which something is due, and its time for paying is over."""
    return [payment for payment in window["payments"] if payment["due_minor"] > 0 and now > window["pay_by"]]


def payment_between(window: Json, payer_msp: str, payee_msp: str) -> Json:
    """The window's payment from one merchant to the other. UNKNOWN_PAYMENT."""
    found = payment_of(window, payer_msp, payee_msp)
    if found is None:
        raise Refusal("UNKNOWN_PAYMENT", f"{payer_msp} to {payee_msp}")
    return found


def payment_of(window: Json, payer_msp: str, payee_msp: str) -> Json | None:
    """The window's payment from one merchant to the other, if there is one."""
    for payment in window["payments"]:
        if (payment["payer_msp"], payment["payee_msp"]) == (payer_msp, payee_msp):
            return payment
    return None


def standing(payment: Json) -> list[Json]:
    """What counts of what is recorded of a payment."""
    return [remittance for remittance in payment["remittances"] if remittance["status"] in STANDING]


def unanswered(payment: Json, reference: str) -> Json:
    """What is recorded of a payment with the reference and not answered by the payee. PAYMENT_NOT_PAID,
    PAYMENT_REFERENCE_MISMATCH."""
    waiting = [remittance for remittance in standing(payment) if remittance["status"] == "PAID"]
    if not waiting:
        raise Refusal("PAYMENT_NOT_PAID", payment["status"])
    for remittance in waiting:
        if remittance["reference"] == reference:
            return remittance
    recorded = ", ".join(remittance["reference"] for remittance in waiting)
    raise Refusal("PAYMENT_REFERENCE_MISMATCH", f"recorded {recorded}")


def confirm(remittance: Json, now: int, confirmed_by: str) -> None:
    """It is CONFIRMED."""
    remittance.update(confirmed_at=now, confirmed_by=confirmed_by, status="CONFIRMED")


def end(remittance: Json, now: int, status: str, reason: str | None = None) -> None:
    """It counts no more: REJECTED, RETRACTED or REVERSED."""
    remittance.update(ended_at=now, reason=reason, status=status)


def require_fitting(payment: Json, amount_minor: int, reference: str, besides: list[Json]) -> None:
    """PAYMENT_REFERENCE_USED, PAYMENT_EXCEEDS_DUE unless so much can stand recorded with the reference beside the
    remittances `besides` of a payment."""
    if any(remittance["reference"] == reference for remittance in besides):
        raise Refusal("PAYMENT_REFERENCE_USED", reference)
    left = payment["amount_minor"] - sum(remittance["amount_minor"] for remittance in besides)
    if amount_minor > left:
        raise Refusal("PAYMENT_EXCEEDS_DUE", f"{left} minor units are due, asked {amount_minor}")


def add_remittance(payment: Json, amount_minor: int, reference: str, paid_at: int, confirm_by: int) -> Json:
    """Adds what is recorded of a payment, PAID, and gives it. Where the list is full, the oldest that does not count
    makes room."""
    remittances = payment["remittances"]
    if len(remittances) == REMITTANCES_PER_PAYMENT_MAX:
        remittances.remove(next(one for one in remittances if one["status"] not in STANDING))
    added = {
        "amount_minor": amount_minor,
        "confirm_by": confirm_by,
        "confirmed_at": None,
        "confirmed_by": None,
        "correction": None,
        "ended_at": None,
        "paid_at": paid_at,
        "reason": None,
        "reference": reference,
        "status": "PAID",
    }
    remittances.append(added)
    return added


def put_payment(view: View, window: Json, payment: Json) -> Json:
    """Works out a payment whose remittances changed, and stores its window. Gives the result of the operation."""
    work_out(payment)
    settle_if_paid(view, window)
    return {"payment": payment, "window_id": window["window_id"], "window_status": window["status"]}


def work_out(payment: Json) -> None:
    """Works out what is left of a payment, and its status."""
    counted = standing(payment)
    payment["due_minor"] = payment["amount_minor"] - sum(remittance["amount_minor"] for remittance in counted)
    if payment["due_minor"] > 0:
        payment["status"] = "DUE"
    else:
        payment["status"] = "PAID" if any(one["status"] == "PAID" for one in counted) else "CONFIRMED"


def settle_if_paid(view: View, window: Json) -> None:
    """Stores a window; with the last of its payments CONFIRMED it is SETTLED."""
    if all(one["status"] == "CONFIRMED" for one in window["payments"]):
        settle(view, window)
    view.put(keys.window(window["window_id"]), window)
