"""Statement 对账单 of one merchant."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.nouns.netting import Tally
from chaincode.spec.nouns.window import DuePayment


class StatementContent(Tally):
    """What a statement states."""

    payments: list[DuePayment]  # those that the merchant makes or gets
    window_id: int


class Statement(TypedDict):
    """A statement and its state."""

    accepted_at: int | None  # Unix seconds; null while it is PENDING
    content: StatementContent
    sha256: str  # of the content's canonical JSON
    status: str


STORED = Statement
