"""What a merchant has to pay for a window, as an order to its bank: the same each time, until something was recorded."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chaincode.spec.kernel.calendar import day_of
from gateway.core.errors import GatewayError
from gateway.settlement.bank.bank_accounts import BankAccount, BankAccounts
from gateway.settlement.bank.identifiers import end_to_end_id, message_ids, uetr
from gateway.settlement.bank.payments import Payment

YUAN = "CNY"
ATTEMPTS_MAX = 9


@dataclass(frozen=True)
class SettlementTerms:
    """The network whose payments these are, the currency that it settles in, and the time zone of its days, as the
    ledger has it."""

    network_id: str
    currency: str
    decimals: int
    time_zone: Mapping[str, Any] = field(hash=False)

    def day(self, seconds: int) -> datetime.date:
        """Returns the day on which a time falls."""
        return datetime.date.fromisoformat(day_of(seconds, dict(self.time_zone)))


@dataclass(frozen=True)
class Instruction:
    """One payment: whom, how much in minor units, and the names that it bears."""

    end_to_end_id: str
    uetr: str
    payee_msp: str
    payee: BankAccount
    amount_minor: int
    text: str


@dataclass(frozen=True)
class PaymentOrder:
    """What one merchant asks its bank to pay for one window. `created_at` is the time of what is due, in Unix seconds,
    and not that of the export."""

    message_id: str
    payment_information_id: str
    created_at: int
    execution_day: datetime.date
    window_id: int
    payer_msp: str
    payer: BankAccount
    terms: SettlementTerms
    instructions: tuple[Instruction, ...]

    @property
    def total_minor(self) -> int:
        """The sum of all payments."""
        return sum(one.amount_minor for one in self.instructions)


def due_payments(payments: Iterable[Payment]) -> list[Payment]:
    """Returns the payments of which something is left, in the order in which they are ordered: by payee."""
    return sorted((one for one in payments if one.due_minor > 0), key=lambda one: one.payee_msp)


def order_payments(
    terms: SettlementTerms,
    payments: Iterable[Payment],
    payer_msp: str,
    accounts: BankAccounts,
    execution_day: datetime.date,
    attempt: int = 1,
) -> PaymentOrder:
    """Orders what is left of a window's payments of one payer, by payee. Payments of which nothing is left are not in
    it. A message has another name with another `attempt`, and where an account has changed; payments keep theirs.
    Raises GatewayError NOTHING_TO_PAY, BANK_ACCOUNT_MISSING."""
    due = due_payments(one for one in payments if one.payer_msp == payer_msp)
    if not due:
        raise GatewayError("NOTHING_TO_PAY", f"{payer_msp} has recorded all of its payments, or had none")
    needs_cnaps = terms.currency == YUAN
    payer = accounts.require(payer_msp, cnaps=needs_cnaps)
    instructions = tuple(_instruction(terms, one, accounts.require(one.payee_msp, cnaps=needs_cnaps)) for one in due)
    facts = [fact for one in instructions for fact in (one.end_to_end_id, *_place(one.payee))]
    message_id, payment_information_id = message_ids(terms.network_id, attempt, (*_place(payer), *facts))
    return PaymentOrder(
        message_id=message_id,
        payment_information_id=payment_information_id,
        created_at=max(one.dated_at for one in due),
        execution_day=execution_day,
        window_id=due[0].window_id,
        payer_msp=payer_msp,
        payer=payer,
        terms=terms,
        instructions=instructions,
    )


def _place(account: BankAccount) -> tuple[str, str, str]:
    """Where an account is."""
    return account.account, account.cnaps or "", account.bic or ""


def _instruction(terms: SettlementTerms, payment: Payment, payee: BankAccount) -> Instruction:
    name = end_to_end_id(terms.network_id, payment)
    return Instruction(
        end_to_end_id=name,
        uetr=uetr(terms.network_id, name),
        payee_msp=payment.payee_msp,
        payee=payee,
        amount_minor=payment.due_minor,
        text=f"{name} Jifen window {payment.window_id} {payment.payer_msp}",
    )
