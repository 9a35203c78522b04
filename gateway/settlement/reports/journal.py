"""A merchant's books as a journal for beancount (https://beancount.github.io/docs/beancount_language_syntax.html).

| account | what is in it |
|---|---|
| `Liabilities:Points:<Class>` | its points that are out, as a commodity `JF.<CLASS>`, each worth its unit value |
| `Expenses:Points:<Class>` | what issuing them cost, less what was reversed |
| `Income:Redeemed:<Class>`, `Income:Accepted:<Merchant>` | what was spent here, of its own points and of others' |
| `Income:Breakage:<Class>` | what expired |
| `Liabilities:Payable:<Merchant>`, `Assets:Receivable:<Merchant>` | what was spent of its points there, and of theirs here, and is not netted yet |
| `Liabilities:Disputed:<Merchant>`, `Assets:Disputed:<Merchant>` | what of it is disputed now; `Income:Disputes` what came of that |
| `Expenses:AcceptanceFees`, `Income:AcceptanceFees` | what it paid for taking others' points, and got for its own |
| `Assets:Clearing` | what netting came to, and is not paid yet; negative: to be paid |
| `Assets:Bank` | what was paid between merchants and with the operator |
| `Assets:Cover`, `Assets:Fund` | its collateral; `Expenses:Defaults` and `Liabilities:Defaults` what defaults of others took, and its own left to others |

Every entry names its transaction and block. A `balance` directive stands on the day after each close and after the last
entry, with what the ledger's own counters say is out at that day's end; the last one also has what positions and
carries say is not netted, and the collateral. So `bean-check` holds the entries against the chain.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from chaincode.spec.kernel.calendar import day_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.fields import DISPUTE_ENDS
from gateway.projection.queries.books import Booking
from gateway.settlement.reports.terms import ClassTerms, ReportHead

COMMODITY_CHARACTERS_MAX = 21
"""Behind `JF.`; beancount takes 24 in all."""
MONEY_DIGITS = 6
COUNTED_OPS = (
    "AnswerDispute",
    "CloseWindow",
    "ConfirmPayment",
    "ConfirmUnanswered",
    "CorrectPayment",
    "DeclareDefault",
    "DepositCollateral",
    "EscalateDispute",
    "OpenDispute",
    "ReleaseCollateral",
    "ResolveDispute",
    "VoteDispute",
    "WithdrawDispute",
)
"""Operations beside those on points that change a merchant's books."""
PAYMENTS = ("ConfirmPayment", "ConfirmUnanswered", "CorrectPayment")
COLLATERAL_ACCOUNTS = {"COVER": "Assets:Cover", "FUND": "Assets:Fund"}


@dataclass(frozen=True)
class Posting:
    """A line of an entry: so many `units` of a commodity, or of the currency where `commodity` is None, at a price a
    unit in millionths. Units of the currency are millionths."""

    account: str
    units: int
    commodity: str | None = None
    price_millionths: int = 0


@dataclass(frozen=True)
class Entry:
    """What an operation comes to in the books."""

    number: int
    at: int
    op: str
    block_number: int
    transaction_id: str
    postings: tuple[Posting, ...]
    window_id: int | None = None


@dataclass(frozen=True)
class Balance:
    """What an account must have when a day begins; units as in Posting."""

    day: str
    account: str
    units: int
    commodity: str | None = None


@dataclass(frozen=True)
class Names:
    """What accounts and commodities are called, for a merchant's classes and all merchants."""

    classes: Mapping[str, str]
    merchants: Mapping[str, str]
    commodities: Mapping[str, str]

    @classmethod
    def of(cls, class_ids: Iterable[str], msp_ids: Iterable[str]) -> Names:
        """The names; ids that would look alike get a part of their hash."""
        classes = sorted(class_ids)
        return cls(_accounts(classes), _accounts(sorted(msp_ids)), {one: _commodity(one) for one in classes})


@dataclass
class Book:
    """Turns what happened into entries, for one merchant; `unit`: millionths of the smallest coin, `rows` the matrix of
    each netted window."""

    msp_id: str
    classes: Mapping[str, ClassTerms]
    names: Names
    unit: int
    rows: Mapping[int, Sequence[Mapping[str, Any]]]
    confirmed: dict[tuple[int, str, str], int] = field(default_factory=dict)
    disputed: set[tuple[str, str]] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)

    def of_points(self, booking: Booking) -> Entry:
        """What came and went of points."""
        return Entry(
            booking.number,
            booking.at,
            booking.op,
            booking.block_number,
            booking.transaction_id,
            tuple(self._points(booking)),
        )

    def of_operation(self, operation: Any) -> Entry | None:
        """What an operation of COUNTED_OPS comes to; None where it is none of this merchant's business."""
        postings, window_id = self._money(operation.op, operation.args, operation.result)
        if not postings:
            return None
        return Entry(
            operation.number,
            operation.at,
            operation.op,
            operation.block_number,
            operation.transaction_id,
            tuple(postings),
            window_id,
        )

    def _points(self, booking: Booking) -> Iterator[Posting]:
        for class_id, flows in booking.flows.items():
            name = self.names.classes[class_id]
            expense = f"Expenses:Points:{name}"
            for flow, sign, other in (
                ("issued", 1, expense),
                ("reversed", -1, expense),
                ("expired", -1, f"Income:Breakage:{name}"),
            ):
                if flows.get(flow):
                    yield from self._out(class_id, sign * flows[flow], other)
        for class_id, issuer, acceptor, points, value in booking.redeemed:
            if issuer == acceptor == self.msp_id:
                yield from self._out(class_id, -points, f"Income:Redeemed:{self.names.classes[class_id]}")
            elif issuer == self.msp_id:
                yield from self._out(class_id, -points, f"Liabilities:Payable:{self.names.merchants[acceptor]}")
            elif acceptor == self.msp_id:
                other = self.names.merchants[issuer]
                yield Posting(f"Assets:Receivable:{other}", value)
                yield Posting(f"Income:Accepted:{other}", -value)

    def _out(self, class_id: str, points: int, other: str) -> Iterator[Posting]:
        """So many more points are out, against another account."""
        price = self.classes[class_id].unit_value_millionths
        account = f"Liabilities:Points:{self.names.classes[class_id]}"
        yield Posting(account, -points, self.names.commodities[class_id], price)
        yield Posting(other, points * price)

    def _money(self, op: str, args: Json, result: Json) -> tuple[list[Posting], int | None]:
        if op in PAYMENTS:
            return self._payment(result), result["window_id"]
        if op == "CloseWindow":
            return self._close(result["window"]), args["window_id"]
        if op == "DeclareDefault":
            return self._default(result["default"]), args["window_id"]
        if op in ("DepositCollateral", "ReleaseCollateral"):
            return self._collateral(op, args), None
        return self._dispute(result["dispute"]), result["dispute"]["window_id"]

    def _payment(self, result: Json) -> list[Posting]:
        payment = result["payment"]
        payer, payee = payment["payer_msp"], payment["payee_msp"]
        name = (result["window_id"], payer, payee)
        now = sum(one["amount_minor"] for one in payment["remittances"] if one["status"] == "CONFIRMED")
        change = (now - self.confirmed.get(name, 0)) * self.unit
        self.confirmed[name] = now
        sign = (payee == self.msp_id) - (payer == self.msp_id)
        return _moved("Assets:Bank", "Assets:Clearing", sign * change)

    def _close(self, window: Json) -> list[Posting]:
        window_id = window["window_id"]
        if window["status"] == "CLOSING" or window_id in self.closed:
            return []
        self.closed.add(window_id)
        found: list[Posting] = []
        for row in self.rows.get(window_id, ()):
            amount, fee = row["owed_minor"] * self.unit, row["fee_minor"] * self.unit
            if row["acceptor_msp"] == self.msp_id:
                found += _moved("Assets:Clearing", self._receivable(row["issuer_msp"]), amount)
                found += _moved("Expenses:AcceptanceFees", "Assets:Clearing", fee)
            elif row["issuer_msp"] == self.msp_id:
                found += _moved(self._payable(row["acceptor_msp"]), "Assets:Clearing", amount)
                found += _moved("Assets:Clearing", "Income:AcceptanceFees", fee)
        return found

    def _dispute(self, dispute: Json) -> list[Posting]:
        """Taken out when it is opened, from where it was; booked anew, as far as it is owed, when it ends."""
        issuer, acceptor = dispute["issuer_msp"], dispute["acceptor_msp"]
        if self.msp_id not in (issuer, acceptor):
            return []
        owing, other = issuer == self.msp_id, acceptor if issuer == self.msp_id else issuer
        waiting = f"{'Liabilities' if owing else 'Assets'}:Disputed:{self.names.merchants[other]}"
        normal = self._payable(other) if owing else self._receivable(other)
        sign = -1 if owing else 1
        amount, name = dispute["amount_minor"] * self.unit, (dispute["redemption_id"], issuer)
        found: list[Posting] = []
        if name not in self.disputed:
            self.disputed.add(name)
            found += _moved(waiting, "Assets:Clearing" if dispute["netted"] else normal, sign * amount)
        if dispute["status"] not in DISPUTE_ENDS:
            return found
        self.disputed.discard(name)
        booked = dispute["booked_minor"] * self.unit
        found += _moved(normal, waiting, sign * booked)
        found += _moved("Income:Disputes", waiting, sign * (amount - booked))
        payer, fee = dispute["fee_payer_msp"], dispute["fee_minor"] * self.unit
        if payer == self.msp_id:
            found += _moved("Income:Disputes", self._payable(other), fee)
        elif payer is not None:
            found += _moved(self._receivable(other), "Income:Disputes", fee)
        return found

    def _default(self, default: Json) -> list[Posting]:
        borne = {
            name: sum(one["amount_minor"] for one in default[name] if one["msp_id"] == self.msp_id) * self.unit
            for name in ("fund", "haircuts", "losses")
        }
        if default["msp_id"] != self.msp_id:
            found = _moved("Expenses:Defaults", "Assets:Fund", borne["fund"])
            return found + _moved("Expenses:Defaults", "Assets:Clearing", borne["haircuts"] + borne["losses"])
        cover = default["cover_minor"] * self.unit
        all_of = {name: sum(one["amount_minor"] for one in default[name]) * self.unit for name in borne}
        by_others = sum(all_of.values()) - borne["fund"]
        return [
            *_moved("Assets:Clearing", "Assets:Cover", cover),
            *_moved("Assets:Clearing", "Assets:Fund", borne["fund"]),
            *_moved("Assets:Clearing", "Liabilities:Defaults", by_others),
        ]

    def _collateral(self, op: str, args: Json) -> list[Posting]:
        if args["msp_id"] != self.msp_id or not args.get("approve", True):
            return []
        amount = args["amount_millionths"] if op == "DepositCollateral" else -args["amount_millionths"]
        return _moved(COLLATERAL_ACCOUNTS[args["account"]], "Assets:Bank", amount)

    def _payable(self, msp_id: str) -> str:
        return f"Liabilities:Payable:{self.names.merchants[msp_id]}"

    def _receivable(self, msp_id: str) -> str:
        return f"Assets:Receivable:{self.names.merchants[msp_id]}"


def write_journal(
    title: str, head: ReportHead, time_zone: Json, entries: Sequence[Entry], balances: Sequence[Balance]
) -> Iterator[str]:
    """The journal's text, piece by piece: options, accounts, entries by day, and balances before the entries of their
    day. Entries are in the ledger's order; those of one day stay in it."""
    days = {entry.number: day_of(entry.at, time_zone) for entry in entries}
    used = [(one.account, days[entry.number]) for entry in entries for one in entry.postings]
    first = min([day for _, day in used] + [one.day for one in balances], default="1970-01-01")
    yield f'option "title" {_text(title)}\noption "operating_currency" "{head.currency}"\n\n'
    for account in sorted({account for account, _ in used} | {one.account for one in balances}):
        yield f"{first} open {account}\n"
    waiting = sorted(balances, key=lambda one: (one.day, one.account))
    ordered = sorted(entries, key=lambda one: (days[one.number], one.number))
    for entry in ordered:
        while waiting and waiting[0].day <= days[entry.number]:
            yield _balance(waiting.pop(0), head.currency)
        yield _entry(entry, days[entry.number], head.currency)
    for one in waiting:
        yield _balance(one, head.currency)


def day_after(day: str) -> str:
    """The next day."""
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=1)).isoformat()


def _entry(entry: Entry, day: str, currency: str) -> str:
    link = f" ^window-{entry.window_id}" if entry.window_id is not None else ""
    lines = [
        f"\n{day} * {_text(entry.op)}{link}",
        f"  tx: {_text(entry.transaction_id)}",
        f"  block: {entry.block_number}",
    ]
    for one in entry.postings:
        if one.commodity is None:
            lines.append(f"  {one.account}  {_money_text(one.units)} {currency}")
        else:
            price = f"@ {_money_text(one.price_millionths)} {currency}"
            lines.append(f"  {one.account}  {one.units} {one.commodity} {price}")
    return "\n".join(lines) + "\n"


def _balance(one: Balance, currency: str) -> str:
    amount = f"{_money_text(one.units)} {currency}" if one.commodity is None else f"{one.units} {one.commodity}"
    return f"\n{one.day} balance {one.account}  {amount}\n"


def _money_text(millionths: int) -> str:
    return f"{Decimal(millionths).scaleb(-MONEY_DIGITS):f}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _moved(to: str, out_of: str, millionths: int) -> list[Posting]:
    return [Posting(to, millionths), Posting(out_of, -millionths)] if millionths else []


def _accounts(ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in ids:
        plain = (one[0].upper() + one[1:]).replace(".", "-")
        found[one] = plain if plain not in found.values() else f"{plain}-{_digest(one)}"
    return found


def _commodity(class_id: str) -> str:
    name = class_id.upper()
    if len(name) > COMMODITY_CHARACTERS_MAX or name.endswith("-"):
        name = f"{name[:12].rstrip('-')}.{_digest(class_id).upper()}"
    return f"JF.{name}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
