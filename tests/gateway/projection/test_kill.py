"""A projector that is killed at any moment, again and again, ends with the tables of one that never was."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.projection.chain_comparison import compare
from gateway.projection.fold.projector import Projector
from gateway.store.base import Base
from gateway.store.engine import Store
from tests.gateway.projection.tables import block_number, contents
from tests.scenes.chain import ChainWorld

COMMITS_MAX = 30
COMMIT_SECONDS = 0.01


def fold_and_kill(store: Store, command: list[str], kills: int) -> set[int]:
    """Runs the projector to some chance moment many times, then to its end; gives the blocks that it was found at."""
    chance = random.Random(5)
    seen: set[int] = set()
    for _ in range(kills):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(chance.randint(1, COMMITS_MAX)):
            if process.stdout.readline() != "block\n":
                break
        time.sleep(chance.uniform(0, COMMIT_SECONDS))  # somewhere within the next commit
        process.kill()
        process.wait()
        process.stdout.close()
        seen.add(block_number(store))
    done = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout.endswith("done\n")
    return seen


@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=pytest.mark.long)])
async def test_killed_in_mid_fold(
    kills: int,
    store: Store,
    store_url: str,
    random_chain: ChainWorld,
    open_ledger: Callable[[ChainWorld], EmbeddedLedger],
    tmp_path: Path,
) -> None:
    file = str(random_chain.store.path)
    seen = fold_and_kill(
        store, [sys.executable, "-m", "tests.gateway.projection.folding_process", store_url, file], kills
    )
    assert len(seen) > 2, "the kills hit no folding"
    untouched = Store(f"sqlite:///{tmp_path / 'untouched.db'}")
    Base.metadata.create_all(untouched.engine)
    async with open_ledger(random_chain) as ledger:
        await Projector(untouched, ledger).catch_up()
        assert contents(store) == contents(untouched)
        assert (await compare(store, ledger)).differences == []
    untouched.close()
