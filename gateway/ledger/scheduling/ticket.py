"""One operation on its way through the scheduler."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

from chaincode.spec.footprint import Footprint
from gateway.ledger.port import Operation, Receipt


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

    `blockers` counts unfinished earlier tickets that conflict with it; `followers` are the later ones that it holds up. `deadline` is of the
    event loop's clock. `size` is in bytes.
    """

    operation: Operation
    footprint: Footprint
    sequence: int
    size: int
    bulk: bool
    timestamp: int | None
    deadline: float | None
    future: asyncio.Future[Receipt]
    state: State = State.QUEUED
    blockers: int = 0
    followers: list[Ticket] = field(default_factory=list)

    def __lt__(self, other: Ticket) -> bool:
        """Earlier arrivals first."""
        return self.sequence < other.sequence
