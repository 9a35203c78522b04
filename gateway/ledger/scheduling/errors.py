"""Errors raised by the scheduler. After each, nothing happened on the ledger."""

from __future__ import annotations

from gateway.ledger.errors import LedgerError


class Busy(LedgerError):
    """The queue is full. Code BUSY; come back after `retry_after_seconds`."""

    def __init__(self, detail: str, retry_after_seconds: float) -> None:
        super().__init__("BUSY", detail, passing=True)
        self.retry_after_seconds = retry_after_seconds


class DeadlinePassed(LedgerError):
    """The operation's deadline passed while it waited in the queue; it was never sent. Code DEADLINE_PASSED."""

    def __init__(self, detail: str) -> None:
        super().__init__("DEADLINE_PASSED", detail)
