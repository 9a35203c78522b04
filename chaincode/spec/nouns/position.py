"""Position 头寸: what the issuer comes to owe the acceptor, in one lane."""

from __future__ import annotations

from typing import TypedDict


class Position(TypedDict):
    """Sums of one window; what is owed is redeemed + adjusted - refunded."""

    adjusted_millionths: int  # moved here by disputes, negative: taken away
    redeemed_millionths: int
    refunded_millionths: int


STORED = Position
