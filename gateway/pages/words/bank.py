"""What entries of a bank's statement come to, and the forms of files for the bank."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pages.words.marking import mark
from gateway.pages.words.statuses import Status

VERDICTS: Mapping[str, Status] = {
    "MATCHED": Status(mark("Name and amount match"), "good"),
    "PROPOSED": Status(mark("Amount, day and account match"), "waiting"),
    "AMBIGUOUS": Status(mark("May be one of several payments"), "waiting"),
    "DIFFERENT": Status(mark("The amount differs"), "bad"),
    "REVERSED": Status(mark("Taken back by the bank"), "bad"),
    "PAID_TWICE": Status(mark("Paid twice"), "bad"),
    "WAITING": Status(mark("Not recorded by the payer yet"), "waiting"),
    "REFUSED": Status(mark("Refused by the payee"), "bad"),
    "RECORDED": Status(mark("On the ledger already"), "plain"),
    "PENDING": Status(mark("Not booked by the bank yet"), "plain"),
    "NOT_RECEIVED": Status(mark("Recorded, and not in the statements"), "bad"),
}
ORDER_FORMATS: Mapping[str, str] = {
    "pain.001": mark("ISO 20022 (pain.001)"),
    "csv": mark("Table for batch payments (CSV)"),
}
CHARSETS: Mapping[str, str] = {"unicode": mark("All characters"), "latin": mark("Latin letters only")}
ENCODINGS: Mapping[str, str] = {"gb18030": "GB18030", "utf-8-sig": "UTF-8"}
"""Standards' names, the same in every language."""
