"""Folds the ledger's blocks into the store: block after block, each block's rows and the checkpoint in one database
transaction.

So each block is folded exactly once, however often and at whatever moment the process is killed. Several processes may
feed one store: whoever holds the checkpoint's lock folds what is next, and a block that is in already is passed over. A
store is fed from one chain only: block 0 is known by its hash, and each block must name the one before it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from tenacity import RetryCallState, wait_random_exponential

from gateway.core.errors import GatewayError
from gateway.ledger.errors import LedgerError
from gateway.ledger.port import Block, Ledger
from gateway.projection.fold.fold import Folding
from gateway.projection.fold.operations import FoldedOperation
from gateway.projection.fold.progress import FoldProgress
from gateway.projection.fold.rows import Memory
from gateway.projection.fold.table_writer import empty_tables, insert_missing, read_memory, write_rows
from gateway.projection.models import ProjectionCheckpoint
from gateway.store.engine import Store

log = structlog.get_logger()
Result = TypeVar("Result")

CHECKPOINT = 1
OPERATIONS_PER_COMMIT = 2_000
BLOCKS_PER_COMMIT = 500
BYTES_PER_COMMIT = 16 * 1024 * 1024
BLOCKS_AHEAD = 16
"""Read while the ones before them are folded."""
QUIET_SECONDS = 60.0
"""After so long without a block the store is looked at."""
RETRY_WAIT = wait_random_exponential(multiplier=0.1, max=10.0)

Listener = Callable[[Session, Sequence[FoldedOperation]], None]
"""Called with the operations of a commit, inside its transaction: what it writes is committed with them, or not at
all."""
Progress = Callable[[int, int], None]
"""Called with blocks done and blocks to do."""


class _Gap(Exception):
    """The blocks lie further ahead than the store: another process has emptied it meanwhile."""


@dataclass(frozen=True)
class Folded:
    """What one commit took in: the number of blocks, and their operations."""

    blocks: int
    operations: Sequence[FoldedOperation]


class Projector:
    """Feeds one store from one ledger. `run` is for the event loop that uses the ledger; the database is worked on in a
    thread of its own."""

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        watch: FoldProgress | None = None,
        *,
        listeners: Sequence[Listener] = (),
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._ledger = ledger
        self.watch = watch or FoldProgress(store)
        self._listeners = list(listeners)
        self._clock = clock
        self.memory: tuple[int, Memory] | None = None
        """What folding remembers, and behind which block; nothing where the tables must be read first."""

    async def run(self) -> None:
        """Folds until it is cancelled. A ledger or database that is away is tried again; another chain than the store's
        ends it with GatewayError PROJECTION_OTHER_CHAIN."""
        failures, told = 0, ""
        with ThreadPoolExecutor(1, thread_name_prefix="projector") as thread:
            while True:
                try:
                    async for blocks in self._follow(thread):
                        await _in(thread, lambda blocks=blocks: self.fold(blocks))  # type: ignore[misc]
                        failures = 0
                except _Gap:
                    continue
                except (LedgerError, SQLAlchemyError) as error:
                    failures += 1
                    problem = getattr(error, "detail", type(error).__name__)
                    if failures == 1 or problem != told:
                        log.warning("projection_interrupted", kind=type(error).__name__, problem=problem)
                    told = problem
                    await asyncio.sleep(_pause(failures))

    async def catch_up(self, progress: Progress | None = None) -> None:
        """Folds up to the ledger's height now. Raises the ledger's and the database's errors, and GatewayError
        PROJECTION_OTHER_CHAIN."""
        with ThreadPoolExecutor(1, thread_name_prefix="projector") as thread:
            height = await self._ledger.height()
            next_block = await self._check(thread)
            if progress is not None:
                progress(next_block, height)
            async for blocks in self._read(next_block, height - 1):
                await _in(thread, lambda blocks=blocks: self.fold(blocks))  # type: ignore[misc]
                if progress is not None:
                    progress(blocks[-1].number + 1, height)

    async def rebuild(self, progress: Progress | None = None) -> None:
        """Empties the projection and folds from block 0 to the ledger's height now.

        Until that block is reached readers get PROJECTION_REBUILDING rather than half of the figures. (Who rebuilds
        does not trust the old ones, and to keep them apart would lock the database for as long as it takes.) A rebuild
        that was interrupted is finished by whichever projector runs next.
        """
        height = await self._ledger.height()
        with ThreadPoolExecutor(1, thread_name_prefix="projector") as thread:
            await self._check(thread)
            await _in(thread, lambda: self.empty(height - 1))
        await self.catch_up(progress)

    def next_block(self) -> int:
        """The number of the first block that is not in the store."""
        with self._store.reading() as session:
            checkpoint = session.get(ProjectionCheckpoint, CHECKPOINT)
            return 0 if checkpoint is None else checkpoint.block_number + 1

    def fold(self, blocks: Sequence[Block]) -> Folded:
        """Takes in blocks that follow each other, in one transaction; those that are in already are passed over. Raises
        GatewayError PROJECTION_OTHER_CHAIN when they are not of the store's chain or leave a gap."""
        try:
            with self._store.folding() as session:
                checkpoint = _locked_checkpoint(session)
                folding, count = self._fold(session, checkpoint, blocks)
                write_rows(session, folding.rows, folding.memory)
                for listener in self._listeners:
                    listener(session, folding.rows.folded)
        except BaseException:
            self.memory = None
            raise
        self.memory = (checkpoint.block_number, folding.memory)
        self.watch.publish(checkpoint.block_number, folding.rows.folded)
        return Folded(count, folding.rows.folded)

    def _fold(self, session: Session, checkpoint: ProjectionCheckpoint, blocks: Sequence[Block]) -> tuple[Folding, int]:
        folding = Folding(self._remembered(session, checkpoint))
        count = 0
        for block in blocks:
            _check_chain(checkpoint, block)
            if block.number <= checkpoint.block_number:
                continue
            if block.number == 0:
                checkpoint.genesis_hash = block.hash.hex()
            folding.take(block)
            checkpoint.block_number, checkpoint.block_hash = block.number, block.hash.hex()
            count += 1
        checkpoint.operations = folding.memory.operations
        checkpoint.ledger_time = folding.ledger_time or checkpoint.ledger_time
        checkpoint.folded_at = self._clock()
        if checkpoint.rebuild_until is not None and checkpoint.block_number >= checkpoint.rebuild_until:
            checkpoint.rebuild_until = None
        return folding, count

    def _remembered(self, session: Session, checkpoint: ProjectionCheckpoint) -> Memory:
        """The memory of this process, unless another one folded since."""
        if self.memory is not None and self.memory[0] == checkpoint.block_number:
            return self.memory[1]
        return read_memory(session, checkpoint.operations)

    def empty(self, until: int) -> None:
        """Begins a rebuild: nothing is left, and readers get PROJECTION_REBUILDING until this block is folded again."""
        with self._store.writing() as session:
            checkpoint = _locked_checkpoint(session)
            empty_tables(session)
            checkpoint.block_number, checkpoint.block_hash = -1, ""
            checkpoint.operations = checkpoint.ledger_time = 0
            checkpoint.folded_at = self._clock()
            checkpoint.rebuild_until = until if until >= 0 else None
        self.memory = None

    async def _follow(self, thread: ThreadPoolExecutor) -> AsyncIterator[list[Block]]:
        """Blocks that are not in the store: what the ledger has by now, and then each as it comes, from one lasting
        stream."""
        wanted = await self._check(thread)
        async for blocks in self._read(wanted, None):
            yield blocks
            wanted = blocks[-1].number + 1
        arrived: asyncio.Queue[Block | BaseException] = asyncio.Queue(BLOCKS_AHEAD)
        reader = asyncio.create_task(_pour(self._ledger.follow(wanted), arrived), name="blocks")
        try:
            while True:
                handful = _Handful()
                try:
                    async with asyncio.timeout(QUIET_SECONDS):
                        handful.add(_block_of(await arrived.get()))
                except TimeoutError:
                    # Should somebody have emptied the store and gone, it is filled again from here.
                    if await _in(thread, self.next_block) < wanted:
                        raise _Gap from None
                    continue
                while not arrived.empty() and not handful.full:
                    handful.add(_block_of(arrived.get_nowait()))
                yield handful.blocks
                wanted = handful.blocks[-1].number + 1
        finally:
            reader.cancel()
            await asyncio.wait([reader])

    async def _check(self, thread: ThreadPoolExecutor) -> int:
        """Sees by block 0 and the last one in the store that it is of this chain; gives the number of the next.
        PROJECTION_OTHER_CHAIN."""
        wanted = await _in(thread, self.next_block)
        height = await self._ledger.height() if wanted else 0
        for known in sorted({0, wanted - 1}):
            if 0 <= known < height:
                async for block in self._ledger.blocks(known, known):
                    await _in(thread, lambda block=block: self.fold([block]))  # type: ignore[misc]
        return wanted

    async def _read(self, first: int, last: int | None) -> AsyncIterator[list[Block]]:
        """Blocks in handfuls for one commit each."""
        handful = _Handful()
        if last is not None and first > last:
            return
        async for block in self._ledger.blocks(first, last):
            handful.add(block)
            if handful.full:
                yield handful.blocks
                handful = _Handful()
        if handful.blocks:
            yield handful.blocks


async def _pour(blocks: AsyncIterator[Block], into: asyncio.Queue[Block | BaseException]) -> None:
    """Puts the blocks into the queue, as it has room; their error, last."""
    try:
        async for block in blocks:
            await into.put(block)
    except Exception as error:  # noqa: BLE001 - whatever it is, the one who takes the blocks gets it
        await into.put(error)


def _block_of(arrived: Block | BaseException) -> Block:
    if isinstance(arrived, BaseException):
        raise arrived
    return arrived


class _Handful:
    """Blocks for one commit."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._operations = self._bytes = 0

    def add(self, block: Block) -> None:
        """One more."""
        self.blocks.append(block)
        for transaction in block.transactions:
            told = len(transaction.event or b"")
            self._bytes += told + len(transaction.response)
            self._operations += 1 + told // 512

    @property
    def full(self) -> bool:
        """Whether it is enough."""
        return (
            len(self.blocks) >= BLOCKS_PER_COMMIT
            or self._operations >= OPERATIONS_PER_COMMIT
            or self._bytes >= BYTES_PER_COMMIT
        )


async def _in(thread: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
    """The result of work done in the thread. A cancelled caller goes on only when it is done: a commit is not left to
    itself."""
    future = asyncio.get_running_loop().run_in_executor(thread, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise


def _locked_checkpoint(session: Session) -> ProjectionCheckpoint:
    """The checkpoint, which no other transaction changes before this one ends; made where there is none."""
    wanted = select(ProjectionCheckpoint).where(ProjectionCheckpoint.id == CHECKPOINT).with_for_update()
    found = session.scalar(wanted)
    if found is None:
        empty = {"block_number": -1, "block_hash": "", "operations": 0, "ledger_time": 0, "folded_at": 0}
        insert_missing(session, ProjectionCheckpoint, [{"id": CHECKPOINT, "genesis_hash": "", **empty}])
        found = session.scalars(wanted).one()
    return found


def _check_chain(checkpoint: ProjectionCheckpoint, block: Block) -> None:
    """Raises GatewayError PROJECTION_OTHER_CHAIN unless the block is of the store's chain, as far as that can be seen
    from it; _Gap when it lies further ahead than the next one."""
    if block.number > checkpoint.block_number + 1:
        raise _Gap
    name = block.hash.hex()
    if (
        (block.number == 0 and checkpoint.genesis_hash not in ("", name))
        or (block.number == checkpoint.block_number and name != checkpoint.block_hash)
        or (block.number == checkpoint.block_number + 1 and block.previous_hash.hex() != checkpoint.block_hash)
    ):
        raise GatewayError(
            "PROJECTION_OTHER_CHAIN",
            f"block {block.number} is not of the chain that this database is fed from; a gateway of another chain wants a database of its own",
        )


def _pause(failures: int) -> float:
    state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]
    state.attempt_number = failures
    return RETRY_WAIT(state)
