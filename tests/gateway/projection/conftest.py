"""A random chain, made once, and projections of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.ledger.embedded import EmbeddedLedger
from gateway.ledger.embedded_identities import embedded_identity
from tests.gateway.projection.chain import ChainWorld, grow, standard_chain

TRANSACTIONS = 500


@pytest.fixture(scope="session")
def random_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChainWorld]:
    """A chain of a few hundred random transactions; not to be changed."""
    world = standard_chain(tmp_path_factory.mktemp("chain") / "ledger.sqlite")
    grow(world, TRANSACTIONS, seed=7)
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
