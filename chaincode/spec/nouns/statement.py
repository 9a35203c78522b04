"""Statement 对账单 of one merchant."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.nouns.netting import Tally


class StatementContent(Tally):
    """What a statement states."""

    disputed_minor: int  # what disputes after the netting changed `net_minor` by
    disputes: int
    disputes_sha256: str  # see OpenDispute
    window_id: int


class StatementName(TypedDict):
    """What names a statement."""

    msp_id: str
    sha256: str
    status: str


class Statement(TypedDict):
    """A statement and its state."""

    accepted_at: int | None  # Unix seconds; null while it is PENDING
    content: StatementContent
    sha256: str  # of the content's canonical JSON
    status: str


STORED = Statement
