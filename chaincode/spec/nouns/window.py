"""Window 结算周期, once it is cut: CUT, CLOSING 轧差中, CLOSED, SETTLED, with its payments 付款 and what is
recorded of each, the remittances 汇款."""

from __future__ import annotations

from typing import Literal, TypedDict

from chaincode.spec.nouns.current_window import WindowOpening


class OpenWindow(WindowOpening):
    """The open window as queries show it."""

    status: Literal["OPEN"]


class UnnettedWindow(WindowOpening):
    """A window that was cut, and is not netted whole yet."""

    cut_at: int  # Unix seconds
    status: Literal["CUT", "CLOSING"]


class NetPosition(TypedDict):
    """What a merchant gets in a window; negative: pays."""

    msp_id: str
    net_minor: int


class DuePayment(TypedDict):
    """Who pays whom how much."""

    amount_minor: int
    payee_msp: str
    payer_msp: str


class Correction(TypedDict):
    """What takes a confirmed remittance's place once the other side asks for it, too."""

    amount_minor: int  # 0: nothing
    asked_by: str  # MSP id of the payer or the payee
    reference: str


class Remittance(TypedDict):
    """What a payer recorded that it paid: one of its bank's payments, or a part of one."""

    amount_minor: int
    confirm_by: int  # Unix seconds; silence of the payee counts as confirmation afterwards
    confirmed_at: int | None  # Unix seconds; null until it is CONFIRMED
    confirmed_by: str | None  # ANSWER of the payee, its SILENCE, or a CORRECTION by both; null until it is CONFIRMED
    correction: Correction | None  # asked for, or, of a REVERSED one, made
    ended_at: int | None  # Unix seconds; null while it is PAID or CONFIRMED
    paid_at: int  # Unix seconds; when it was recorded
    reason: str | None  # why it is REJECTED
    reference: str  # of the bank's payment
    status: str


class Payment(DuePayment):
    """A payment, what is recorded of it, and what is left."""

    due_minor: int  # not recorded yet, or due again
    remittances: list[Remittance]  # in the order in which they were recorded
    status: str


class Window(WindowOpening):
    """A window that is netted."""

    accept_by: int  # Unix seconds
    closed_at: int  # Unix seconds
    cut_at: int  # Unix seconds
    gross_minor: int
    net: list[NetPosition]
    pay_by: int  # Unix seconds; what is not recorded by then is overdue
    payments: list[Payment]
    pending_statements: int
    status: str


EndedWindow = Window | UnnettedWindow
STORED = EndedWindow
