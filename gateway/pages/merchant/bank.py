"""The bank as finance sees it: payments as files for it, and its statements held against the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask

from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import SETTLEMENT
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.settlement import minor_unit
from gateway.pages.merchant.settlement import own_part
from gateway.pages.words import bank as words
from gateway.pages.words.choices import PAYMENT_REJECTIONS
from gateway.pages.words.marking import mark
from gateway.pages.words.operations import OPERATION_NAMES
from gateway.security.principals import Role
from gateway.settlement.bank.matching import Tolerance

PROPOSED = ("RecordPayment", "ConfirmPayment", "RejectPayment", "RetractPayment")
"""The operations that statements come to."""


class BankContext(Context, template="merchant/bank.html"):
    """`payable`: windows for which this merchant has still to pay, each with the sum; `said`: what the script says of
    proposals, in the visitor's language; `minor`: millionths of a coin."""

    payable: list[Row]
    formats: Mapping[str, str]
    charsets: Mapping[str, str]
    encodings: Mapping[str, str]
    said: Mapping[str, Any]
    tolerance_days: int
    minor: int
    may_change: bool


@SETTLEMENT.page(
    "/merchant/bank", name="bank", title=mark("Bank"), label=mark("Bank"), roles=(Role.FINANCE,), icon="card"
)
def bank(view: PageView) -> flask.typing.ResponseReturnValue:
    """Offers payments as files, and takes statements."""
    windows = [
        (one["document"], own_part(view, one["document"])) for one in view.each("listCutWindows", unsettled=True)
    ]
    return view.render(
        BankContext(
            payable=[
                {"window_id": window["window_id"], "due_minor": sum(one["due_minor"] for one in ours["to_pay"])}
                for window, ours in windows
                if ours["to_pay"]
            ],
            formats=words.ORDER_FORMATS,
            charsets=words.CHARSETS,
            encodings=words.ENCODINGS,
            said={
                "verdicts": {code: [view.say(one.text), one.kind] for code, one in words.VERDICTS.items()},
                "operations": {op: view.say(OPERATION_NAMES[op]) for op in PROPOSED},
                "reasons": {code: view.say(text) for code, text in PAYMENT_REJECTIONS.items()},
                "refusals": {code: view.say(text) for code, text in words.REASONS.items()},
                "merchants": {msp_id: view.merchant_name(msp_id) for msp_id in view.merchants},
                "currency": view.speech.currency,
            },
            tolerance_days=Tolerance().days,
            minor=minor_unit(view),
            may_change=bool(view.roles & {Role.FINANCE, Role.ADMIN}),
        )
    )
