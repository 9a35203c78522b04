"""Hold 预留."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.kernel.canonical import Json
from chaincode.spec.nouns import Date


class Pin(TypedDict):
    """Held points of one bucket."""

    class_id: str
    expires_on: Date | None  # null: never
    points: int


class HoldAmount(TypedDict):
    """What is held of one class."""

    captured_points: int
    class_id: str
    issuer_msp: str
    points: int
    value_millionths: int


class HoldRecord(TypedDict):
    """A hold."""

    acceptor_msp: str
    amounts: list[HoldAmount]
    captured_points: int
    expires_at: int  # Unix seconds
    hold_id: str
    member: str
    order_ref: str
    pins: list[Pin]  # none once it has ended
    points: int
    redemption_id: str | None  # null unless captured
    shard: int
    status: str


class StoredHold(HoldRecord):
    """A hold with what is remembered of requests about it."""

    memory: list[Json]  # [entries, spilled_until]


STORED = StoredHold


def hold_shown(document: Json) -> Json:
    """A hold without what is remembered of requests about it."""
    return {name: value for name, value in document.items() if name != "memory"}
