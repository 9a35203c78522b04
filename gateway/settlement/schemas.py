"""What the endpoints of settlement take and give."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.core.schemas import ApiSchema, FixedSchema
from gateway.settlement.bank.bank_csv import CsvEncoding
from gateway.settlement.bank.camt053 import FILES_MAX
from gateway.settlement.bank.charsets import Charset
from gateway.settlement.bank.instructions import ATTEMPTS_MAX
from gateway.settlement.bank.matching import Verdict
from gateway.settlement.bank.xml_reading import BYTES_MAX

MinorUnits = Annotated[int, Field(description="Smallest coins of the settlement currency.")]
Base64 = Annotated[str, Field(max_length=4 * BYTES_MAX // 3 + 4, description="The file's bytes, in Base64.")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PaymentOrderRequest(ApiSchema):
    """How the order is to be written."""

    format: Literal["pain.001", "csv"] = Field(
        default="pain.001", description="ISO 20022 pain.001.001.09, or a Chinese bank's table of payments."
    )
    charset: Charset = Field(
        default=Charset.UNICODE, description="Of pain.001: names as they are, or in Latin letters."
    )
    encoding: CsvEncoding = Field(default=CsvEncoding.GB18030, description="Of the table.")
    execution_day: datetime.date | None = Field(
        default=None,
        description="When the bank is to pay; the day after the time for accepting statements when left out.",
    )
    attempt: int = Field(
        default=1,
        ge=1,
        le=ATTEMPTS_MAX,
        description="Another one gives the message another name, where the bank refused it and takes it again for a duplicate. "
        "Payments keep their names.",
    )


class BankFile(FixedSchema):
    """One file for the bank."""

    name: str
    media_type: str
    sha256: Sha256
    content: str = Field(description="The file's bytes, in Base64.")


class OrderedPayment(FixedSchema):
    """One payment of an order. `end_to_end_id` is its name at the banks, and its reference on the ledger."""

    payee_msp: str
    account_name: str
    amount_minor: MinorUnits
    end_to_end_id: str


class PaymentOrderShown(FixedSchema):
    """What a merchant has still to pay for a window, as files for its bank; the same until something was recorded."""

    window_id: int
    payer_msp: str
    message_id: str
    execution_day: datetime.date
    currency: str
    decimals: int
    total_minor: MinorUnits
    accounts_sha256: Sha256 = Field(description="Of the file that declares the merchants' bank accounts.")
    payments: list[OrderedPayment]
    files: list[BankFile]


class StatementFilesRequest(ApiSchema):
    """A bank's statements, camt.053.001 in the versions .02 to .14, and reports on orders, pain.002.001.03 to .15; how near an entry without a payment's name must
    be to be proposed for it."""

    files: list[Base64] = Field(min_length=1, max_length=FILES_MAX)
    tolerance_days: int = Field(default=3, ge=0, le=60)
    tolerance_minor: int = Field(default=0, ge=0, le=1_000_000)


class StatementRead(FixedSchema):
    """One statement of the merchant's account."""

    statement_id: str
    first_day: datetime.date
    last_day: datetime.date
    entries: int


class ProposedOperation(FixedSchema):
    """An operation that somebody may send to its endpoint, under this request_id."""

    op: str
    args: dict[str, Any]
    request_id: str


class PaymentNamed(FixedSchema):
    """Which payment."""

    window_id: int
    payer_msp: str
    payee_msp: str


class ProposalShown(FixedSchema):
    """An entry held against the ledger. `entry` is its statement, number and number within it; null for what is missing.
    `difference_minor`: how much more it has than `expected_minor`."""

    verdict: Verdict
    entry: str | None
    booked_on: datetime.date | None
    counterparty_name: str
    amount_minor: int | None
    charges_minor: int
    expected_minor: int | None
    difference_minor: int
    payment: PaymentNamed | None
    reason: str = Field(description="Why the bank refused it: its code (ISO 20022), empty for all else.")
    reason_text: str = Field(description="What the bank adds to it.")
    choices: list[ProposedOperation]


class StatementsShown(FixedSchema):
    """What a bank's statements come to. `repeated`: statements that were there more than once; `others`: how many are
    of other accounts or currencies; `unrelated`: entries that have to do with no payment."""

    statements: list[StatementRead]
    reports: int = Field(description="How many files are reports on orders.")
    repeated: list[str]
    others: int
    unrelated: int
    currency: str
    decimals: int
    accounts_sha256: Sha256
    proposals: list[ProposalShown]
