"""The payments of a window, as the bank loop sees them: filled from the ledger's document in this one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COUNTED = ("PAID", "CONFIRMED")
"""Statuses of a remittance that is no longer due."""


@dataclass(frozen=True)
class Remittance:
    """One part of a payment that the payer recorded. `status`: PAID, CONFIRMED, REJECTED, RETRACTED or REVERSED."""

    amount_minor: int
    reference: str
    paid_at: int
    status: str


@dataclass(frozen=True)
class Payment:
    """What one merchant has to pay another for a window. `statement_sha256` is that of the payer's statement;
    `dated_at` the last time, in Unix seconds, at which the ledger changed what is due."""

    window_id: int
    payer_msp: str
    payee_msp: str
    amount_minor: int
    statement_sha256: str
    dated_at: int
    remittances: tuple[Remittance, ...] = ()

    @property
    def due_minor(self) -> int:
        """What is left to be paid."""
        return self.amount_minor - sum(one.amount_minor for one in self.remittances if one.status in COUNTED)


def payments_of(window: Mapping[str, Any], statements: Mapping[str, str]) -> list[Payment]:
    """Returns a closed window's payments; `statements` are the hashes of its statements by merchant."""
    return [_payment(window, one, statements[one["payer_msp"]]) for one in window["payments"]]


def _payment(window: Mapping[str, Any], payment: Mapping[str, Any], statement_sha256: str) -> Payment:
    remittances = payment["remittances"]
    times = [one[name] for one in remittances for name in ("paid_at", "ended_at")]
    return Payment(
        window_id=window["window_id"],
        payer_msp=payment["payer_msp"],
        payee_msp=payment["payee_msp"],
        amount_minor=payment["amount_minor"],
        statement_sha256=statement_sha256,
        dated_at=max(window["closed_at"], *(time for time in times if time is not None), 0),
        remittances=tuple(
            Remittance(one["amount_minor"], one["reference"], one["paid_at"], one["status"]) for one in remittances
        ),
    )
