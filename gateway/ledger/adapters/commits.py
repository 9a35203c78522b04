"""Learns what became of transactions from one lasting stream of filtered blocks, however many callers wait."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import grpc
from fabric_protos.common import common_pb2

from gateway.ledger.adapters.blocks import validation_code_name
from gateway.ledger.errors import LedgerError

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
LOOK_SECONDS = 0.25
WRONG_DATE_STATUS = "BAD_REQUEST"
"""What a node answers to a request for blocks that is dated outside its time window."""
DUPLICATE = "DUPLICATE_TXID"


class StreamRefused(Exception):
    """The peer ended a stream of blocks with a status of its own, such as FORBIDDEN."""


@dataclass(frozen=True)
class CommitOutcome:
    """Where a transaction stands and Fabric's validation code for it."""

    block_number: int
    validation_code: str


class CommitWatcher:
    """Keeps a stream of filtered blocks open and resolves those who wait for a transaction in it.

    `open_stream(first)` asks the peer for blocks from `first` on (from the newest one when None), as an asynchronous
    iterable of `DeliverResponse`. After a break the stream is opened again behind the last block seen, so no block is
    left out.
    """

    def __init__(self, open_stream: Callable[[int | None], AsyncIterable[Any]]) -> None:
        self._open_stream = open_stream
        self._next_block: int | None = None
        self._waiting: dict[str, asyncio.Future[CommitOutcome]] = {}
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._block_seen = asyncio.Event()
        self._last_problem = "no answer yet"
        self._log = StreamLog("commits")

    async def ready(self, timeout_seconds: float) -> None:
        """Returns when the stream runs, so that no later transaction can be missed. Raises TimeoutError with the
        reason."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="commits")
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        while not self._listening.is_set():
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 or self._last_problem.startswith(WRONG_DATE_STATUS):  # waiting does not mend a clock
                raise TimeoutError(self._last_problem)
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, LOOK_SECONDS)):
                    await self._listening.wait()

    async def reached(self, block_number: int) -> None:
        """Returns when the peer has committed the block; `ready` must have been called."""
        while self._next_block is None or self._next_block <= block_number:
            self._block_seen.clear()
            await self._block_seen.wait()

    def expect(self, transaction_id: str) -> asyncio.Future[CommitOutcome]:
        """What will be known of the transaction; to be called before it is sent, and given back to `forget`."""
        return self._waiting.setdefault(transaction_id, asyncio.get_running_loop().create_future())

    def forget(self, transaction_id: str) -> None:
        """Nobody waits for this transaction any more."""
        future = self._waiting.pop(transaction_id, None)
        if future is not None and not future.done():
            future.cancel()

    async def close(self) -> None:
        """Ends the stream; those who still wait are cancelled."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        for transaction_id in list(self._waiting):
            self.forget(transaction_id)

    async def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                async for response in self._open_stream(self._next_block):
                    self._take(response)
                    pause = FIRST_PAUSE_SECONDS
                self._last_problem = "it ended"
            except (grpc.RpcError, StreamRefused, LedgerError) as problem:
                self._last_problem = describe_stream_problem(problem)
            self._log.broke(self._last_problem)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _take(self, response: Any) -> None:
        if response.WhichOneof("Type") == "status":
            raise StreamRefused(common_pb2.Status.Name(response.status))
        block = response.filtered_block
        self._log.runs()
        self._next_block = block.number + 1
        self._listening.set()
        self._block_seen.set()
        for transaction in block.filtered_transactions:
            future = self._waiting.get(transaction.txid)
            if future is None or future.done():
                continue
            code = validation_code_name(transaction.tx_validation_code)
            # A transaction that was sent twice stands twice, and only its first place counts; that one came before.
            if code != DUPLICATE:
                future.set_result(CommitOutcome(block.number, code))


class StreamLog:
    """Tells how a stream of blocks is, once for each change: not again while it stays away for the same reason."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._told: str | None = None

    def broke(self, why: str) -> None:
        """It has ended, and is opened again now and then."""
        if why != self._told:
            log.warning("the stream of %s broke (%s); opening it again until it runs", self._name, why)
        self._told = why

    def runs(self) -> None:
        """It gives blocks."""
        if self._told is not None:
            log.warning("the stream of %s runs again", self._name)
        self._told = None


def describe_stream_problem(problem: Exception) -> str:
    """A stream's end in words."""
    if isinstance(problem, StreamRefused) and str(problem) == WRONG_DATE_STATUS:
        return f"{WRONG_DATE_STATUS}: this machine's clock lies outside the peer's time window"
    if isinstance(problem, LedgerError):
        return str(problem)
    details = getattr(problem, "details", None)
    return str(details() if callable(details) else problem)
