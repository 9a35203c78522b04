"""Whether an operation would commit now, and if not, what is in the way: asked by load balancers, so each answer is
good for a while."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

import structlog

from gateway.core.errors import GatewayError
from gateway.core.event_loop import EventLoop
from gateway.ledger.errors import LedgerError
from gateway.ledger.port import Ledger
from gateway.projection.fold.progress import FoldProgress
from gateway.store.engine import Store, StoreError
from gateway.submissions.service import unavailable

log = structlog.get_logger()

GOOD_SECONDS = 2.0
"""How long an answer is given again: each one costs an endorsement of every organisation that is asked."""
FOLD_SECONDS_MAX = 3.0
"""Longer than a block takes to be folded on a busy gateway."""


class Readiness:
    """For one gateway. `height` is for the runtime's loop."""

    def __init__(self, store: Store, runtime: EventLoop, watch: FoldProgress, ledger: Callable[[], Ledger]) -> None:
        self._store = store
        self._runtime = runtime
        self._watch = watch
        self._ledger = ledger
        self._lock = asyncio.Lock()
        self._looked = -math.inf
        self._height = 0
        self._problem: GatewayError | None = None
        self._told = ""

    async def height(self) -> int:
        """The height of the ledger, when an operation would commit now, be read and be answered. Raises GatewayError
        with what is in the way."""
        async with self._lock:
            if time.monotonic() >= self._looked + GOOD_SECONDS:
                await self._look()
                self._looked = time.monotonic()
        if self._problem is not None:
            raise GatewayError(self._problem.code, self._problem.detail, retry_after_seconds=GOOD_SECONDS)
        return self._height

    async def _look(self) -> None:
        try:
            self._height, self._problem = await self._asked(), None
        except GatewayError as error:
            self._problem = error
        code = "READY" if self._problem is None else self._problem.code
        if code != self._told:
            log.info("readiness", code=code, detail=self._problem and self._problem.detail)
            self._told = code

    async def _asked(self) -> int:
        try:
            await asyncio.to_thread(self._store.check)
            await self._ledger().check()
            height = await self._ledger().height()
        except StoreError as error:
            raise GatewayError("STORE_UNAVAILABLE", error.detail) from None
        except LedgerError as error:
            raise unavailable(error) from None
        if self._runtime.failed:
            names = ", ".join(sorted(self._runtime.failed))
            raise GatewayError("SERVICE_ENDED", f"{names}; the log says why, and a new start is needed")
        if not await self._watch.reached(height - 1, FOLD_SECONDS_MAX):
            detail = f"the ledger has block {height - 1}, the tables have block {self._watch.block_number}"
            raise GatewayError("PROJECTION_BEHIND", detail)
        return height
