"""Payments of a window and the accounts that they are paid into, for tests of the bank loop."""

from __future__ import annotations

import datetime
from dataclasses import replace

from gateway.settlement.bank.bank_accounts import BankAccount, BankAccounts
from gateway.settlement.bank.instructions import PaymentOrder, SettlementTerms, order_payments
from gateway.settlement.bank.payments import Payment, Remittance

CLOSED_AT = 1_773_100_800
"""2026-03-10, 00:00 UTC."""
EXECUTION_DAY = datetime.date(2026, 3, 12)
SHANGHAI = {"name": "Asia/Shanghai", "offsets": [[0, 28_800]]}
YUAN = SettlementTerms("6e" * 32, "CNY", 2, SHANGHAI)
ACCOUNTS = {
    "northstar": BankAccount(name="北极星书店有限公司", account="6222020200112233445", cnaps="102100099996"),
    "harbor": BankAccount(name="海港咖啡(上海)有限公司", account="6217001210009876543", cnaps="105290071008"),
    "lotus": BankAccount(
        name="Lotus Tea Ltd", account="DE89370400440532013000", cnaps="104100000004", bic="COBADEFFXXX"
    ),
}


def bank_accounts(**more: BankAccount) -> BankAccounts:
    """The three merchants' accounts, and more or others."""
    return BankAccounts({**ACCOUNTS, **more}, "0" * 64)


def payment(
    payer: str = "northstar", payee: str = "harbor", amount: int = 70_012, window_id: int = 7, *done: Remittance
) -> Payment:
    """A payment of a window, with what is recorded of it."""
    times = [one.paid_at for one in done]
    return Payment(window_id, payer, payee, amount, "ab" * 32, max([CLOSED_AT, *times]), done)


def recorded(amount: int, reference: str, status: str = "PAID", paid_at: int = CLOSED_AT + 3600) -> Remittance:
    """What the payer recorded."""
    return Remittance(amount, reference, paid_at, status)


def with_recorded(paid: Payment, *done: Remittance) -> Payment:
    """A payment after more was recorded of it."""
    times = [one.paid_at for one in done]
    return replace(paid, remittances=(*paid.remittances, *done), dated_at=max([paid.dated_at, *times]))


def order(*payments: Payment, terms: SettlementTerms = YUAN, **more: BankAccount) -> PaymentOrder:
    """What the first one's payer orders of its bank."""
    return order_payments(terms, payments, payments[0].payer_msp, bank_accounts(**more), EXECUTION_DAY)
