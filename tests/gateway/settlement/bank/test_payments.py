"""What is due is what the ledger says, and an answer of the payee's changes nothing of the order for the rest."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.settlement.bank.pain001 import write_pain001
from gateway.settlement.bank.payments import payments_of
from tests.scenes.bank_payments import CLOSED_AT, order


def window(*remittances: dict[str, Any]) -> dict[str, Any]:
    """A window with one payment of northstar's to harbor, of 700.12, as the ledger has it."""
    payment = {
        "amount_minor": 70_012,
        "payee_msp": "harbor",
        "payer_msp": "northstar",
        "remittances": list(remittances),
    }
    return {"closed_at": CLOSED_AT, "payments": [payment], "window_id": 7}


def part(status: str, **more: Any) -> dict[str, Any]:
    """A remittance of 500.00."""
    known = {
        "amount_minor": 50_000,
        "confirmed_at": None,
        "ended_at": None,
        "paid_at": CLOSED_AT + 60,
        "reference": "r",
    }
    return {**known, "status": status, **more}


@pytest.mark.parametrize(
    ("status", "due"),
    [("PAID", 20_012), ("CONFIRMED", 20_012), ("REJECTED", 70_012), ("RETRACTED", 70_012), ("REVERSED", 70_012)],
)
def test_what_counts_is_no_longer_due(status: str, due: int) -> None:
    (payment,) = payments_of(window(part(status)), {"northstar": "ab" * 32})
    assert payment.due_minor == due


def test_a_confirmation_leaves_the_order_for_the_rest_as_it_is() -> None:
    exported = []
    for recorded in (part("PAID"), part("CONFIRMED", confirmed_at=CLOSED_AT + 9_000)):
        exported.append(write_pain001(order(*payments_of(window(recorded), {"northstar": "ab" * 32}))))
    assert exported[0] == exported[1]


def test_the_order_is_dated_by_what_changed_what_is_due() -> None:
    refused = window(part("REJECTED", ended_at=CLOSED_AT + 7_000))
    assert order(*payments_of(refused, {"northstar": "ab" * 32})).created_at == CLOSED_AT + 7_000
    assert order(*payments_of(window(), {"northstar": "ab" * 32})).created_at == CLOSED_AT
