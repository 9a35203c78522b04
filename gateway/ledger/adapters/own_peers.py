"""Which of the organisation's peers this gateway asks: the first in the declaration's order that answers and has the
newest blocks.

A peer that fails is left at once, by the call that met it; every two seconds all are asked for their height, so that a
peer that hangs, lags or has lost the channel is left too, and the first one is taken again when it is well. Nothing is
read from a peer that does not have every block this gateway has seen, so that a change of peers takes nothing back that
was told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import grpc

from gateway.ledger.errors import EvaluateFailed, LedgerError

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
ANSWER_SECONDS = 2.0
"""How long a peer may take to tell its height."""
CATCH_UP_SECONDS = 5.0
CATCH_UP_LOOK_SECONDS = 0.1
BEHIND_MAX = 20
"""The peer that is asked keeps its place while it is no further behind the others."""
BACK_WITHIN = 2
"""Another one gets it when it is no further behind: peers commit a block at slightly different times."""


class OwnPeers:
    """The choice among the peers `names`. `height(place)` asks one for its height. To be used inside one event loop."""

    def __init__(self, names: Sequence[str], height: Callable[[int], Awaitable[int]]) -> None:
        self.names = tuple(names)
        self.current = 0
        """The place in `names` of the one that is asked now."""
        self._height = height
        self._newest = -1
        self._level = {0}
        """Those that had every block when they were last looked at."""
        self._away: set[int] = set()
        self._lock = asyncio.Lock()
        self._moved = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    async def choose(self) -> int:
        """The place of the peer to ask. Raises EvaluateFailed, passing, when it is not up to what this gateway has
        seen."""
        if len(self.names) == 1:
            return 0
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="own peers")
        if self.current not in self._level:
            async with self._lock:
                await self._catch_up()
        return self.current

    def saw(self, block_number: int) -> None:
        """This gateway was told of the block."""
        self._newest = max(self._newest, block_number)

    def failed(self, place: int) -> None:
        """A call to the peer found it gone: the next one is asked."""
        if len(self.names) == 1:
            return
        known = place in self._away
        self._away.add(place)
        self._level.discard(place)
        if place == self.current:
            following = [(place + step) % len(self.names) for step in range(1, len(self.names))]
            well = next((one for one in following if one not in self._away), following[0])
            self._move(well, "" if known else "does not answer")

    async def left(self, place: int) -> None:
        """Returns when another peer than this one is asked."""
        while self.current == place:
            await self._moved.wait()

    async def close(self) -> None:
        """Ends looking."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])

    def _move(self, place: int, why: str) -> None:
        if why:
            log.warning("peer %s %s; asking %s", self.names[self.current], why, self.names[place])
        self.current = place
        self._moved.set()
        self._moved = asyncio.Event()

    async def _catch_up(self) -> None:
        """Returns when the current peer has all that this gateway has seen."""
        deadline = asyncio.get_running_loop().time() + CATCH_UP_SECONDS
        while (place := self.current) not in self._level:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    height = await self._height(place)
            except (LedgerError, grpc.RpcError, TimeoutError) as error:
                if isinstance(error, LedgerError) and not error.passing:
                    raise  # it is there, and says why it gives none
                self.failed(place)
                detail = f"peer {self.names[place]} does not answer"
                raise EvaluateFailed("LEDGER_UNAVAILABLE", detail, passing=True) from None
            if height > self._newest:
                self._level.add(place)
                return
            if asyncio.get_running_loop().time() > deadline:
                detail = f"peer {self.names[place]} is at block {height - 1}, and block {self._newest} was seen"
                raise EvaluateFailed("LEDGER_UNAVAILABLE", detail, passing=True)
            await asyncio.sleep(CATCH_UP_LOOK_SECONDS)

    async def _ask(self, place: int) -> int | None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._height(place)
        except (LedgerError, grpc.RpcError, TimeoutError):
            return None

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            heights = await asyncio.gather(*map(self._ask, range(len(self.names))))
            self._judge(heights)

    def _judge(self, heights: Sequence[int | None]) -> None:
        newest = max((height for height in heights if height is not None), default=0)
        if not newest:
            return  # what is wrong is no single peer's; calls will tell
        self._away = {place for place, height in enumerate(heights) if height is None}
        for place, height in enumerate(heights):
            if height is None or height + (BEHIND_MAX if place == self.current else BACK_WITHIN) < newest:
                self._level.discard(place)
                continue
            if place != self.current:
                self._level.discard(place)  # it is looked at again before anything is read from it
                self._move(place, "is left for one that stands before it" if place < self.current else "is not well")
            return
