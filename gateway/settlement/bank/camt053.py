"""Reads a bank's statements, ISO 20022 camt.053.001 in the versions .02 to .14.

They differ in a few places, of which each is looked for: `Sts` is a text before .07, `TxDtls/Amt` stands in
`AmtDtls/TxAmt` before .03, a party's name is one level deeper from .08 on. A file that does not hold together is refused
whole: pages that are missing, a statement that is there twice with different contents, an opening balance that does not
come to the closing one with the booked entries. The same statement twice counts once.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as xml

from gateway.core.errors import GatewayError
from gateway.settlement.bank.amounts import FRACTION_DIGITS_MAX, read_amount, to_minor
from gateway.settlement.bank.bank_accounts import normal_account
from gateway.settlement.bank.identifiers import ID_CHARACTERS_MAX
from gateway.settlement.bank.xml_reading import plain_text, read_message, text_at

MESSAGE = "camt.053.001"
VERSIONS = range(2, 15)
FILES_MAX = 50
ITEMS_MAX = 100_000
OPENING = ("OPBD", "PRCD")
CLOSING = "CLBD"
BOOKED = "BOOK"
_PAGE = re.compile(r"0*[1-9][0-9]{0,4}\Z")


@dataclass(frozen=True)
class Item:
    """One payment in a statement: an entry, or one of those that an entry gathers.

    `amount_minor` is what moved on the account, `instructed_minor` what was ordered, where the bank tells it and it
    differs; `charges_minor` what the bank says that it took. `place` is its statement, entry and number there.
    `reference` is the bank's own, empty where it gives none.
    """

    place: str
    credit: bool
    booked: bool
    reversal: bool
    amount_minor: int
    instructed_minor: int | None
    charges_minor: int
    booked_on: datetime.date | None
    end_to_end_id: str
    reference: str
    counterparty_name: str
    counterparty_account: str
    text: str


@dataclass(frozen=True)
class Statement:
    """One statement with all its pages. Balances are in 1/100,000 of the currency's unit, with a minus for a debit."""

    statement_id: str
    account: str
    currency: str
    first_day: datetime.date
    last_day: datetime.date
    opening: int
    closing: int
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Reading:
    """What some files have: statements of the account, by day; ids of those that were there more than once, and how
    many are of other accounts or currencies."""

    statements: tuple[Statement, ...]
    repeated: tuple[str, ...]
    others: int


@dataclass(frozen=True)
class _Page:
    """One page: a `Stmt` element and where it stands."""

    element: xml.Element
    statement_id: str
    account: str
    currency: str
    number: int
    last: bool


def read_statements(files: Sequence[bytes], account: str, currency: str, decimals: int) -> Reading:
    """Reads the statements of one account in one currency from files of a bank. Raises GatewayError BANK_FILE_INVALID,
    BANK_FILE_INCOMPLETE, BANK_FILE_UNBALANCED, BANK_FILE_DIFFERENT."""
    if not 1 <= len(files) <= FILES_MAX:
        raise GatewayError("BANK_FILE_INVALID", f"1 to {FILES_MAX} files were expected, not {len(files)}")
    found: dict[str, dict[int, _Page]] = {}
    repeated: list[str] = []
    others = items = 0
    for page in (page for file in files for page in _pages(file)):
        if (page.account, page.currency) != (normal_account(account), currency):
            others += 1
            continue
        items += sum(1 for _ in page.element.iter("TxDtls")) + len(page.element.findall("Ntry"))
        if items > ITEMS_MAX:
            raise GatewayError("BANK_FILE_INVALID", f"more than {ITEMS_MAX} entries")
        pages = found.setdefault(page.statement_id, {})
        if page.number not in pages:
            pages[page.number] = page
        elif _content(pages[page.number].element) == _content(page.element):
            repeated.append(page.statement_id)
        else:
            raise GatewayError("BANK_FILE_DIFFERENT", f"statement {page.statement_id}, page {page.number}")
    if not found:
        raise GatewayError("BANK_FILE_INVALID", f"no statement of the declared account in {currency}")
    coins = _Coins(currency, decimals)
    statements = [_statement(_in_order(pages), coins) for pages in found.values()]
    ordered = sorted(statements, key=lambda one: (one.first_day, one.last_day, one.statement_id))
    return Reading(tuple(ordered), tuple(dict.fromkeys(repeated)), others)


def _pages(data: bytes) -> Iterator[_Page]:
    message = read_message(data, MESSAGE, VERSIONS).find("BkToCstmrStmt")
    if message is None:
        raise GatewayError("BANK_FILE_INVALID", "no BkToCstmrStmt")
    elements = message.findall("Stmt")
    # The message's own pages are those of its statement only where it has one.
    whole = message.find("GrpHdr/MsgPgntn") if len(elements) == 1 else None
    for element in elements:
        own = element.find("StmtPgntn")
        pagination = own if own is not None else whole
        statement_id = text_at(element, "Id")
        if not 1 <= len(statement_id) <= ID_CHARACTERS_MAX:
            raise GatewayError("BANK_FILE_INVALID", f"a statement without an Id of 1 to {ID_CHARACTERS_MAX} characters")
        number = text_at(pagination, "PgNb") if pagination is not None else "1"
        if not _PAGE.match(number):
            raise GatewayError("BANK_FILE_INVALID", f"statement {statement_id}: no page number: {number[:20]!r}")
        yield _Page(
            element=element,
            statement_id=statement_id,
            account=normal_account(text_at(element, "Acct/Id/IBAN", "Acct/Id/Othr/Id")),
            currency=_currency(element),
            number=int(number),
            last=pagination is None or text_at(pagination, "LastPgInd") in ("true", "1"),
        )


def _currency(statement: xml.Element) -> str:
    """The currency of the account, or, where it has none, that of the first balance."""
    balance = statement.find("Bal/Amt")
    return text_at(statement, "Acct/Ccy") or ("" if balance is None else balance.get("Ccy", ""))


def _content(element: xml.Element) -> bytes:
    return hashlib.sha256(xml.canonicalize(xml.tostring(element, "unicode"), strip_text=True).encode()).digest()


def _in_order(pages: dict[int, _Page]) -> list[_Page]:
    """The pages of a statement from the first to the last. Raises BANK_FILE_INCOMPLETE where one is missing."""
    ordered = [pages[number] for number in sorted(pages)]
    statement_id = ordered[0].statement_id
    for wanted, page in enumerate(ordered, start=1):
        if page.number != wanted:
            raise GatewayError("BANK_FILE_INCOMPLETE", f"statement {statement_id}: page {wanted} is missing")
        if page.last and wanted < len(ordered):
            raise GatewayError("BANK_FILE_DIFFERENT", f"statement {statement_id}: pages behind the last, {wanted}")
    if not ordered[-1].last:
        raise GatewayError("BANK_FILE_INCOMPLETE", f"statement {statement_id}: page {len(ordered) + 1} is missing")
    return ordered


@dataclass(frozen=True)
class _Coins:
    """Reads amounts of one currency, in 1/100,000 of its unit. All raise BANK_FILE_INVALID, naming the `place`."""

    currency: str
    decimals: int

    def amount(self, element: xml.Element, place: str) -> int:
        """The amount that an element holds."""
        if element.get("Ccy") != self.currency:
            told = element.get("Ccy", "")[:10]
            raise GatewayError(
                "BANK_FILE_INVALID", f"{place}: an amount in {told!r}, the account is in {self.currency}"
            )
        try:
            return read_amount(element.text or "")
        except ValueError as error:
            raise GatewayError("BANK_FILE_INVALID", f"{place}: {error}") from None

    def signed(self, element: xml.Element, place: str) -> int:
        """The amount of an entry or a balance, with a minus for a debit."""
        side = text_at(element, "CdtDbtInd")
        if side not in ("CRDT", "DBIT"):
            raise GatewayError("BANK_FILE_INVALID", f"{place}: CdtDbtInd is {side[:10]!r}, not CRDT or DBIT")
        found = element.find("Amt")
        if found is None:
            raise GatewayError("BANK_FILE_INVALID", f"{place}: no Amt")
        amount = self.amount(found, place)
        return amount if side == "CRDT" else -amount

    def first(self, element: xml.Element, place: str, *paths: str) -> int | None:
        """The amount at the first of some paths that has one in this currency; None where none has."""
        for path in paths:
            found = element.find(path)
            if found is not None and found.get("Ccy") == self.currency:
                return self.amount(found, place)
        return None

    def charges(self, element: xml.Element, place: str) -> int:
        """What the bank says that it took for an entry or a payment."""
        found = [*element.findall("Chrgs/Rcrd/Amt"), *element.findall("Chrgs/Amt")]
        if not found:
            found = element.findall("Chrgs/TtlChrgsAndTaxAmt")
        return sum(self.amount(one, place) for one in found if one.get("Ccy") == self.currency)

    def minor(self, amount: int, place: str) -> int:
        """An amount in minor units, without its sign."""
        try:
            return to_minor(abs(amount), self.decimals)
        except ValueError as error:
            raise GatewayError("BANK_FILE_INVALID", f"{place}: {error}") from None


def _statement(pages: Sequence[_Page], coins: _Coins) -> Statement:
    first, last = pages[0], pages[-1]
    told = f"statement {first.statement_id}"
    opening, opened_on = _balance(first, OPENING, coins, told)
    closing, closed_on = _balance(last, (CLOSING,), coins, told)
    items: list[Item] = []
    booked = 0
    for number, entry in enumerate((one for page in pages for one in page.element.findall("Ntry")), start=1):
        place = f"{first.statement_id}/{number}"
        signed = coins.signed(entry, place)
        booked += signed if _status(entry) == BOOKED else 0
        items.extend(_items(entry, signed, coins, place))
    if opening + booked != closing:
        sums = ", ".join(f"{name} {_units(value)}" for name, value in (("opens", opening), ("entries", booked)))
        raise GatewayError(
            "BANK_FILE_UNBALANCED", f"{told}: {sums}; that makes {_units(opening + booked)}, not {_units(closing)}"
        )
    return Statement(
        statement_id=first.statement_id,
        account=first.account,
        currency=first.currency,
        first_day=_day(text_at(first.element, "FrToDt/FrDtTm", "FrToDt/FrDt"), told) or opened_on,
        last_day=_day(text_at(last.element, "FrToDt/ToDtTm", "FrToDt/ToDt"), told) or closed_on,
        opening=opening,
        closing=closing,
        items=tuple(items),
    )


def _balance(page: _Page, kinds: Sequence[str], coins: _Coins, told: str) -> tuple[int, datetime.date]:
    for kind in kinds:
        for balance in page.element.findall("Bal"):
            if text_at(balance, "Tp/CdOrPrtry/Cd") == kind:
                day = _day(text_at(balance, "Dt/Dt", "Dt/DtTm"), told)
                if day is None:
                    raise GatewayError("BANK_FILE_INVALID", f"{told}: a balance without a date")
                return coins.signed(balance, told), day
    raise GatewayError("BANK_FILE_INVALID", f"{told}: no balance {' or '.join(kinds)}")


def _items(entry: xml.Element, signed: int, coins: _Coins, place: str) -> Iterator[Item]:
    """The payments of an entry. Raises BANK_FILE_UNBALANCED where those that it gathers do not come to it, with the
    charges that it names."""
    details = entry.findall("NtryDtls/TxDtls")
    told = [amount for one in details if (amount := _transaction_amount(one, signed, coins, place)) is not None]
    charges, own_charges = coins.charges(entry, place), [coins.charges(one, place) for one in details]
    if len(details) <= 1 or len(told) < len(details):
        detail = details[0] if len(details) == 1 else None
        ordered = told[0] if detail is not None and told else signed
        yield _item(entry, detail, coins, f"{place}/1", (signed, ordered, max(charges, *own_charges, 0)))
        return
    difference = abs(sum(told) - signed)
    if difference not in (0, charges, sum(own_charges), charges + sum(own_charges)):
        raise GatewayError(
            "BANK_FILE_UNBALANCED", f"entry {place}: its payments come to {_units(sum(told))}, not {_units(signed)}"
        )
    for number, (one, amount, taken) in enumerate(zip(details, told, own_charges, strict=True), start=1):
        yield _item(entry, one, coins, f"{place}/{number}", (amount, amount, taken))


def _item(
    entry: xml.Element, detail: xml.Element | None, coins: _Coins, place: str, amounts: tuple[int, int, int]
) -> Item:
    """One payment; `detail` is its own element, None where the entry has none or several that are not told apart.
    `amounts`: what moved, what was ordered, what the bank took."""
    moved, ordered, charges = amounts
    own = entry if detail is None else detail
    instructed = coins.first(own, place, "AmtDtls/InstdAmt/Amt")
    amount_minor = coins.minor(moved, place)
    instructed_minor = coins.minor(ordered if instructed is None else instructed, place)
    credit = moved > 0 or (moved == 0 and text_at(entry, "CdtDbtInd") == "CRDT")
    # Money that goes back: who paid is the debtor still.
    reversal = text_at(entry, "RvslInd") in ("true", "1") or own.find("RtrInf") is not None
    party, account = ("Dbtr", "DbtrAcct") if credit != reversal else ("Cdtr", "CdtrAcct")
    return Item(
        place=place,
        credit=credit,
        booked=_status(entry) == BOOKED,
        reversal=reversal,
        amount_minor=amount_minor,
        instructed_minor=None if instructed_minor == amount_minor else instructed_minor,
        charges_minor=coins.minor(charges, place),
        booked_on=_day(text_at(entry, "BookgDt/Dt", "BookgDt/DtTm"), place),
        end_to_end_id=text_at(own, "Refs/EndToEndId"),
        # Not NtryRef, which many banks count from 1 in each statement.
        reference=(text_at(own, "Refs/AcctSvcrRef") or text_at(entry, "AcctSvcrRef"))[:ID_CHARACTERS_MAX],
        counterparty_name=text_at(own, f"RltdPties/{party}/Pty/Nm", f"RltdPties/{party}/Nm"),
        counterparty_account=normal_account(
            text_at(own, f"RltdPties/{account}/Id/IBAN", f"RltdPties/{account}/Id/Othr/Id")
        ),
        text=" ".join(
            (*(plain_text(one.text) for one in own.findall("RmtInf/Ustrd")), text_at(own, "AddtlTxInf", "AddtlNtryInf"))
        ),
    )


def _transaction_amount(detail: xml.Element, entry_signed: int, coins: _Coins, place: str) -> int | None:
    """The signed amount of one payment within an entry, in the account's currency; None where it has none."""
    amount = coins.first(detail, place, "Amt", "AmtDtls/TxAmt/Amt")
    if amount is None:
        return None
    side = text_at(detail, "CdtDbtInd")
    return -amount if (side == "DBIT" if side else entry_signed < 0) else amount


def _status(entry: xml.Element) -> str:
    return text_at(entry, "Sts/Cd", "Sts")


def _day(text: str, place: str) -> datetime.date | None:
    """The day of a date or a time, in the bank's own zone; None for an empty text."""
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError:
        raise GatewayError("BANK_FILE_INVALID", f"{place}: no date: {text[:20]!r}") from None


def _units(amount: int) -> str:
    """An amount for people, with a minus where it has one."""
    whole, rest = divmod(abs(amount), 10**FRACTION_DIGITS_MAX)
    text = f"{whole}.{rest:0{FRACTION_DIGITS_MAX}}".rstrip("0").rstrip(".")
    return f"-{text}" if amount < 0 else text
