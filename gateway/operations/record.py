"""What the gateway adds to one operation of the ledger: who may ask for it, whose second person it needs, and the event
that tells of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from gateway.security.access_rules import AccessRule


class Deed(enum.StrEnum):
    """A class of deeds that a merchant can have confirmed by a second person each time."""

    CLASSES = "classes"
    """What points are worth, earn, how long they last and who takes them."""
    RATES = "rates"
    """What points are exchanged for."""
    LIMITS = "limits"
    """Caps and cover, up and down."""
    MERCHANTS = "merchants"
    """Who is a merchant, and whether it may issue and accept."""
    WINDOWS = "windows"
    """The cut of a settlement period."""
    PAYMENTS = "payments"
    """That money was sent or came."""
    IMPORTS = "imports"
    """Old balances taken over."""


OVER_A_LIMIT = "over a limit"
"""Staff do it over and over, and may alone up to a value a day."""


@dataclass(frozen=True)
class OperationRecord:
    """One operation `op` by its name on the ledger.

    `access`: its row in the table of access; who authorises it is the ledger's to say. `event`: the type of the webhook
    event that it makes. `approval`: the class of deeds for which a second person is asked each time, OVER_A_LIMIT, or
    None where one person is enough.
    """

    op: str
    access: AccessRule
    event: str
    approval: Deed | str | None = None

    @property
    def endpoint(self) -> str:
        """The name of its endpoint, `issue` for `Issue`."""
        return self.op[0].lower() + self.op[1:]
