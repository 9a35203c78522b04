"""The embedded ledger: the Python spec over SQLite, for a first try, for tests and for a shop of one.

The same rules, receipts, events and errors as on Fabric, under one roof: there is no one else to endorse. The submitter
is the identity's certificate, as on Fabric, but nobody checks who signed it, so the file belongs to whoever may open
it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from chaincode.spec.invoke import APPLY, DRY_RUN
from chaincode.spec.kernel import canonical
from chaincode.spec.kernel.apply import receipts_of
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.signatures import SigningPlace
from gateway.ledger.adapters.embedded_store import Committed, EmbeddedStore
from gateway.ledger.encoding import encode_batch
from gateway.ledger.errors import EvaluateFailed, Rejected
from gateway.ledger.evidence import HEADERS_MAX, Authorities, Evidence, Header, LedgerKind
from gateway.ledger.port import (
    Block,
    BlockTransaction,
    Checkpoint,
    Identity,
    Json,
    Ledger,
    LedgerEvent,
    Operation,
    Receipt,
    TransactionResult,
    receipts_in,
)
from gateway.ledger.repetitions import completed

NEW_BLOCK_CHECK_SECONDS = 0.1
"""How often a stream of events looks for blocks that another process wrote."""
BLOCKS_PER_READ = 20
BLOCK_SECONDS_MAX = 60.0

Answer = TypeVar("Answer")


class _Bell:
    """Wakes all of this process who wait for a block of one file, when one of them has written it. For many threads and
    loops."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    @contextlib.contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """What is set at the next ring; for the running loop."""
        event = asyncio.Event()
        with self._lock:
            self._waiting[event] = asyncio.get_running_loop()
        try:
            yield event
        finally:
            with self._lock:
                self._waiting.pop(event, None)

    def ring(self) -> None:
        """There is a new block."""
        with self._lock:
            for event, loop in self._waiting.items():
                with contextlib.suppress(RuntimeError):  # a loop that has ended has nobody who waits
                    loop.call_soon_threadsafe(event.set)


_bells: weakref.WeakValueDictionary[Path, _Bell] = weakref.WeakValueDictionary()
"""One for each file that is open in this process."""


class EmbeddedHost:
    """One open file and the thread that works on it; several ledgers, each of another identity, can share it."""

    def __init__(
        self, path: Path | str, *, channel: str = "jifen", chaincode: str = "jifen", nonce: str | None = None
    ) -> None:
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedded-ledger")
        self.store = self.thread.submit(EmbeddedStore, Path(path), channel, chaincode, nonce).result()
        self.bell = _bells.setdefault(Path(path).resolve(), _Bell())
        self.users = 0

    def release(self) -> None:
        """One user less; the last one closes the file."""
        self.users -= 1
        if self.users == 0:
            self.thread.submit(self.store.close).result()
            self.thread.shutdown()


class EmbeddedLedger(Ledger):
    """The adapter `embedded`. `where` is the file, or a host that other ledgers use too."""

    def __init__(
        self,
        where: EmbeddedHost | Path | str,
        identity: Identity,
        *,
        channel: str = "jifen",
        chaincode: str = "jifen",
    ) -> None:
        self._identity = identity
        self._host = (
            where if isinstance(where, EmbeddedHost) else EmbeddedHost(where, channel=channel, chaincode=chaincode)
        )
        self._host.users += 1
        self._store = self._host.store
        self._closed = False

    @property
    def msp_id(self) -> str:
        """As the port says."""
        return self._identity.msp_id

    @property
    def place(self) -> SigningPlace:
        """As the port says."""
        return self._store.place

    async def submit(self, operation: Operation, *, timestamp: int | None = None) -> Receipt:
        """As the port says."""
        arguments = [canonical.encode(dict(operation))]
        committed = await self._invoke(timestamp, str(operation["op"]), arguments)
        (document,) = await completed([json.loads(committed.response.payload)], [operation], self.transaction)
        return Receipt(document)

    async def submit_many(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> TransactionResult:
        """As the port says."""
        batch = encode_batch(operations, shard)
        committed = await self._invoke(timestamp, APPLY, [batch])
        event = json.loads(committed.response.event) if committed.response.event else None
        answer = receipts_of(json.loads(committed.response.payload), event, committed.transaction_id)
        documents = await completed(answer, operations, self.transaction)
        return TransactionResult(
            committed.transaction_id, committed.block_number, receipts_in(documents, committed.block_number)
        )

    async def evaluate(self, query: str, arguments: Mapping[str, Json], *, timestamp: int | None = None) -> Json:
        """As the port says."""
        argument = canonical.encode(dict(arguments))
        payload = await self._run(lambda: self._store.evaluate(self._identity, _now(timestamp), query, [argument]))
        return json.loads(payload)

    async def dry_run(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> tuple[Receipt, ...]:
        """As the port says."""
        batch = encode_batch(operations, shard)
        payload = await self._run(lambda: self._store.evaluate(self._identity, _now(timestamp), DRY_RUN, [batch]))
        documents = await completed(json.loads(payload), operations, self.transaction)
        return tuple(Receipt(document) for document in documents)

    async def transaction(self, transaction_id: str) -> BlockTransaction:
        """As the port says."""
        try:
            return await self._run(lambda: self._store.transaction(transaction_id))
        except KeyError as error:
            raise EvaluateFailed("LEDGER_UNAVAILABLE", str(error.args[0])) from None

    async def events(self, after: Checkpoint | None = None, *, from_block: int = 0) -> AsyncIterator[LedgerEvent]:
        """As the port says."""
        async for block in self.follow(from_block if after is None else after.block_number):
            for event in _events_of(block):
                if after is None or event.checkpoint > after:
                    yield event

    async def follow(self, first: int = 0) -> AsyncIterator[Block]:
        """As the port says."""
        while True:
            with self._host.bell.listening() as rung:
                blocks = await self._run(lambda first=first: self._store.blocks(first, first + BLOCKS_PER_READ - 1))  # type: ignore[misc]
                if not blocks:
                    await _rung(rung)
            for block in blocks:
                yield block
                first = block.number + 1

    async def blocks(self, first: int = 0, last: int | None = None) -> AsyncIterator[Block]:
        """As the port says."""
        end = await self.height() - 1 if last is None else last
        for start in range(first, end + 1, BLOCKS_PER_READ):
            stop = min(end, start + BLOCKS_PER_READ - 1)
            for block in await self._run(lambda start=start, stop=stop: self._store.blocks(start, stop)):  # type: ignore[misc]
                yield block

    async def evidence(self, block_number: int) -> Evidence:
        """As the port says."""
        content = await self._run(lambda: self._store.evidence(block_number))
        return Evidence(LedgerKind.EMBEDDED, block_number, content)

    async def headers(self, first: int, last: int) -> Sequence[Header]:
        """As the port says."""
        return await self._run(lambda: self._store.headers(first, min(last, first + HEADERS_MAX - 1)))

    async def authorities(self) -> Authorities:
        """As the port says: there is nobody who signs, and dates are whoever's who writes."""
        return Authorities(LedgerKind.EMBEDDED, self.place)

    async def wait_for_block(self, block_number: int) -> None:
        """As the port says."""
        try:
            async with asyncio.timeout(BLOCK_SECONDS_MAX):
                while True:
                    with self._host.bell.listening() as rung:
                        if await self.height() > block_number:
                            return
                        await _rung(rung)
        except TimeoutError:
            raise EvaluateFailed("LEDGER_UNAVAILABLE", f"there is no block {block_number}", passing=True) from None

    async def height(self) -> int:
        """As the port says."""
        return await self._run(self._store.height)

    async def close(self) -> None:
        """As the port says."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(None, self._host.release)

    async def _invoke(self, timestamp: int | None, function: str, arguments: Sequence[bytes]) -> Committed:
        committed = await self._run(lambda: self._store.invoke(self._identity, _now(timestamp), function, arguments))
        if committed.block_number is not None:
            self._host.bell.ring()
        return committed

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._host.thread, work)
        except Refusal as refusal:
            raise Rejected(refusal.code, refusal.detail) from None


async def _rung(bell: asyncio.Event) -> None:
    """Returns when it has rung, or soon: another process cannot ring."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(NEW_BLOCK_CHECK_SECONDS):
            await bell.wait()


def _now(timestamp: int | None) -> int:
    return int(time.time()) if timestamp is None else timestamp


def _events_of(block: Block) -> list[LedgerEvent]:
    """The entries of a block's events, in order."""
    found = []
    for place, transaction in enumerate(block.transactions):
        entries = json.loads(transaction.event)["operations"] if transaction.event else []
        for index, payload in enumerate(entries):
            found.append(
                LedgerEvent(block.number, place, transaction.transaction_id, transaction.timestamp, index, payload)
            )
    return found
