"""Load on a ledger: lanes, each with one call in flight, for so many seconds.

What the lanes do: each issues points of classes of its own, so that no two in flight touch one key. A lane takes its
classes in turn, so that the peers of other organisations have committed the lane's last use of a class before the next.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.ledger.errors import LedgerError
from gateway.ledger.port import Ledger

CLASSES_PER_LANE = 4


@dataclass
class Measured:
    """What a run of lanes gave. `latencies_seconds`: one for each call that succeeded."""

    seconds: float = 0.0
    latencies_seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """The latency that so large a share of the calls stayed below, in seconds; 0 without calls."""
        ordered = sorted(self.latencies_seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclass(frozen=True)
class Ground:
    """What the lanes work on: for each lane its classes, and addresses to issue to. `prefix` makes request ids
    unique."""

    prefix: str
    classes: list[list[str]]
    addresses: list[str]
    valid_until: int

    def issue(self, lane: int, number: int, class_turn: int) -> dict[str, Any]:
        """The lane's operation of this number."""
        classes = self.classes[lane]
        return {
            "op": "Issue",
            "args": {
                "address": self.addresses[number % len(self.addresses)],
                "class_id": classes[class_turn % len(classes)],
                "points": 1,
            },
            "request_id": f"{self.prefix}-{lane}-{number}",
            "valid_until": self.valid_until,
        }


async def in_lanes(lanes: int, seconds: float, call: Callable[[int, int], Awaitable[None]]) -> Measured:
    """`call(lane, turn)` again and again in each lane until the time is over; what was in flight then is waited for."""
    measured = Measured()
    started = time.monotonic()

    async def one(lane: int) -> None:
        for turn in itertools.count():
            begun = time.monotonic()
            if begun - started >= seconds:
                return
            try:
                await call(lane, turn)
            except LedgerError as error:
                measured.failures[f"{type(error).__name__} {error.code}"] += 1
            else:
                measured.latencies_seconds.append(time.monotonic() - begun)

    await asyncio.gather(*map(one, range(lanes)))
    measured.seconds = time.monotonic() - started
    return measured


async def submit_in_lanes(ledger: Ledger, ground: Ground, lanes: int, seconds: float, size: int) -> Measured:
    """Transactions of `size` operations: 1 by the operation's name, more through `Apply`."""

    async def call(lane: int, turn: int) -> None:
        operations = [ground.issue(lane, turn * size + place, turn) for place in range(size)]
        if size == 1:
            await ledger.submit(operations[0])
            return
        result = await ledger.submit_many(operations)
        refused = [receipt for receipt in result.receipts if not receipt.accepted]
        if refused:
            raise LedgerError(refused[0].code, refused[0].detail or "")

    return await in_lanes(lanes, seconds, call)


async def evaluate_in_lanes(ledger: Ledger, ground: Ground, lanes: int, seconds: float) -> Measured:
    """Queries of a balance."""

    async def call(lane: int, turn: int) -> None:
        address = ground.addresses[turn % len(ground.addresses)]
        await ledger.evaluate("GetBalance", {"account": address, "class_id": ground.classes[lane][0]})

    return await in_lanes(lanes, seconds, call)
