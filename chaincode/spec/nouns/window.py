"""Window 结算周期, once it is cut: CUT, CLOSING 轧差中, CLOSED, SETTLED; `pays_after` is the nearest window
before it with payments."""

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


class Payment(DuePayment):
    """A payment and its state."""

    confirmed_at: int | None  # Unix seconds; null until it is CONFIRMED
    paid_at: int | None  # Unix seconds; null until it is PAID
    reference: str | None  # the payer's; null until it is PAID
    status: str


class Window(WindowOpening):
    """A window that is netted."""

    accept_by: int  # Unix seconds
    closed_at: int  # Unix seconds
    cut_at: int  # Unix seconds
    gross_minor: int
    net: list[NetPosition]
    payments: list[Payment]
    pays_after: int | None  # window_id; null for none
    pending_statements: int
    status: str


EndedWindow = Window | UnnettedWindow
STORED = EndedWindow
