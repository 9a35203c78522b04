"""A month is closed under load, disputed, paid and settled past a default, and every organisation's peer holds what the
rules give."""

from __future__ import annotations

import itertools
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.ledger.adapters.embedded import EmbeddedHost, EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.port import Ledger
from gateway.ledger.verification import Replayed, verify
from network.declaration import merchants_declaration
from network.journeys.local import running_network
from tests.system.settlement_month import MERCHANTS, Month

SPEAKERS = tuple(itertools.product(("operator", *MERCHANTS), ("admin", "gateway")))


async def told(ledgers: dict[tuple[str, str], Ledger]) -> None:
    """Tells the month, and verifies it as each merchant."""
    await Month(ledgers).tell()
    replayed = Replayed("jifen", "jifen")
    for msp_id in MERCHANTS:
        found = await verify(ledgers[msp_id, "gateway"], replayed)
        assert found.passed, found.differences


async def test_on_the_embedded_ledger(tmp_path: Path) -> None:
    host = EmbeddedHost(tmp_path / "ledger.sqlite")
    async with AsyncExitStack() as stack:
        opened = {one: EmbeddedLedger(host, embedded_identity(*one)) for one in SPEAKERS}
        await told({one: await stack.enter_async_context(ledger) for one, ledger in opened.items()})


@pytest.mark.fabric
@pytest.mark.timeout(600)
async def test_on_fabric(tmp_path: Path) -> None:
    with running_network(merchants_declaration(3, endorsement_k=2, replay=True), tmp_path / "network") as network:
        async with AsyncExitStack() as stack:
            ledgers: dict[tuple[str, str], Ledger] = {}
            for org, identity in SPEAKERS:
                opened = open_ledger("fabric", network, org, identity_name=identity)
                ledgers[org, identity] = await stack.enter_async_context(opened)
            await told(ledgers)
