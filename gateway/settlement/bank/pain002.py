"""Reads a bank's reports of what became of an order, ISO 20022 pain.002.001 in the versions .03 to .15: what it refused,
and why. What it took is nothing yet: a statement says what was booked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as xml

from gateway.core.errors import GatewayError
from gateway.settlement.bank.identifiers import ID_CHARACTERS_MAX
from gateway.settlement.bank.xml_reading import plain_text, read_message, text_at

MESSAGE = "pain.002.001"
VERSIONS = range(3, 16)
REFUSED = "RJCT"
REASONS: Mapping[str, str] = {
    "AC01": "The account number is not right. Correct it in bank_accounts.yaml and order the payment again.",
    "AC04": "The account is closed. Ask the payee for its new one.",
    "AM04": "There is not enough money in the account. Provide it and order the payment again.",
    "AM05": "The bank takes it for a duplicate: the same payment was sent before. Look at the account first.",
    "BE05": "The bank does not know who orders. Ask it about the agreement for files.",
    "DUPL": "The bank has had this file before. Look at the account first.",
    "FF01": "The bank cannot read the file. Ask which form, characters and fields it takes.",
    "RC01": "The payee's bank is not named rightly. Correct cnaps or bic in bank_accounts.yaml.",
}
"""What banks' reasons (ISO 20022 ExternalStatusReason1Code) mean, and what to do; others stand as the bank says them."""
SENT_BEFORE = ("AM05", "DUPL")
"""Reasons that say nothing against the first payment of that name."""
_LOOKS_LIKE = re.compile(rb"urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.")
_LOOK_BYTES = 2_000


@dataclass(frozen=True)
class Refusal:
    """What the bank refused: one payment by its name, or, with an empty one, the whole message. `reason` is its code,
    `text` what it adds."""

    message_id: str
    end_to_end_id: str
    reason: str
    text: str


def is_report(data: bytes) -> bool:
    """Says whether a file looks like such a report; reading it tells for certain."""
    return _LOOKS_LIKE.search(data[:_LOOK_BYTES]) is not None


def read_refusals(data: bytes) -> list[Refusal]:
    """Returns what a report says that the bank refused; what it does not say so of was taken, or waits. Raises
    GatewayError BANK_FILE_INVALID."""
    report = read_message(data, MESSAGE, VERSIONS).find("CstmrPmtStsRpt")
    if report is None:
        raise GatewayError("BANK_FILE_INVALID", "no CstmrPmtStsRpt")
    message_id = text_at(report, "OrgnlGrpInfAndSts/OrgnlMsgId")
    if not 1 <= len(message_id) <= ID_CHARACTERS_MAX:
        raise GatewayError("BANK_FILE_INVALID", f"no OrgnlMsgId of 1 to {ID_CHARACTERS_MAX} characters")
    return list(_refusals(report, message_id))


def _refusals(report: xml.Element, message_id: str) -> Iterator[Refusal]:
    groups = report.findall("OrgnlPmtInfAndSts")
    payments = [(group, one) for group in groups for one in group.findall("TxInfAndSts")]
    for group, one in payments:
        if REFUSED in (text_at(one, "TxSts"), text_at(group, "PmtInfSts")):
            yield _refusal(one if text_at(one, "TxSts") else group, message_id, text_at(one, "OrgnlEndToEndId"))
    whole = [one for one in groups if text_at(one, "PmtInfSts") == REFUSED]
    header = report.find("OrgnlGrpInfAndSts")
    if not whole and header is not None and text_at(header, "GrpSts") == REFUSED:
        whole = [header]
    if not payments:
        yield from (_refusal(one, message_id, "") for one in whole[:1])


def _refusal(told: xml.Element, message_id: str, end_to_end_id: str) -> Refusal:
    texts = (plain_text(one.text) for one in told.findall("StsRsnInf/AddtlInf"))
    return Refusal(message_id, end_to_end_id, text_at(told, "StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry"), " ".join(texts))
