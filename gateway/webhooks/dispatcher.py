"""Sends what is due: a few messages at once, a fair share for each endpoint, each message's outcome written down before
its followers go."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.projection.fold.progress import FoldProgress
from gateway.store.engine import Store
from gateway.webhooks.addresses import AddressPolicy, Resolver, system_resolver
from gateway.webhooks.owners import Owners, everything
from gateway.webhooks.queue import Claimed, Finished, Queue
from gateway.webhooks.settings import WebhookSettings
from gateway.webhooks.signing import Cipher, sign
from gateway.webhooks.transport import DeliveryOutcome, Sender

log = structlog.get_logger()

LOOK_SECONDS = 0.5
"""How often it looks for messages that it was not woken for: retries, and what another process folded."""
PURGE_SECONDS = 600.0
STORE_PAUSE_SECONDS = 2.0


class Dispatcher:
    """Sends the messages of one store. Several may run, in as many processes. `run` is for an event loop; the database
    is worked on in a thread."""

    def __init__(
        self,
        store: Store,
        cipher: Cipher,
        settings: WebhookSettings,
        *,
        watch: FoldProgress | None = None,
        resolver: Resolver = system_resolver,
        clock: Callable[[], int] = lambda: int(time.time()),
        sender: Sender | None = None,
        owners: Owners = everything,
    ) -> None:
        self._cipher = cipher
        self._settings = settings
        self._clock = clock
        self._queue = Queue(store, settings, clock, owners=owners)
        self._policy = AddressPolicy(settings.allow_private_addresses, settings.allow_http)
        self._resolver = resolver
        self._sender = sender
        self.waits = False
        """Whether it has nothing to do until it is woken or time passes."""
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._finished: list[Finished] = []
        self._sending: dict[asyncio.Task[None], str] = {}
        if watch is not None:
            watch.follow(lambda operations: self.wake())

    def wake(self) -> None:
        """There may be something to send; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def run(self) -> None:
        """Sends until it is cancelled; then what is under way is given up, and its lease lets it be sent again."""
        self._loop = asyncio.get_running_loop()
        sender = self._sender or Sender(
            self._policy, timeout_seconds=self._settings.timeout_seconds, resolver=self._resolver
        )
        with ThreadPoolExecutor(1, thread_name_prefix="webhooks") as thread:
            try:
                await self._work(sender, thread)
            finally:
                self._loop = None
                for task in self._sending:
                    task.cancel()
                await asyncio.gather(*self._sending, return_exceptions=True)
                await sender.close()

    async def _work(self, sender: Sender, thread: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        purged = 0.0
        while True:
            self._wake.clear()
            finished, self._finished = self._finished, []
            free = self._settings.concurrent_max - len(self._sending)
            busy = Counter(self._sending.values())
            try:
                claimed = await loop.run_in_executor(thread, self._queue.step, finished, busy, free)
                if time.monotonic() - purged > PURGE_SECONDS:
                    await loop.run_in_executor(thread, self._queue.purge)
                    purged = time.monotonic()
            except SQLAlchemyError as error:
                self._finished = finished + self._finished
                log.warning("webhooks_interrupted", kind=type(error).__name__)
                await asyncio.sleep(STORE_PAUSE_SECONDS)
                continue
            for one in claimed:
                task = asyncio.create_task(self._send(sender, one))
                self._sending[task] = one.endpoint_id
                task.add_done_callback(self._sent)
            if not self._finished:
                # Not `wait_for`: before Python 3.12 it forgets that it was cancelled when what it waits for comes at
                # that moment.
                self.waits = True
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._wake.wait()
                self.waits = False

    async def _send(self, sender: Sender, claimed: Claimed) -> None:
        body = claimed.body.encode()
        try:
            secrets = [self._cipher.decrypt(sealed) for sealed in claimed.sealed_secrets]
        except Exception as error:  # noqa: BLE001 - whatever a cipher raises: without the secret there is nothing to send
            log.error("webhook_secret_unreadable", endpoint=claimed.endpoint_id, kind=type(error).__name__)
            outcome = DeliveryOutcome(None, "SECRET_UNREADABLE", 0)
        else:
            headers = sign(secrets, claimed.message_id, self._clock(), body)
            outcome = await sender.send(claimed.url, headers, body)
        self._finished.append(Finished(claimed, outcome))

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.pop(task, None)
        if not task.cancelled() and task.exception() is not None:
            # Its lease runs out, and it is sent again.
            log.error("webhook_defect", kind=type(task.exception()).__name__)
        self._wake.set()
