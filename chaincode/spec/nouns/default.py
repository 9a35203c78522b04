"""Default 违约处置: what became of what a merchant owed in a window and did not pay."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.nouns.window import DuePayment


class Share(TypedDict):
    """What a merchant is owed, gives or bears, in minor units."""

    amount_minor: int
    msp_id: str


class SetOff(Share):
    """What a merchant owes the defaulter in a window, and pays those instead whom the defaulter owes."""

    window_id: int


class Default(TypedDict):
    """A default that was declared. What was owed is what bears it, all together: set-off, cover, fund, losses,
    haircuts."""

    cover_minor: int  # of the defaulter's
    declared_at: int  # Unix seconds
    declared_by: str  # MSP id
    default_id: str
    fund: list[Share]  # of whose contributions how much
    haircuts: list[Share]  # what those who are owed do not get
    losses: list[Share]  # what the survivors pay
    msp_id: str  # the defaulter
    owed: list[Share]  # to whom
    payments: list[DuePayment]  # that the window has for it; the custodian's are out of cover and fund
    set_off: list[SetOff]
    window_id: int


STORED = Default
