"""A bank's statements, camt.053, written for tests: what a merchant's bank would say after it carried out its orders."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.etree import ElementTree as xml

from gateway.settlement.bank.amounts import amount_text
from gateway.settlement.bank.bank_accounts import BankAccount
from gateway.settlement.bank.instructions import PaymentOrder

PREFIX = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
DAY = datetime.date(2026, 3, 10)


@dataclass(frozen=True)
class Entry:
    """One payment as the bank books it. `charges_minor` are taken from a credit, or on top of a debit;
    `others` are booked with it, in one entry."""

    credit: bool
    amount_minor: int
    end_to_end_id: str = ""
    other: BankAccount | None = None
    status: str = "BOOK"
    reversal: bool = False
    returned: bool = False
    instructed_minor: int | None = None
    charges_minor: int = 0
    reference: str = ""
    text: str = ""
    day: datetime.date = DAY
    others: tuple[Entry, ...] = ()

    @property
    def signed(self) -> int:
        """What it moves, with a minus for a debit, all that is booked with it included."""
        total = self.amount_minor + sum(one.amount_minor for one in self.others)
        return total if self.credit else -total


def sent(order: PaymentOrder) -> list[Entry]:
    """What the payer's bank books of an order."""
    return [
        Entry(False, one.amount_minor, one.end_to_end_id, one.payee, reference=f"S{number}")
        for number, one in enumerate(order.instructions, start=1)
    ]


def received(order: PaymentOrder, payee_msp: str) -> list[Entry]:
    """What a payee's bank books of it."""
    return [
        Entry(True, one.amount_minor, one.end_to_end_id, order.payer, reference=f"R{number}")
        for number, one in enumerate(order.instructions, start=1)
        if one.payee_msp == payee_msp
    ]


@dataclass(frozen=True)
class StatementFile:
    """One file with one statement, or one page of it."""

    account: BankAccount
    entries: tuple[Entry, ...]
    statement_id: str = "STMT-1"
    opening_minor: int = 1_000_000_00
    closing_minor: int | None = None
    page: tuple[int, bool] | None = None
    version: int = 8
    currency: str = "CNY"
    decimals: int = 2
    days: tuple[datetime.date, datetime.date] = (DAY, DAY)

    def write(self) -> bytes:
        """The document, of a form that the schema of its version takes."""
        root = xml.Element("Document", xmlns=f"{PREFIX}{self.version:02}")
        message = _add(root, "BkToCstmrStmt")
        _add(message, "GrpHdr/MsgId", f"MSG-{self.statement_id}")
        _add(message.find("GrpHdr"), "CreDtTm", "2026-03-11T02:00:00")
        statement = _add(message, "Stmt")
        _add(statement, "Id", self.statement_id)
        if self.page is not None:
            pagination = _add(statement, "StmtPgntn")
            _add(pagination, "PgNb", str(self.page[0]))
            _add(pagination, "LastPgInd", "true" if self.page[1] else "false")
        _add(statement, "CreDtTm", "2026-03-11T02:00:00")
        period = _add(statement, "FrToDt")
        _add(period, "FrDtTm", f"{self.days[0]}T00:00:00")
        _add(period, "ToDtTm", f"{self.days[1]}T23:59:59")
        _account(statement, "Acct", self.account)
        _add(statement.find("Acct"), "Ccy", self.currency)
        closing = self.closing_minor
        if closing is None:
            closing = self.opening_minor + sum(one.signed for one in self.entries if one.status == "BOOK")
        for kind, amount, day in (("OPBD", self.opening_minor, self.days[0]), ("CLBD", closing, self.days[1])):
            balance = _add(statement, "Bal")
            _add(balance, "Tp/CdOrPrtry/Cd", kind)
            self._amount(balance, abs(amount))
            _add(balance, "CdtDbtInd", "DBIT" if amount < 0 else "CRDT")
            _add(balance, "Dt/Dt", str(day))
        for number, entry in enumerate(self.entries, start=1):
            self._entry(_add(statement, "Ntry"), entry, number)
        return xml.tostring(root, encoding="UTF-8", xml_declaration=True)

    def _amount(self, parent: xml.Element, minor: int, path: str = "Amt") -> None:
        _add(parent, path, amount_text(minor, self.decimals)).set("Ccy", self.currency)

    def _entry(self, parent: xml.Element, entry: Entry, number: int) -> None:
        _add(parent, "NtryRef", str(number))
        self._amount(parent, abs(entry.signed))
        _add(parent, "CdtDbtInd", "CRDT" if entry.credit else "DBIT")
        if entry.reversal:
            _add(parent, "RvslInd", "true")
        _add(parent, "Sts" if self.version < 7 else "Sts/Cd", entry.status)
        _add(parent, "BookgDt/Dt", str(entry.day))
        _add(parent, "BkTxCd/Domn/Cd", "PMNT")
        family = _add(parent.find("BkTxCd/Domn"), "Fmly")
        _add(family, "Cd", "RCDT" if entry.credit else "ICDT")
        _add(family, "SubFmlyCd", "DMCT")
        details = _add(parent, "NtryDtls")
        if entry.others:
            _add(details, "Btch/NbOfTxs", str(1 + len(entry.others)))
        for one in (replace(entry, others=()), *entry.others):
            self._transaction(_add(details, "TxDtls"), one, alone=not entry.others)

    def _transaction(self, parent: xml.Element, entry: Entry, *, alone: bool) -> None:
        references = _add(parent, "Refs")
        if entry.reference:
            _add(references, "AcctSvcrRef", entry.reference)
        _add(references, "EndToEndId", entry.end_to_end_id or "NOTPROVIDED")
        if not alone:
            if self.version > 2:
                self._amount(parent, entry.amount_minor)
                _add(parent, "CdtDbtInd", "CRDT" if entry.credit else "DBIT")
            else:
                self._amount(parent, entry.amount_minor, "AmtDtls/TxAmt/Amt")
        if entry.instructed_minor is not None:
            self._amount(parent, entry.instructed_minor, "AmtDtls/InstdAmt/Amt")
        if entry.charges_minor:
            charges = _add(parent, "Chrgs")
            self._amount(charges, entry.charges_minor, "Rcrd/Amt" if self.version > 2 else "Amt")
        if entry.other is not None:
            side = "Dbtr" if entry.credit != (entry.reversal or entry.returned) else "Cdtr"
            parties = _add(parent, "RltdPties")
            _add(parties, f"{side}/Pty/Nm" if self.version >= 8 else f"{side}/Nm", entry.other.name[:140])
            _account(parties, f"{side}Acct", entry.other)
        if entry.text:
            _add(parent, "RmtInf/Ustrd", entry.text)
        if entry.returned:
            _add(parent, "RtrInf/Rsn/Cd", "AC04")


def _account(parent: xml.Element, tag: str, account: BankAccount) -> None:
    _add(parent, f"{tag}/Id/IBAN" if account.has_iban else f"{tag}/Id/Othr/Id", account.account)


def _add(parent: xml.Element | None, path: str, text: str | None = None) -> xml.Element:
    assert parent is not None, path
    for tag in path.split("/"):
        parent = xml.SubElement(parent, tag)
    parent.text = text
    return parent


def statement(account: BankAccount, entries: Sequence[Entry], **more: object) -> bytes:
    """One whole statement in one file; `more` are the fields of StatementFile."""
    return StatementFile(account, tuple(entries), **more).write()  # type: ignore[arg-type]


def report(message_id: str, *refused: tuple[str, str], whole: str = "", version: int = 12) -> bytes:
    """A bank's report on an order, pain.002: payments that it refused by their names, each with the reason; or, with
    the reason `whole`, all of it."""
    root = xml.Element("Document", xmlns=f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version:02}")
    message = _add(root, "CstmrPmtStsRpt")
    _add(message, "GrpHdr/MsgId", "RPT-1")
    _add(message.find("GrpHdr"), "CreDtTm", "2026-03-11T02:00:00")
    original = _add(message, "OrgnlGrpInfAndSts")
    _add(original, "OrgnlMsgId", message_id)
    _add(original, "OrgnlMsgNmId", "pain.001.001.09")
    _add(original, "GrpSts", "RJCT" if whole else "PART" if refused else "ACSP")
    if whole:
        _add(original, "StsRsnInf/Rsn/Cd", whole)
    if refused:
        group = _add(message, "OrgnlPmtInfAndSts")
        _add(group, "OrgnlPmtInfId", "JFP")
        for name, reason in refused:
            one = _add(group, "TxInfAndSts")
            _add(one, "OrgnlEndToEndId", name)
            _add(one, "TxSts", "RJCT" if reason else "ACSC")
            if reason:
                _add(one, "StsRsnInf/Rsn/Cd", reason)
                _add(one.find("StsRsnInf"), "AddtlInf", "as the bank says")
    return xml.tostring(root, encoding="UTF-8", xml_declaration=True)
