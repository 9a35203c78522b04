"""A projector that is killed at any moment, again and again, ends with the tables of one that never was."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from gateway.ledger.embedded import EmbeddedLedger
from gateway.projection.comparing import compare
from gateway.projection.projector import Projector
from gateway.store.base import Base
from gateway.store.engine import Store
from tests.gateway.projection.chain import ChainWorld
from tests.gateway.projection.test_projector import block_number, contents

KILLS = 8
KILL_SECONDS_MAX = 0.08


def fold_and_kill(store: Store, command: list[str]) -> set[int]:
    """Runs the projector to some chance moment many times, then to its end; gives the blocks that it was found at."""
    chance = random.Random(5)
    seen: set[int] = set()
    for _ in range(KILLS):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        try:
            process.wait(chance.uniform(0.005, KILL_SECONDS_MAX))
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
        process.stdout.close()
        seen.add(block_number(store))
    done = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout == "begun\ndone\n"
    return seen


async def test_killed_in_mid_fold(
    store: Store,
    store_url: str,
    random_chain: ChainWorld,
    open_ledger: Callable[[ChainWorld], EmbeddedLedger],
    tmp_path: Path,
) -> None:
    file = str(random_chain.store.path)
    seen = fold_and_kill(store, [sys.executable, "-m", "tests.gateway.projection.folding_process", store_url, file])
    assert len(seen) > 2, "the kills hit no folding"
    untouched = Store(f"sqlite:///{tmp_path / 'untouched.db'}")
    Base.metadata.create_all(untouched.engine)
    async with open_ledger(random_chain) as ledger:
        await Projector(untouched, ledger).catch_up()
        assert contents(store) == contents(untouched)
        assert (await compare(store, ledger)).differences == []
    untouched.close()
