"""What became of an operation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.ledger.port import Receipt


class State(StrEnum):
    """Where a kept operation is: PENDING until it ends."""

    PENDING = "PENDING"
    COMMITTED = "COMMITTED"
    REFUSED = "REFUSED"


@dataclass(frozen=True)
class Committed:
    """It stands on the ledger."""

    receipt: Receipt


@dataclass(frozen=True)
class Pending:
    """Its outcome is not known yet; it is kept, and `submission_id` will tell."""

    submission_id: str


@dataclass(frozen=True)
class Submission:
    """A kept operation. `receipt` is the ledger's when it is COMMITTED; `code` and `detail` say why when it is
    REFUSED."""

    submission_id: str
    request_id: str
    state: State
    created_at: int
    receipt: dict[str, Any] | None = None
    block_number: int | None = None
    code: str | None = None
    detail: str | None = None


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """A receipt as the gateway gives it: with its block, and always with `repeated`."""
    return {"repeated": False, **receipt.document, "block_number": receipt.block_number}
