"""The worlds of the contract tests: one small consortium on every adapter."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.port import Ledger
from network.connection import NetworkConnection
from network.declaration.generate import merchants_declaration
from network.journeys.local import running_network
from tests.scenes.two_merchants import TwoMerchants

ADAPTERS = (
    "embedded",
    pytest.param("fabric", marks=pytest.mark.fabric),
    pytest.param("hfc", marks=pytest.mark.fabric),
)
Opener = Callable[[str, str], Ledger]
"""Opens a ledger as an identity (second) of an organisation (first)."""


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkConnection]:
    """A real network of two merchants and an operator, for the whole session; its peers take any date."""
    with running_network(merchants_declaration(2, replay=True), tmp_path_factory.mktemp("network")) as running:
        yield running


@pytest.fixture(scope="session", params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> str:
    """The name of the adapter under test."""
    return str(request.param)


@pytest.fixture(scope="session")
def opener(adapter: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opener:
    """How the adapter under test is opened."""
    if adapter != "embedded":
        network: NetworkConnection = request.getfixturevalue("network")
        return lambda org, identity: open_ledger(adapter, network, org, identity_name=identity)
    file: Path = tmp_path_factory.mktemp("embedded") / "ledger.sqlite"
    return lambda org, role: EmbeddedLedger(file, embedded_identity(org, role))


@pytest_asyncio.fixture(scope="session")
async def world(adapter: str, opener: Opener) -> AsyncIterator[TwoMerchants]:
    """An open consortium with two merchants, on the adapter under test."""
    ledgers = [opener("operator", "admin"), opener("northstar", "gateway"), opener("harbor", "gateway")]
    made = TwoMerchants(f"{adapter}-{time.time_ns() % 10**9}", *ledgers)
    await made.open(lambda org: opener(org, "admin"))
    yield made
    for ledger in ledgers:
        await ledger.close()


@pytest.fixture
def open_another(opener: Opener, world: TwoMerchants) -> Callable[[], Ledger]:
    """Opens one more ledger of the first merchant's gateway."""
    return lambda: opener("northstar", "gateway")
