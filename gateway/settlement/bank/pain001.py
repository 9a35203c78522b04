"""Writes a payment order as ISO 20022 pain.001.001.09, CustomerCreditTransferInitiation.

The schema counts and adds nothing; so the finished document is read once more, and its count and control sums are held
against the order.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from xml.etree import ElementTree as xml

from gateway.settlement.bank.amounts import amount_text, read_amount, to_minor
from gateway.settlement.bank.bank_accounts import BankAccount
from gateway.settlement.bank.charsets import Charset, write_text
from gateway.settlement.bank.instructions import Instruction, PaymentOrder

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
MEDIA_TYPE = "application/xml"
CHARGES = {"EUR": "SLEV"}
"""Who bears the bank's charges, by currency: SEPA knows one answer. Elsewhere the payer, so that the amount arrives
whole."""


def write_pain001(order: PaymentOrder, charset: Charset = Charset.UNICODE) -> bytes:
    """Returns the order as an XML document in UTF-8. Raises GatewayError BANK_NAME_UNWRITABLE."""
    root = xml.Element("Document", xmlns=NAMESPACE)
    message = xml.SubElement(root, "CstmrCdtTrfInitn")
    header = xml.SubElement(message, "GrpHdr")
    _text(header, "MsgId", order.message_id)
    _text(header, "CreDtTm", _moment(order.created_at))
    _totals(header, order)
    _name(xml.SubElement(header, "InitgPty"), order.payer, order.payer_msp, charset)

    group = xml.SubElement(message, "PmtInf")
    _text(group, "PmtInfId", order.payment_information_id)
    _text(group, "PmtMtd", "TRF")
    _totals(group, order)
    _text(group, "ReqdExctnDt/Dt", order.execution_day.isoformat())
    _party(group, "Dbtr", order.payer, order.payer_msp, charset)
    _text(group, "ChrgBr", CHARGES.get(order.terms.currency, "DEBT"))
    for one in order.instructions:
        _transaction(xml.SubElement(group, "CdtTrfTxInf"), one, order, charset)

    xml.indent(root)
    document = bytes(xml.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"
    _check_totals(document, order)
    return document


def _transaction(parent: xml.Element, one: Instruction, order: PaymentOrder, charset: Charset) -> None:
    names = xml.SubElement(parent, "PmtId")
    _text(names, "EndToEndId", one.end_to_end_id)
    _text(names, "UETR", one.uetr)
    amount = _text(parent, "Amt/InstdAmt", amount_text(one.amount_minor, order.terms.decimals))
    amount.set("Ccy", order.terms.currency)
    _agent(parent, "CdtrAgt", one.payee)
    _name(xml.SubElement(parent, "Cdtr"), one.payee, one.payee_msp, charset)
    _account(parent, "CdtrAcct", one.payee)
    _text(parent, "RmtInf/Ustrd", write_text(one.text, charset, "the remittance information"))


def _party(parent: xml.Element, tag: str, account: BankAccount, msp_id: str, charset: Charset) -> None:
    _name(xml.SubElement(parent, tag), account, msp_id, charset)
    _account(parent, f"{tag}Acct", account)
    _agent(parent, f"{tag}Agt", account)


def _name(parent: xml.Element, account: BankAccount, msp_id: str, charset: Charset) -> None:
    _text(parent, "Nm", write_text(account.name, charset, f"the name of {msp_id}'s account"))


def _account(parent: xml.Element, tag: str, account: BankAccount) -> None:
    _text(parent, f"{tag}/Id/IBAN" if account.has_iban else f"{tag}/Id/Othr/Id", account.account)


def _agent(parent: xml.Element, tag: str, account: BankAccount) -> None:
    agent = xml.SubElement(xml.SubElement(parent, tag), "FinInstnId")
    if account.bic is not None:
        _text(agent, "BICFI", account.bic)
    if account.cnaps is not None:
        member = xml.SubElement(agent, "ClrSysMmbId")
        _text(member, "ClrSysId/Cd", "CNAPS")
        _text(member, "MmbId", account.cnaps)


def _totals(parent: xml.Element, order: PaymentOrder) -> None:
    _text(parent, "NbOfTxs", str(len(order.instructions)))
    _text(parent, "CtrlSum", amount_text(order.total_minor, order.terms.decimals))


def _text(parent: xml.Element, path: str, text: str) -> xml.Element:
    """Adds an element, and those on the way to it, with a text."""
    for tag in path.split("/"):
        parent = xml.SubElement(parent, tag)
    parent.text = text
    return parent


def _moment(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_totals(document: bytes, order: PaymentOrder) -> None:
    """Holds what stands in the document against the order: a wrong sum must never leave the house."""
    root = xml.fromstring(document)

    def texts(tag: str) -> list[str]:
        return [one.text or "" for one in root.iter(f"{{{NAMESPACE}}}{tag}")]

    def minor(found: Iterable[str]) -> list[int]:
        return [to_minor(read_amount(text), order.terms.decimals) for text in found]

    amounts = minor(texts("InstdAmt"))
    assert all(amount > 0 for amount in amounts), amounts
    assert set(texts("NbOfTxs")) == {str(len(amounts))}, texts("NbOfTxs")
    assert set(minor(texts("CtrlSum"))) == {sum(amounts)} == {order.total_minor}, texts("CtrlSum")
