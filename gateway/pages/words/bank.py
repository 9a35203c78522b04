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
    "NOT_CARRIED_OUT": Status(mark("Refused by the bank"), "bad"),
    "NOT_RECEIVED": Status(mark("Recorded, and not in the statements"), "bad"),
}
REASONS: Mapping[str, str] = {
    "AC01": mark("The account number is not right. Correct it in bank_accounts.yaml and order the payment again."),
    "AC04": mark("The account is closed. Ask the payee for its new one."),
    "AM04": mark("There is not enough money in the account. Provide it and order the payment again."),
    "AM05": mark("The bank takes it for a duplicate: the same payment was sent before. Look at the account first."),
    "BE05": mark("The bank does not know who orders. Ask it about the agreement for files."),
    "DUPL": mark("The bank has had this file before. Look at the account first."),
    "FF01": mark("The bank cannot read the file. Ask which form, characters and fields it takes."),
    "RC01": mark("The payee's bank is not named rightly. Correct cnaps or bic in bank_accounts.yaml."),
}
"""The texts of `gateway.settlement.bank.pain002`, to be told in every language."""
ORDER_FORMATS: Mapping[str, str] = {
    "pain.001": mark("ISO 20022 (pain.001)"),
    "csv": mark("Table for batch payments (CSV)"),
}
CHARSETS: Mapping[str, str] = {"unicode": mark("All characters"), "latin": mark("Latin letters only")}
ENCODINGS: Mapping[str, str] = {"gb18030": "GB18030", "utf-8-sig": "UTF-8"}
"""Standards' names, the same in every language."""
