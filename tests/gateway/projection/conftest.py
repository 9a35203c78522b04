"""A random chain, made once, and projections of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.projection.fold.projector import Projector
from gateway.projection.projection import Projection
from gateway.store.engine import Store
from tests.scenes.chain import ChainWorld, grow, settle, standard_chain

TRANSACTIONS = 500


@pytest.fixture(scope="session")
def random_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChainWorld]:
    """A chain of a window and a few hundred random transactions; not to be changed."""
    world = standard_chain(tmp_path_factory.mktemp("chain") / "ledger.sqlite")
    settle(world)
    grow(world, TRANSACTIONS, seed=13)
    yield world
    world.store.close()


@pytest.fixture
def growing_chain(tmp_path: Path) -> Iterator[ChainWorld]:
    """A small chain of the test's own."""
    world = standard_chain(tmp_path / "ledger.sqlite")
    yield world
    world.store.close()


@pytest.fixture
def open_ledger() -> Callable[[ChainWorld], EmbeddedLedger]:
    """Opens a chain's file as an auditor."""
    return lambda world: EmbeddedLedger(world.store.path, embedded_identity("northstar", "auditor"))


@pytest.fixture
async def ledger(random_chain: ChainWorld, open_ledger: Callable[[ChainWorld], EmbeddedLedger]) -> Any:
    """The random chain, opened."""
    async with open_ledger(random_chain) as opened:
        yield opened


@pytest.fixture
async def projection(store: Store, ledger: EmbeddedLedger, random_chain: ChainWorld) -> Projection:
    """The projection of the whole random chain."""
    await Projector(store, ledger).catch_up()
    return Projection(store, clock=lambda: random_chain.now)
