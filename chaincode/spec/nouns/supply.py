"""Flow counters 流量计数 of a class, in the lane of the gateway that writes them."""

from __future__ import annotations

from typing import TypedDict


class Flows(TypedDict):
    """Points of a class by what became of them (`counters.FLOWS`)."""

    expired: int
    indebted: int
    issued: int
    redeemed_elsewhere: int
    redeemed_own: int
    repaid: int
    restored: int
    reversed: int


class Supply(Flows):
    """The flows of a class over all lanes."""

    class_id: str
    outstanding: int  # points in balances


STORED = Flows
