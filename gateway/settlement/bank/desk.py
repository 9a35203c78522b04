"""A merchant's desk for the bank: its gateway's tables and its declared accounts, brought to the pure functions."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chaincode.spec.kernel import keys
from gateway.core.errors import GatewayError
from gateway.projection.lookups import Document
from gateway.projection.queries.settlement import Settlement
from gateway.settlement.bank.amounts import decimals_of
from gateway.settlement.bank.bank_accounts import BankAccounts, load_bank_accounts
from gateway.settlement.bank.instructions import PaymentOrder, SettlementTerms, order_payments
from gateway.settlement.bank.matching import Tolerance
from gateway.settlement.bank.payments import Payment, payments_of
from gateway.settlement.bank.reading import BankFiles, read_bank_files

WINDOWS_MAX = 100
"""Windows that statements are held against: all that are not settled, and so many of the newest."""


class BankDesk:
    """Makes payment orders and reads statements, for one merchant. `folder` is the gateway's, where the accounts are
    declared; they are read anew each time."""

    def __init__(
        self, folder: Path, msp_id: str, settlement: Settlement, document: Document, clock: Callable[[], int]
    ) -> None:
        self._folder = folder
        self._msp_id = msp_id
        self._settlement = settlement
        self._document = document
        self._clock = clock

    def order(
        self, window_id: int, execution_day: datetime.date | None = None, attempt: int = 1
    ) -> tuple[PaymentOrder, BankAccounts]:
        """Orders what this merchant has still to pay for a window; without a day, for the day after the time for
        accepting statements, which is the same in every export. Raises GatewayError OBJECT_UNKNOWN, PAYMENTS_NOT_OPEN,
        NOTHING_TO_PAY, BANK_ACCOUNT_MISSING, BANK_ACCOUNTS_INVALID."""
        window = self._settlement.window(window_id).document
        if "payments" not in window:
            raise GatewayError("PAYMENTS_NOT_OPEN", f"window {window_id} is {window['status']}, not CLOSED")
        pending = window["pending_statements"]
        if pending and self._clock() <= window["accept_by"]:
            raise GatewayError("PAYMENTS_NOT_OPEN", f"{pending} statements of window {window_id} are not accepted yet")
        accounts = load_bank_accounts(self._folder)
        terms = self._terms()
        day = execution_day or terms.day(window["accept_by"]) + datetime.timedelta(days=1)
        return order_payments(terms, self._payments(window), self._msp_id, accounts, day, attempt), accounts

    def read(self, files: Sequence[bytes], tolerance: Tolerance) -> tuple[BankFiles, SettlementTerms, BankAccounts]:
        """Reads what the bank sent, and holds it against this merchant's payments. Raises GatewayError as
        `read_bank_files` and `load_bank_accounts`."""
        accounts, terms = load_bank_accounts(self._folder), self._terms()
        payments = [one for window in self._netted_windows() for one in self._payments(window)]
        return read_bank_files(files, self._msp_id, terms, payments, accounts, tolerance), terms, accounts

    def _payments(self, window: Mapping[str, Any]) -> list[Payment]:
        """The payments of a window with the hashes of its statements."""
        statements = self._settlement.statements(window["window_id"]).items
        return payments_of(window, {one.msp_id: one.statement["sha256"] for one in statements})

    def _netted_windows(self) -> Iterator[Mapping[str, Any]]:
        seen = set()
        for unsettled in (True, False):
            for one in self._settlement.windows(unsettled=unsettled, limit=WINDOWS_MAX).items:
                window = one.document
                if window.get("payments") and window["window_id"] not in seen:
                    seen.add(window["window_id"])
                    yield window

    def _terms(self) -> SettlementTerms:
        consortium = self._document(keys.CONSORTIUM)
        if consortium is None:
            raise GatewayError("OBJECT_UNKNOWN", "the consortium is not open yet")
        currency = consortium["currency"]
        decimals = decimals_of(currency["minor_unit_millionths"])
        return SettlementTerms(consortium["network_id"], currency["code"], decimals, consortium["time_zone"])
