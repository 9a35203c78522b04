"""Redemption 核销, with its draws and what is remembered of requests about it."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.kernel.redemptions import REDEMPTION_FIELDS
from chaincode.spec.nouns import Date

STORED = REDEMPTION_FIELDS


class Draw(TypedDict):
    """What was drawn of one bucket."""

    class_id: str
    expires_on: Date | None  # null: never
    issuer_msp: str
    points: int
    refunded: int  # points
    value_millionths: int


class Redemption(TypedDict):
    """A redemption."""

    acceptor_msp: str
    draws: list[Draw]
    kind: str
    member: str
    order_ref: str
    points: int
    redeemed_on: Date
    redemption_id: str
    refunded: int  # points
    shard: int  # the lane in which it is booked, and its refunds are
    value_millionths: int
    window_id: int
