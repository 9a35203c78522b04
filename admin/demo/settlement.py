"""The end of a month: net the cut window, accept the statements, pay and confirm."""

from __future__ import annotations

import datetime
import itertools
from typing import Protocol

from admin.demo.setting import OPERATOR, night, request
from chaincode.spec.kernel.canonical import Json
from gateway.ledger.port import Receipt


class Submit(Protocol):
    """`Replay.submit`."""

    async def __call__(self, msp_id: str, operations: list[Json], now: int) -> tuple[Receipt, ...]: ...


async def settle(submit: Submit, window_id: int, day: datetime.date) -> None:
    """Closes a cut window; every merchant accepts its statement; every payment is recorded by the payer and confirmed
    by the payee."""
    now = night(day)
    closed = await _closed(submit, window_id, now)
    for statement in closed["statements"]:
        if statement["status"] != "PENDING":
            continue
        args = {"sha256": statement["sha256"], "window_id": window_id}
        await submit(statement["msp_id"], [request("AcceptStatement", f"accept-{window_id}", args, now)], now)
    payments = closed["window"]["payments"]
    for payer in dict.fromkeys(payment["payer_msp"] for payment in payments):
        await submit(
            payer,
            [
                request(
                    "RecordPayment", f"pay-{window_id}-{payment['payee_msp']}", _paid(window_id, payment, "payee"), now
                )
                for payment in payments
                if payment["payer_msp"] == payer
            ],
            now,
        )
    for payee in dict.fromkeys(payment["payee_msp"] for payment in payments):
        await submit(
            payee,
            [
                request(
                    "ConfirmPayment",
                    f"confirm-{window_id}-{payment['payer_msp']}",
                    _paid(window_id, payment, "payer"),
                    now,
                )
                for payment in payments
                if payment["payee_msp"] == payee
            ],
            now,
        )


async def _closed(submit: Submit, window_id: int, now: int) -> Json:
    """The result of the last CloseWindow, of as many as the window takes."""
    for part in itertools.count(1):
        request_id = f"close-{window_id}" if part == 1 else f"close-{window_id}-{part}"
        (receipt,) = await submit(OPERATOR, [request("CloseWindow", request_id, {"window_id": window_id}, now)], now)
        if receipt.result["window"]["status"] != "CLOSING":
            return receipt.result
    raise AssertionError("unreachable")


def _paid(window_id: int, payment: Json, other: str) -> Json:
    """The arguments with which one side of a payment names it."""
    reference = f"window {window_id}, {payment['payer_msp']} to {payment['payee_msp']}"
    return {f"{other}_msp": payment[f"{other}_msp"], "reference": reference, "window_id": window_id}
