"""How far the projection is, and waiting for it to be further: woken by this process's projector, or seen in the store
that another one feeds."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence

from gateway.core.errors import GatewayError
from gateway.projection.fold.operations import FoldedOperation
from gateway.projection.fold.snapshots import position_of
from gateway.store.engine import Store

LOOK_SECONDS = 0.05
Follower = Callable[[Sequence[FoldedOperation]], None]


class FoldProgress:
    """The newest block that is known to be in the store. For many threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = threading.Condition()
        self._looking = threading.Lock()
        self._block_number = -1
        self._followers: tuple[Follower, ...] = ()
        self._waiting: dict[int, asyncio.Future[None]] = {}

    @property
    def block_number(self) -> int:
        """The newest block that this process knows to be in the store; -1 before it knows of any."""
        return self._block_number

    def follow(self, follower: Follower) -> None:
        """Calls `follower` with the operations of each commit of this process's projector, after it. It must be
        quick."""
        with self._changed:
            self._followers = (*self._followers, follower)

    def publish(self, block_number: int, operations: Sequence[FoldedOperation]) -> None:
        """Tells that the block is committed, and all before it."""
        with self._changed:
            self._block_number = block_number
            self._changed.notify_all()
            followers = self._followers
            ready = [self._waiting.pop(number) for number in list(self._waiting) if number <= block_number]
        for future in ready:
            future.get_loop().call_soon_threadsafe(future.set_result, None)
        if operations:
            for follower in followers:
                follower(operations)

    async def reached(self, block_number: int, timeout_seconds: float) -> bool:
        """Whether this process's projector commits the block in time; for the one event loop of the process. Where
        several processes feed a store, each one's projector goes over every block, so that none waits for long for what
        another one has folded."""
        with self._changed:
            if self._block_number >= block_number:
                return True
            # One future for all who wait for a block: a batch's receipts come together.
            shared = self._waiting.setdefault(block_number, asyncio.get_running_loop().create_future())
        done, _ = await asyncio.wait([shared], timeout=timeout_seconds)
        return bool(done)

    def wait_for_block(self, block_number: int, timeout_seconds: float) -> None:
        """Returns when the block is in the store. Raises GatewayError BLOCK_NOT_REACHED."""
        deadline = time.monotonic() + timeout_seconds
        while not self._reached(block_number):
            left = deadline - time.monotonic()
            if left <= 0:
                raise GatewayError(
                    "BLOCK_NOT_REACHED",
                    f"the gateway is at block {self._block_number}, asked was {block_number}",
                    retry_after_seconds=1,
                )
            with self._changed:
                if self._block_number < block_number:
                    self._changed.wait(min(LOOK_SECONDS, left))

    def _reached(self, block_number: int) -> bool:
        """Whether the block is there; one thread at a time looks into the store, the others take what it found."""
        if self._block_number >= block_number:
            return True
        if self._looking.acquire(blocking=False):
            try:
                with self._store.reading() as session:
                    self._block_number = max(self._block_number, position_of(session).block_number)
            finally:
                self._looking.release()
        return self._block_number >= block_number
