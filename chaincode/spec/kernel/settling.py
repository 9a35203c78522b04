"""Windows on their way from CUT to SETTLED: loading them with the fitting refusal, and their order.

A window with payments is paid when every one before it is; `pays_after` names the nearest such one, so nobody looks
through those without. One without payments is SETTLED when it is closed: it waits for none, and none waits for it.
"""

from __future__ import annotations

import hashlib

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.netting import payments
from chaincode.spec.kernel.state import View

NETTING = ("CUT", "CLOSING")
"""Statuses of a window that CloseWindow has still to do with."""


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


def due_payments(net: dict[str, int]) -> list[Json]:
    """The payments of a window by its net positions, as nobody has paid any."""
    return [
        {
            "amount_minor": amount,
            "confirmed_at": None,
            "paid_at": None,
            "payee_msp": payee,
            "payer_msp": payer,
            "reference": None,
            "status": "DUE",
        }
        for payer, payee, amount in payments(net)
    ]


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
    current["unsettled"].remove(window["window_id"])
    view.put(keys.CURRENT_WINDOW, current)


def statements_done(window: Json, now: int) -> bool:
    """Whether every statement is accepted, by its merchant or by the deadline having passed without an answer."""
    return bool(window["pending_statements"] == 0 or now > window["accept_by"])


def earlier_settled(view: View, window: Json) -> bool:
    """Whether no window before this one has payments left. They are paid in order, so the nearest one with payments
    tells it."""
    before = window["pays_after"]
    return bool(before is None or view.get(keys.window(before))["status"] == "SETTLED")


def payment_between(window: Json, payer_msp: str, payee_msp: str) -> Json:
    """The window's payment from one merchant to the other. UNKNOWN_PAYMENT."""
    for payment in window["payments"]:
        if (payment["payer_msp"], payment["payee_msp"]) == (payer_msp, payee_msp):
            return payment
    raise Refusal("UNKNOWN_PAYMENT", f"{payer_msp} to {payee_msp}")
