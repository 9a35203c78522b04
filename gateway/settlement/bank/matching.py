"""Holds a bank's statements against the payments on the ledger, and proposes what to record, confirm or refuse.

Nothing is done by itself: each proposal names the operations that a person may choose from. A payment is found by its
name (`identifiers`), in the field for it or in the text; without one, amount, day and the other side's account only
propose. Proposals follow from what the ledger has, so a statement that is read again after its operations were carried
out proposes nothing.
"""

from __future__ import annotations

import datetime
import enum
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.settlement.bank.bank_accounts import BankAccounts
from gateway.settlement.bank.camt053 import Item, Statement
from gateway.settlement.bank.identifiers import (
    PaymentId,
    find_payment_ids,
    mark_of,
    request_id,
)
from gateway.settlement.bank.instructions import ATTEMPTS_MAX, YUAN, SettlementTerms, due_payments, order_payments
from gateway.settlement.bank.pain002 import SENT_BEFORE, Refusal
from gateway.settlement.bank.payments import COUNTED, Payment, Remittance


class Verdict(enum.StrEnum):
    """What an entry of a statement, or its absence, comes to."""

    MATCHED = "MATCHED"
    """Name and amount are those of a payment: record it, or confirm it."""
    PROPOSED = "PROPOSED"
    """No name, but amount, day and account are those of one payment alone."""
    AMBIGUOUS = "AMBIGUOUS"
    """They are those of several payments."""
    DIFFERENT = "DIFFERENT"
    """The name is a payment's, the amount is not: a bank on the way took its charges, or somebody mistyped it."""
    REVERSED = "REVERSED"
    """The bank took it back."""
    PAID_TWICE = "PAID_TWICE"
    """The bank paid under one name before."""
    WAITING = "WAITING"
    """It came, and the payer has not recorded it yet."""
    REFUSED = "REFUSED"
    """It went, and the payee refused what was recorded of it."""
    RECORDED = "RECORDED"
    """The ledger has it already."""
    PENDING = "PENDING"
    """The bank has not booked it: it does not count."""
    NOT_CARRIED_OUT = "NOT_CARRIED_OUT"
    """The bank says that it refused the order."""
    NOT_RECEIVED = "NOT_RECEIVED"
    """The payer recorded it, and the statements of these days do not have it."""


@dataclass(frozen=True)
class Tolerance:
    """How far an entry without a name may be from a payment and still be proposed for it."""

    days: int = 3
    amount_minor: int = 0


@dataclass(frozen=True)
class Choice:
    """An operation that a person may send; its request_id follows from what it does."""

    op: str
    args: Mapping[str, Any]
    request_id: str


@dataclass(frozen=True)
class Proposal:
    """One entry held against the ledger, or what the bank refused. `item` is None for what is missing, `payment` where
    none is found or several are. `expected_minor` is what the ledger or the order says, `difference_minor` how much more
    the entry has."""

    verdict: Verdict
    item: Item | None
    payment: Payment | None
    expected_minor: int | None
    difference_minor: int
    choices: tuple[Choice, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Matching:
    """All proposals, and how many entries have to do with no payment."""

    proposals: tuple[Proposal, ...]
    unrelated: int


def match(
    own_msp: str,
    terms: SettlementTerms,
    payments: Iterable[Payment],
    accounts: BankAccounts,
    statements: Sequence[Statement],
    tolerance: Tolerance,
) -> Matching:
    """Holds one merchant's statements against its payments, of all windows that are netted."""
    own = [one for one in payments if own_msp in (one.payer_msp, one.payee_msp)]
    matcher = _Matcher(own_msp, terms, own, accounts, statements, tolerance)
    found = [matcher.propose(item) for statement in statements for item in statement.items]
    # What has a name is looked at first, so that an entry without one is not proposed for the same payment.
    nameless = [matcher.propose_nameless(one) if isinstance(one, Item) else one for one in found]
    proposals = [one for one in nameless if one is not None]
    return Matching((*proposals, *matcher.missing()), len(nameless) - len(proposals))


def match_refusals(
    own_msp: str,
    terms: SettlementTerms,
    payments: Iterable[Payment],
    accounts: BankAccounts,
    refusals: Iterable[Refusal],
) -> list[Proposal]:
    """Holds what a merchant's bank refused against its payments: what was recorded of them already may be taken back.
    A message is known again while what it orders, and where to, is as it was."""
    own = [one for one in payments if one.payer_msp == own_msp]
    by_mark = {mark_of(terms.network_id, one): one for one in own}
    by_message = dict(_messages(own_msp, terms, own, accounts))
    found = []
    for refusal in refusals:
        names = [name for name in find_payment_ids(refusal.end_to_end_id) if name.mark in by_mark]
        if not refusal.end_to_end_id:
            names = by_message.get(refusal.message_id, [])
        if not names:
            found.append(Proposal(Verdict.NOT_CARRIED_OUT, None, None, None, 0, refusal=refusal))
        for name in names:
            payment = by_mark[name.mark]
            recorded = _latest(payment, name.text)
            choices = () if refusal.reason in SENT_BEFORE else tuple(_taken_back(own_msp, payment, recorded))
            expected = recorded.amount_minor if recorded is not None else payment.due_minor
            found.append(Proposal(Verdict.NOT_CARRIED_OUT, None, payment, expected, 0, choices, refusal))
    return found


def _messages(
    own_msp: str, terms: SettlementTerms, payments: Sequence[Payment], accounts: BankAccounts
) -> Iterator[tuple[str, list[PaymentId]]]:
    """The messages that order what is due now, each with the names of its payments."""
    windows: dict[int, list[Payment]] = {}
    for one in due_payments(payments):
        windows.setdefault(one.window_id, []).append(one)
    for due in windows.values():
        concerned = {own_msp, *(one.payee_msp for one in due)}
        if not all(accounts.suffices(msp_id, cnaps=terms.currency == YUAN) for msp_id in concerned):
            continue
        for attempt in range(1, ATTEMPTS_MAX + 1):
            order = order_payments(terms, due, own_msp, accounts, datetime.date.min, attempt)
            yield order.message_id, [name for one in order.instructions for name in find_payment_ids(one.end_to_end_id)]


Candidate = tuple[Payment, str, Proposal]
"""A payment that an entry may be, the reference that it has or gets, and the proposal."""


class _Matcher:
    """The work of `match`: what is left of each payment, and which remittances have been met."""

    def __init__(
        self,
        own_msp: str,
        terms: SettlementTerms,
        payments: Sequence[Payment],
        accounts: BankAccounts,
        statements: Sequence[Statement],
        tolerance: Tolerance,
    ) -> None:
        self._own = own_msp
        self._terms = terms
        self._payments = payments
        self._statements = statements
        self._tolerance = tolerance
        self._by_mark = {mark_of(terms.network_id, one): one for one in payments}
        self._left = {_key(one): one.due_minor for one in payments}
        self._by_account: dict[str, list[Payment]] = {}
        for one in payments:
            other = accounts.find(one.payee_msp if one.payer_msp == own_msp else one.payer_msp)
            if other is not None:
                self._by_account.setdefault(other.account, []).append(one)
        self._met: set[tuple[object, str]] = set()
        self._arriving: set[tuple[object, str]] = set()
        self._reversed = Counter(
            (_paid_by_us(item), name.text, item.amount_minor)
            for statement in statements
            for item in statement.items
            if item.reversal and item.booked
            for name in _names(item)
        )

    def propose(self, item: Item) -> Proposal | Item:
        """Gives what an entry with a payment's name comes to, and an entry without one back."""
        known = [(name, payment) for name in _names(item) if (payment := self._named(name, item)) is not None]
        if not known:
            return item
        if len(known) > 1:
            return Proposal(Verdict.AMBIGUOUS, item, None, None, 0)
        name, payment = known[0]
        if not item.booked:
            self._arriving.add((_key(payment), name.text))
            return Proposal(Verdict.PENDING, item, payment, name.due_minor, 0)
        recorded = _latest(payment, name.text)
        if item.reversal:
            return Proposal(
                Verdict.REVERSED, item, payment, name.due_minor, 0, tuple(_taken_back(self._own, payment, recorded))
            )
        gone = (_paid_by_us(item), name.text, item.amount_minor)
        if self._reversed[gone] > 0:
            self._reversed[gone] -= 1
            self._met.add((_key(payment), name.text))
            return Proposal(Verdict.REVERSED, item, payment, name.due_minor, 0)
        if (_key(payment), name.text) in self._met:
            return Proposal(Verdict.PAID_TWICE, item, payment, 0, item.amount_minor)
        self._met.add((_key(payment), name.text))
        if _paid_by_us(item):
            return self._sent(item, payment, name, recorded)
        return self._received(item, payment, recorded)

    def propose_nameless(self, item: Item) -> Proposal | None:
        """Gives what an entry without a name may be; None where it may be no payment's."""
        if not item.booked or item.reversal or item.booked_on is None:
            return None
        candidates = list(self._sent_candidates(item) if _paid_by_us(item) else self._received_candidates(item))
        for payment, reference, proposal in candidates:
            self._met.add((_key(payment), reference))
            if len(candidates) == 1 and _paid_by_us(item):
                self._left[_key(payment)] -= sum(choice.args["amount_minor"] for choice in proposal.choices)
        if len(candidates) > 1:
            choices = tuple(choice for _, _, proposal in candidates for choice in proposal.choices)
            return Proposal(Verdict.AMBIGUOUS, item, None, None, 0, choices)
        return candidates[0][2] if candidates else None

    def missing(self) -> Iterator[Proposal]:
        """Gives what was recorded as paid to us, and should stand in the statements, and does not. Where a statement
        between others is missing, nothing is said."""
        if not self._statements or not _follow_on(self._statements):
            return
        first, last = self._statements[0].first_day, max(one.last_day for one in self._statements)
        wait, seen = datetime.timedelta(self._tolerance.days), self._met | self._arriving
        for payment in self._payments:
            for one in payment.remittances if payment.payee_msp == self._own else ():
                paid_on = self._terms.day(one.paid_at)
                if one.status != "PAID" or (_key(payment), one.reference) in seen:
                    continue
                if first <= paid_on - wait and paid_on + wait <= last:
                    choices = (_answer("RejectPayment", payment, one, reason="NOT_RECEIVED"),)
                    yield Proposal(Verdict.NOT_RECEIVED, None, payment, one.amount_minor, -one.amount_minor, choices)

    def _named(self, name: PaymentId, item: Item) -> Payment | None:
        payment = self._by_mark.get(name.mark)
        side = "payer_msp" if _paid_by_us(item) else "payee_msp"
        return payment if payment is not None and getattr(payment, side) == self._own else None

    def _sent(self, item: Item, payment: Payment, name: PaymentId, recorded: Remittance | None) -> Proposal:
        """What we paid under a name."""
        amount = _ordered(item)
        if recorded is not None:
            verdict = Verdict.RECORDED
            if recorded.status not in COUNTED:
                verdict = Verdict.REFUSED
            elif recorded.amount_minor != amount:
                verdict = Verdict.DIFFERENT
            choices = _taken_back(self._own, payment, recorded) if verdict == Verdict.DIFFERENT else ()
            return Proposal(
                verdict, item, payment, recorded.amount_minor, item.amount_minor - recorded.amount_minor, tuple(choices)
            )
        verdict = Verdict.MATCHED if amount == name.due_minor else Verdict.DIFFERENT
        difference = item.amount_minor - name.due_minor
        if not 0 < amount <= self._left[_key(payment)]:
            return Proposal(Verdict.DIFFERENT, item, payment, name.due_minor, difference)
        self._left[_key(payment)] -= amount
        return Proposal(verdict, item, payment, name.due_minor, difference, (_record(payment, name.text, amount),))

    def _received(self, item: Item, payment: Payment, recorded: Remittance | None) -> Proposal:
        """What came to us under a name."""
        if recorded is None or recorded.status not in COUNTED:
            return Proposal(Verdict.WAITING, item, payment, None, 0)
        difference = item.amount_minor - recorded.amount_minor
        if recorded.status == "CONFIRMED":
            return Proposal(Verdict.RECORDED, item, payment, recorded.amount_minor, difference)
        choices = [_answer("ConfirmPayment", payment, recorded)]
        if difference:
            choices.append(_answer("RejectPayment", payment, recorded, reason="WRONG_AMOUNT"))
        verdict = Verdict.DIFFERENT if difference else Verdict.MATCHED
        return Proposal(verdict, item, payment, recorded.amount_minor, difference, tuple(choices))

    def _sent_candidates(self, item: Item) -> Iterator[Candidate]:
        """What we may have paid with an entry without a name. The bank's reference names it on the ledger."""
        reference, amount = item.reference or item.place, _ordered(item)
        payees = [one for one in self._by_account.get(item.counterparty_account, ()) if one.payer_msp == self._own]
        for payment in payees:
            recorded = _latest(payment, reference)
            if recorded is not None:
                yield payment, reference, Proposal(Verdict.RECORDED, item, payment, recorded.amount_minor, 0)
                return
        for payment in payees:
            left = self._left[_key(payment)]
            early = self._days_apart(item, payment.dated_at) < -self._tolerance.days
            if left and not early and abs(amount - left) <= self._tolerance.amount_minor:
                choice = _record(payment, reference, min(amount, left))
                yield (
                    payment,
                    reference,
                    Proposal(Verdict.PROPOSED, item, payment, left, item.amount_minor - left, (choice,)),
                )

    def _received_candidates(self, item: Item) -> Iterator[Candidate]:
        """What may have come to us with an entry without a name: what the payer recorded."""
        for payment in self._by_account.get(item.counterparty_account, ()):
            for one in payment.remittances if payment.payee_msp == self._own else ():
                difference = item.amount_minor - one.amount_minor
                if (
                    one.status in COUNTED
                    and (_key(payment), one.reference) not in self._met
                    and abs(difference) <= self._tolerance.amount_minor
                    and abs(self._days_apart(item, one.paid_at)) <= self._tolerance.days
                ):
                    confirmed = one.status == "CONFIRMED"
                    choices = () if confirmed else (_answer("ConfirmPayment", payment, one),)
                    verdict = Verdict.RECORDED if confirmed else Verdict.PROPOSED
                    yield (
                        payment,
                        one.reference,
                        Proposal(verdict, item, payment, one.amount_minor, difference, choices),
                    )

    def _days_apart(self, item: Item, seconds: int) -> int:
        """How many days after a time an entry was booked."""
        assert item.booked_on is not None  # `propose_nameless` passes over what has no day
        return (item.booked_on - self._terms.day(seconds)).days


def _key(payment: Payment) -> tuple[int, str, str]:
    return payment.window_id, payment.payer_msp, payment.payee_msp


def _names(item: Item) -> list[PaymentId]:
    """The names of payments that an entry bears: in the field for it, or else in its text, as payments by a table file
    bring it back."""
    return find_payment_ids(item.end_to_end_id) or find_payment_ids(item.text)


def _paid_by_us(item: Item) -> bool:
    """Whether the account's owner is the payer: of a reversal the money runs the other way."""
    return item.credit == item.reversal


def _ordered(item: Item) -> int:
    """What was ordered, without what the bank took on top of it."""
    return item.amount_minor if item.instructed_minor is None else item.instructed_minor


def _latest(payment: Payment, reference: str) -> Remittance | None:
    """The last remittance under a reference: one that was refused may stand before one that counts."""
    return next((one for one in reversed(payment.remittances) if one.reference == reference), None)


def _follow_on(statements: Sequence[Statement]) -> bool:
    """Whether each statement opens with what the one before closed with."""
    return all(one.closing == following.opening for one, following in itertools.pairwise(statements))


def _choice(op: str, payment: Payment, reference: str, args: Mapping[str, Any]) -> Choice:
    # What was recorded before counts: after a refusal the same reference may be recorded once more.
    rounds = len(payment.remittances)
    facts = (*_key(payment), rounds, reference, *(args.get(name, "") for name in ("amount_minor", "reason")))
    return Choice(op, args, request_id(op, *facts))


def _taken_back(own_msp: str, payment: Payment, recorded: Remittance | None) -> Iterator[Choice]:
    """What each side can do about money that went back. What is CONFIRMED both sides correct, by hand."""
    if recorded is None or recorded.status != "PAID":
        return
    if payment.payer_msp == own_msp:
        args = {
            "payee_msp": payment.payee_msp,
            "reference": recorded.reference,
            "window_id": payment.window_id,
        }
        yield _choice("RetractPayment", payment, recorded.reference, args)
    else:
        yield _answer("RejectPayment", payment, recorded, reason="RETURNED")


def _record(payment: Payment, reference: str, amount_minor: int) -> Choice:
    args = {
        "amount_minor": amount_minor,
        "payee_msp": payment.payee_msp,
        "reference": reference,
        "window_id": payment.window_id,
    }
    return _choice("RecordPayment", payment, reference, args)


def _answer(op: str, payment: Payment, recorded: Remittance, **more: str) -> Choice:
    args = {
        "payer_msp": payment.payer_msp,
        "reference": recorded.reference,
        "window_id": payment.window_id,
        **more,
    }
    return _choice(op, payment, recorded.reference, args)
