"""Many operations at once, in constant memory: lines come in pieces, a bounded number is on its way, and each has an
answer in its place.

Answers that are ready before the last line has been read wait in a temporary file, not in memory, so that a caller may
send everything before it reads anything.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.core.errors import GatewayError
from gateway.core.event_loop import EventLoop
from gateway.ledger.errors import LedgerError
from gateway.ledger.port import Operation, Receipt
from gateway.ledger.scheduling import Busy
from gateway.submissions.service import Submissions, identity_for, nothing_happened, refusal_of

CHUNK_LINES = 100
BUSY_TRIES_MAX = 60


@dataclass(frozen=True)
class Line:
    """One line: its number (from 1), and the operation in it, or why it is none."""

    number: int
    operation: Operation | None
    problem: Exception | None = None


@dataclass(frozen=True)
class LineOutcome:
    """What became of a line: a receipt or a problem. `unknown` says that the problem does not mean that nothing
    happened."""

    line: Line
    receipt: Receipt | None = None
    problem: Exception | None = None
    unknown: bool = False


class Bulk:
    """Carries out lines of operations; for threads."""

    def __init__(self, runtime: EventLoop, submissions: Submissions, in_flight_max: int) -> None:
        self._runtime = runtime
        self._submissions = submissions
        self._chunks_max = max(1, in_flight_max // CHUNK_LINES)

    def carry_out(
        self, lines: Iterable[Line], *, timestamp: int | None = None, dry_run: bool = False
    ) -> Iterator[LineOutcome]:
        """The outcomes, in the lines' order, as they come. Reads no further ahead than the lines that may be on their
        way.

        Lines that touch the same account are carried out in their order. A dry run tries hundreds of lines together on
        a state that none of them changes.
        """
        work: Callable[[list[Line], int | None], Any] = self._try if dry_run else self._send
        waiting: deque[concurrent.futures.Future[list[LineOutcome]]] = deque()
        for chunk in _chunks(lines):
            waiting.append(self._runtime.submit(work(chunk, timestamp)))
            while waiting and (len(waiting) >= self._chunks_max or waiting[0].done()):
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()

    async def _send(self, chunk: list[Line], timestamp: int | None) -> list[LineOutcome]:
        return list(await asyncio.gather(*(self._one(line, timestamp) for line in chunk)))

    async def _one(self, line: Line, timestamp: int | None) -> LineOutcome:
        if line.operation is None:
            return LineOutcome(line, problem=line.problem)
        identity = identity_for(line.operation, self._submissions.identities)
        for trial in range(BUSY_TRIES_MAX):
            try:
                return LineOutcome(
                    line,
                    await self._submissions.send(line.operation, identity=identity, bulk=True, timestamp=timestamp),
                )
            except Busy as error:
                if trial + 1 == BUSY_TRIES_MAX:
                    return LineOutcome(line, problem=refusal_of(error))
                await asyncio.sleep(error.retry_after_seconds)
            except LedgerError as error:
                return LineOutcome(line, problem=refusal_of(error), unknown=not nothing_happened(error))
            except GatewayError as error:
                return LineOutcome(line, problem=error)
        raise AssertionError("the last trial gave an outcome")

    async def _try(self, chunk: list[Line], timestamp: int | None) -> list[LineOutcome]:
        found = {line.number: LineOutcome(line, problem=line.problem) for line in chunk}
        sound = [line for line in chunk if line.operation is not None]
        try:
            receipts = await self._submissions.try_many(
                [line.operation for line in sound if line.operation is not None], timestamp
            )
        except LedgerError as error:
            for line in sound:
                found[line.number] = LineOutcome(line, problem=refusal_of(error))
        else:
            for line, receipt in zip(sound, receipts, strict=True):
                found[line.number] = LineOutcome(line, receipt)
        return [found[line.number] for line in chunk]


def _chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    chunk: list[Line] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == CHUNK_LINES:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
