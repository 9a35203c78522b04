"""Windows on their way from CUT to SETTLED: loading them with the fitting refusal, and the last step."""

from __future__ import annotations

from chaincode.spec import keys
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.state import View


def closed_window(view: View, window_id: int) -> Json:
    """The window, which must be CLOSED. UNKNOWN_WINDOW, WINDOW_NOT_CLOSED."""
    window = view.get(keys.window(window_id))
    if window is None:
        raise Refusal("UNKNOWN_WINDOW", str(window_id))
    if window["status"] != "CLOSED":
        raise Refusal("WINDOW_NOT_CLOSED", f"window {window_id} is {window['status']}")
    return window


def statements_done(window: Json, now: int) -> bool:
    """Whether every statement is accepted, by its merchant or by the deadline having passed without an answer."""
    return bool(window["pending_statements"] == 0 or now > window["accept_by"])


def is_done(window: Json, now: int) -> bool:
    """Whether nothing is left to do in a window: closed, accepted, and every payment confirmed."""
    if window["status"] == "CLOSED":
        return statements_done(window, now) and all(payment["status"] == "CONFIRMED" for payment in window["payments"])
    return bool(window["status"] == "SETTLED")


def earlier_settled(view: View, window_id: int, now: int) -> bool:
    """Whether all windows before `window_id` are done. One stored as SETTLED has only such before it."""
    for earlier in range(window_id - 1, 0, -1):
        window = view.get(keys.window(earlier))
        if window["status"] == "SETTLED":
            return True
        if not is_done(window, now):
            return False
    return True


def save_window(view: View, window: Json, now: int) -> None:
    """Stores the window; windows settle in order, so when it is done and all before it are, it becomes SETTLED, and after it
    those that only waited for it."""
    settled = is_done(window, now) and earlier_settled(view, window["window_id"], now)
    while settled:
        window["status"] = "SETTLED"
        view.put(keys.window(window["window_id"]), window)
        window = view.get(keys.window(window["window_id"] + 1))
        if window is None or window["status"] != "CLOSED" or not is_done(window, now):
            return
    view.put(keys.window(window["window_id"]), window)


def payment_between(window: Json, payer_msp: str, payee_msp: str) -> Json:
    """The window's payment from one merchant to the other. UNKNOWN_PAYMENT."""
    for payment in window["payments"]:
        if (payment["payer_msp"], payment["payee_msp"]) == (payer_msp, payee_msp):
            return payment
    raise Refusal("UNKNOWN_PAYMENT", f"{payer_msp} to {payee_msp}")
