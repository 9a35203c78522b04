"""A chain that grows, its projector with the outbox, a receiver and a dispatcher."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.projection.fold.projector import Projector
from gateway.store.engine import Store
from gateway.webhooks.dispatcher import Dispatcher
from gateway.webhooks.documents import EndpointCreated, EndpointRequest
from gateway.webhooks.endpoints import Endpoints
from gateway.webhooks.messages import Messages
from gateway.webhooks.outbox import Outbox
from gateway.webhooks.settings import WebhookSettings
from tests.scenes.chain import ChainWorld, standard_chain
from tests.scenes.waiting import at_least, eventually_async
from tests.scenes.webhook_receiver import Receiver, receiving

OPEN = WebhookSettings(
    allow_private_addresses=True,
    allow_http=True,
    timeout_seconds=20,
    attempts_max=5,
    first_pause_seconds=0.01,
    longest_pause_seconds=0.05,
)
"""Every address may be called, and pauses are short."""


class XorCipher:
    """Seals so that a plain secret in the store would be seen."""

    def encrypt(self, plain: bytes) -> bytes:
        return b"sealed" + bytes(byte ^ 0x5A for byte in plain)

    def decrypt(self, sealed: bytes) -> bytes:
        assert sealed.startswith(b"sealed")
        return bytes(byte ^ 0x5A for byte in sealed[6:])


@dataclass
class Shop:
    """One gateway's projection and webhooks, in the test's hands. `now` is its clock."""

    store: Store
    world: ChainWorld
    ledger: EmbeddedLedger
    settings: WebhookSettings = OPEN
    now: int = 1_900_000_000

    def __post_init__(self) -> None:
        self.cipher = XorCipher()
        self.outbox = Outbox("northstar", self.clock)
        self.projector = Projector(self.store, self.ledger, listeners=[self.outbox])
        self.endpoints = Endpoints(self.store, self.cipher, self.settings, self.outbox, clock=self.clock)
        self.messages = Messages(self.store, self.outbox, self.clock)

    def clock(self) -> int:
        return self.now

    async def create(self, url: str, **more: Any) -> EndpointCreated:
        """An endpoint for all events, unless said otherwise; the projection is up to date before it."""
        await self.projector.catch_up()
        return self.endpoints.create("key_1", EndpointRequest(**{"url": url, "own_only": False, **more}))

    @asynccontextmanager
    async def sending(self, **more: Any) -> AsyncIterator[Dispatcher]:
        """A dispatcher that runs meanwhile."""
        options = {"watch": self.projector.watch, "clock": self.clock, **more}
        dispatcher = Dispatcher(self.store, self.cipher, self.settings, **options)
        task = asyncio.create_task(dispatcher.run())
        try:
            yield dispatcher
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def finished(self, endpoint_id: str, status: str, count: int, seconds: float = 60.0) -> None:
        """Returns when so many messages have that status."""
        await eventually_async(
            f"{count} messages {status}",
            lambda: len(self.messages.list(endpoint_id, status=status, limit=500).items),
            at_least(count),
            seconds=seconds,
        )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
async def shop(store: Store, tmp_path: Path) -> AsyncIterator[Shop]:
    world = standard_chain(tmp_path / "ledger.sqlite")
    async with EmbeddedLedger(world.store.path, embedded_identity("northstar", "gateway")) as ledger:
        yield Shop(store, world, ledger)
    world.store.close()
