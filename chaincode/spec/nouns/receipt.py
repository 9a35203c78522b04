"""Receipt 回执: the memory of an operation that is about no balance, redemption or hold."""

from __future__ import annotations

from typing import TypedDict

STORED = ("content", "until", "tx_id")


class LedgerReceipt(TypedDict):
    """What is remembered of a request, wherever it is."""

    about: str | None  # key of a balance, redemption or hold
    authoriser: str
    request_id: str
    tx_id: str
    until: int  # Unix seconds
