"""Many callers on one scheduler: each waits for its operation's receipt and brings the next; or they come at a given
rate."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import islice

from admin.tools.bench.load import Measured
from gateway.ledger.errors import LedgerError
from gateway.ledger.port import Operation
from gateway.ledger.scheduling import Busy, Scheduler


def made(operations: Iterator[Operation], count: int) -> list[Operation]:
    """So many operations, made (and signed) before the clock runs."""
    return list(islice(operations, count))


async def many(scheduler: Scheduler, operations: Sequence[Operation], callers: int, seconds: float) -> Measured:
    """Each caller brings one operation after the other until the time is over or none is left; all are waited for.

    `Measured.seconds` runs to the last receipt within the time and the wait behind it; latencies are of operations that
    were accepted."""
    measured = Measured()
    source = iter(operations)
    started = time.monotonic()
    end = started + seconds

    async def caller() -> None:
        for operation in source:
            await _one(scheduler, operation, measured)
            if time.monotonic() >= end:
                return

    await asyncio.gather(*(caller() for _ in range(callers)))
    measured.seconds = time.monotonic() - started
    return measured


async def at_rate(scheduler: Scheduler, operations: Sequence[Operation], rate: float) -> Measured:
    """Operations arrive `rate` a second, whether or not those before have been answered."""
    measured = Measured()
    started = time.monotonic()
    running: set[asyncio.Task[None]] = set()
    for number, operation in enumerate(operations):
        wait = started + number / rate - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        elif number % 100 == 0:
            # Late: let the answers in before the next arrivals.
            await asyncio.sleep(0)
        task = asyncio.create_task(_one(scheduler, operation, measured))
        running.add(task)
        task.add_done_callback(running.discard)
    while running:
        await asyncio.wait(set(running))
    measured.seconds = time.monotonic() - started
    return measured


async def _one(scheduler: Scheduler, operation: Operation, measured: Measured) -> None:
    begun = time.monotonic()
    try:
        await scheduler.submit(operation)
    except Busy as busy:
        measured.failures["BUSY"] += 1
        await asyncio.sleep(busy.retry_after_seconds)
    except LedgerError as error:
        measured.failures[f"{type(error).__name__} {error.code}"] += 1
    else:
        measured.latencies_seconds.append(time.monotonic() - begun)
