"""The consortium of `tests.scenes.consortium` on a real Fabric network."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from gateway.ledger.adapters.opening import open_ledger
from network.connection import load
from network.journeys.local import LocalNetwork, running_network
from network.runtime.process.process_runtime import ProcessRuntime
from network.runtime.service import Service
from tests.scenes.consortium import opening, run

DECLARATION = "three-merchants-replay.yaml"


def declaration_text() -> str:
    """The declaration of an operator and three merchants, whose peers take any date."""
    return resources.files("network").joinpath("examples", DECLARATION).read_text("utf-8")


@contextmanager
def three_merchants(folder: Path) -> Iterator[Path]:
    """A network with the open consortium, as long as it is needed; its folder."""
    with running_network(declaration_text(), folder):
        run(_open(folder))
        yield folder


def kill(folder: Path, kind: str, org: str, name: str = "") -> tuple[Service, int]:
    """Ends a process of a network without a word: the service, and the id its process had."""
    services = LocalNetwork(folder).services()
    victim = next(one for one in services if (one.kind, one.org) == (kind, org) and one.name.startswith(name))
    pid = ProcessRuntime().pid(victim)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return victim, pid


async def _open(folder: Path) -> None:
    network, now, newest = load(folder), int(time.time()) - 60, 0
    for msp_id, identity, operations in opening(now, network.network_id):
        async with open_ledger("fabric", network, msp_id, identity_name=identity) as ledger:
            await ledger.wait_for_block(newest)
            result = await ledger.submit_many(operations, timestamp=now)
            assert all(receipt.accepted for receipt in result.receipts), result
            newest = result.block_number or newest
