"""The bank: orders of payments, and statements held against the ledger."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from gateway.core.errors import GatewayError
from gateway.identity.api.common import of_merchant
from gateway.security.principals import ApiKeyCaller, Staff
from gateway.settlement.bank import bank_csv, pain001
from gateway.settlement.bank.instructions import PaymentOrder
from gateway.settlement.bank.matching import Proposal, Tolerance
from gateway.settlement.schemas import (
    BankFile,
    OrderedPayment,
    PaymentNamed,
    PaymentOrderRequest,
    PaymentOrderShown,
    ProposalShown,
    ProposedOperation,
    StatementFilesRequest,
    StatementRead,
    StatementsShown,
)
from gateway.web.endpoints import Answer, Call, Subject
from gateway.web.reading import WINDOW_PATTERN, window_part

subject = Subject("bank", "The bank: a window's payments as files, and statements held against them")

BODY_BYTES_MAX = 40_000_000
ACCOUNT_CODES = ("BANK_ACCOUNT_MISSING", "BANK_ACCOUNTS_INVALID", "OBJECT_UNKNOWN", "PROJECTION_REBUILDING")


@subject.post(
    "/windows/{window_id}/payment-order",
    name="orderPayments",
    summary="What this merchant has still to pay for a window, as files for its bank",
    body=PaymentOrderRequest,
    answers={200: PaymentOrderShown},
    codes=[*ACCOUNT_CODES, "PAYMENTS_NOT_OPEN", "NOTHING_TO_PAY", "BANK_NAME_UNWRITABLE"],
    owner=of_merchant,
    path_patterns={"window_id": WINDOW_PATTERN},
)
def order_payments(call: Call[PaymentOrderRequest]) -> Answer:
    """The same files each time, until something was recorded; then new names, and what is left. Nothing happens on the
    ledger. The audit log keeps who asked, and for which sum."""
    order, accounts = call.gateway.bank.order(window_part(call), call.body.execution_day, call.body.attempt)
    shown = PaymentOrderShown(
        window_id=order.window_id,
        payer_msp=order.payer_msp,
        message_id=order.message_id,
        execution_day=order.execution_day,
        currency=order.terms.currency,
        decimals=order.terms.decimals,
        total_minor=order.total_minor,
        accounts_sha256=accounts.sha256,
        payments=[
            OrderedPayment(
                payee_msp=one.payee_msp,
                account_name=one.payee.name,
                amount_minor=one.amount_minor,
                end_to_end_id=one.end_to_end_id,
            )
            for one in order.instructions
        ],
        files=files_of(order, call.body),
    )
    details = {"message_id": order.message_id, "total_minor": order.total_minor, "accounts_sha256": accounts.sha256}
    if isinstance(call.principal, Staff | ApiKeyCaller):
        call.gateway.people.audit.record(call.principal, "orderPayments", str(order.window_id), details=details)
    return Answer(200, shown)


@subject.post(
    "/bank-statements",
    name="matchBankStatements",
    summary="Holds a bank's statements against the payments on the ledger",
    body=StatementFilesRequest,
    body_bytes_max=BODY_BYTES_MAX,
    answers={200: StatementsShown},
    codes=[
        *ACCOUNT_CODES,
        "BANK_FILE_INVALID",
        "BANK_FILE_INCOMPLETE",
        "BANK_FILE_UNBALANCED",
        "BANK_FILE_DIFFERENT",
    ],
    owner=of_merchant,
    writes=False,
)
def match_bank_statements(call: Call[StatementFilesRequest]) -> Answer:
    """Proposes operations, and carries out none: send the chosen one to its own endpoint, under the request_id that is
    named. Read again afterwards, the same statement proposes nothing."""
    tolerance = Tolerance(call.body.tolerance_days, call.body.tolerance_minor)
    found, terms, accounts = call.gateway.bank.read([decoded(content) for content in call.body.files], tolerance)
    shown = StatementsShown(
        statements=[
            StatementRead(
                statement_id=one.statement_id,
                first_day=one.first_day,
                last_day=one.last_day,
                entries=len(one.items),
            )
            for one in found.reading.statements
        ],
        reports=found.reports,
        repeated=list(found.reading.repeated),
        others=found.reading.others,
        unrelated=found.matching.unrelated,
        currency=terms.currency,
        decimals=terms.decimals,
        accounts_sha256=accounts.sha256,
        proposals=[proposal_shown(one) for one in found.matching.proposals],
    )
    return Answer(200, shown)


def files_of(order: PaymentOrder, wanted: PaymentOrderRequest) -> list[BankFile]:
    """The order's files in the wanted form. Raises GatewayError BANK_NAME_UNWRITABLE."""
    if wanted.format == "csv":
        return [
            _file(name, bank_csv.MEDIA_TYPE, data) for name, data in bank_csv.write_bank_csv(order, wanted.encoding)
        ]
    name = f"{order.message_id}-window-{order.window_id}.xml"
    return [_file(name, pain001.MEDIA_TYPE, pain001.write_pain001(order, wanted.charset))]


def _file(name: str, media_type: str, data: bytes) -> BankFile:
    content = base64.b64encode(data).decode()
    return BankFile(name=name, media_type=media_type, sha256=hashlib.sha256(data).hexdigest(), content=content)


def decoded(content: str) -> bytes:
    """The bytes of a file. Raises GatewayError BANK_FILE_INVALID."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise GatewayError("BANK_FILE_INVALID", "a file is not written in Base64") from None


def proposal_shown(one: Proposal) -> ProposalShown:
    """A proposal as finance sees it."""
    item, payment = one.item, one.payment
    entry = one.refusal.message_id if one.refusal is not None else None
    told: dict[str, Any] = {"entry": entry, "booked_on": None, "counterparty_name": "", "amount_minor": None}
    if item is not None:
        told = {
            "entry": item.place,
            "booked_on": item.booked_on,
            "counterparty_name": item.counterparty_name,
            "amount_minor": item.amount_minor,
        }
    return ProposalShown(
        verdict=one.verdict,
        **told,
        charges_minor=item.charges_minor if item is not None else 0,
        expected_minor=one.expected_minor,
        difference_minor=one.difference_minor,
        payment=None if payment is None else PaymentNamed.model_validate(payment, extra="ignore"),
        reason=one.refusal.reason if one.refusal is not None else "",
        reason_text=one.refusal.text if one.refusal is not None else "",
        choices=[
            ProposedOperation(op=choice.op, args=dict(choice.args), request_id=choice.request_id)
            for choice in one.choices
        ],
    )
