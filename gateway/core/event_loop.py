"""The one asyncio thread of a gateway: ledger, scheduler and everything that runs by itself live there; Flask's threads
call into it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog
import uvloop

log = structlog.get_logger()
Result = TypeVar("Result")
STOP_SECONDS = 10.0
COLLECTOR_THRESHOLDS = (10_000, 10, 10)
"""For `gc.set_threshold`. Thousands of operations that wait are live objects, and hardly any are in cycles: with the
interpreter's own thresholds it went through them again and again (100 against 87 µs of the gateway's time an operation
under load, measured as P1 of `jifen bench throughput` is). Not more seldom: what is in cycles waits for the oldest
generation's turn, a million objects, and so cannot grow beyond that."""


def ease_collector() -> None:
    """Lets the process's cyclic collector come seldom. For a process that is a gateway, or reads a chain."""
    gc.set_threshold(*COLLECTOR_THRESHOLDS)


class EventLoop:
    """An event loop in a thread of its own. `start` it once; services added with `run` go until `stop`."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._services: set[asyncio.Task[None]] = set()
        self.failed: set[str] = set()
        """Names of services that ended by an error."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop, while it runs."""
        if self._loop is None:
            raise RuntimeError("the runtime has not been started")
        return self._loop

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Starts the thread; returns when the loop runs."""
        ready = threading.Event()

        def work() -> None:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                self._loop = runner.get_loop()
                self._stopping = asyncio.Event()
                ready.set()
                runner.run(self._stopping.wait())
            self._loop = None

        self._thread = threading.Thread(target=work, name="gateway-runtime", daemon=True)
        self._thread.start()
        ready.wait()

    def submit(self, work: Coroutine[Any, Any, Result]) -> concurrent.futures.Future[Result]:
        """Begins the coroutine in the loop; for other threads."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def call(self, work: Coroutine[Any, Any, Result], timeout_seconds: float | None = None) -> Result:
        """The coroutine's result; for other threads. Raises TimeoutError, and cancels it, when it takes longer."""
        future = self.submit(work)
        try:
            return future.result(timeout_seconds)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise

    def run(self, name: str, service: Callable[[], Awaitable[None]]) -> None:
        """Starts a service that is to go on until `stop`. One that ends by an error is a defect: it is told, and the
        gateway is not ready any more (`failed`)."""

        async def begin() -> None:
            task = asyncio.ensure_future(self._serve(name, service))
            self._services.add(task)

        self.call(begin())

    async def _serve(self, name: str, service: Callable[[], Awaitable[None]]) -> None:
        try:
            await service()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("service_failed", service=name, kind=type(error).__name__)
            self.failed.add(name)

    def stop_services(self) -> None:
        """Cancels the services and waits for their end."""

        async def end() -> None:
            for task in self._services:
                task.cancel()
            if self._services:
                await asyncio.wait(self._services)
            self._services.clear()

        self.call(end(), STOP_SECONDS)

    def stop(self) -> None:
        """Ends the loop and its thread; again does nothing."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(STOP_SECONDS)
        self._thread = None
