"""One operation on its way through the scheduler."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from chaincode.spec.kernel.bech32 import CHARACTERS
from chaincode.spec.kernel.footprint import Footprint
from chaincode.spec.kernel.signatures import ADDRESS_PREFIX
from gateway.ledger.port import Operation, Receipt

_BALANCE = "balance/"
_ADDRESS = f"{ADDRESS_PREFIX}1"
_PLACES = frozenset(CHARACTERS)


class State(StrEnum):
    """Where an operation is. UNKNOWN is passing: it is asked for, and sent again, until it is COMMITTED or REJECTED."""

    QUEUED = "queued"
    IN_FLIGHT = "in flight"
    UNKNOWN = "unknown"
    COMMITTED = "committed"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(eq=False)
class Ticket:
    """An operation, its caller's future, and its place among those that share a key with it.

    `blockers` counts unfinished earlier tickets that conflict with it; `followers` are the later ones that it holds up.
    `deadline` is of the event loop's clock. `size` is in bytes. `place` is where its account's balances lie, see
    `place_of`. `shard` is the lane in which it must go, because it writes keys of that lane (a capture books where its
    hold reserved); None for one that may go in any.
    """

    operation: Operation
    footprint: Footprint
    sequence: int
    size: int
    bulk: bool
    timestamp: int | None
    deadline: float | None
    future: asyncio.Future[Receipt]
    shard: int | None = None
    refilled: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """How often room was brought for it, by the slice that was short (`room`)."""
    state: State = State.QUEUED
    blockers: int = 0
    followers: list[Ticket] = field(default_factory=list)
    place: str = field(init=False)

    def __post_init__(self) -> None:
        self.place = place_of(self.footprint)

    def __lt__(self, other: Ticket) -> bool:
        """Earlier arrivals first."""
        return self.sequence < other.sequence


def place_of(footprint: Footprint) -> str:
    """Where the balance that an operation writes lies among those of its class: the first character of the data part of
    the address (`jf1<data>`), of the first address if there are several. Empty for one that writes no member's
    balance."""
    accounts = [key.rpartition("/")[2] for key in footprint.writes if key.startswith(_BALANCE)]
    first = min(accounts, default="")
    place = first[len(_ADDRESS) : len(_ADDRESS) + 1] if first.startswith(_ADDRESS) else ""
    return place if place in _PLACES else ""
