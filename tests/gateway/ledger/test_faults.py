"""Lost answers, lost peers, wrong clocks: what a caller is told, and that nothing is lost or done twice."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from chaincode.signing import MemberKey
from gateway.ledger.adapters.opening import ADAPTERS, open_ledger
from gateway.ledger.adapters.peer_ledger import Patience
from gateway.ledger.errors import EndorseFailed, EvaluateFailed, OutcomeUnknown, Rejected
from gateway.ledger.port import Ledger
from network.connection import NetworkConnection
from network.declaration.generate import merchants_declaration
from network.journeys.local import LocalNetwork, running_network
from network.runtime.process.process_runtime import ProcessRuntime
from tests.scenes.consortium import new_member
from tests.scenes.networks import kill
from tests.scenes.two_merchants import TwoMerchants, sent_until_committed

pytestmark = pytest.mark.fabric
LONG_AGO = 852_076_800
"""1997-01-01T00:00:00Z."""
WAIT_SECONDS = 90
LANES = 4


@pytest.fixture(scope="module")
def live_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkConnection]:
    """A network of its own, because its processes are killed; its peers take only the present."""
    with running_network(merchants_declaration(2), tmp_path_factory.mktemp("live-network")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=ADAPTERS)
async def live(request: pytest.FixtureRequest, live_network: NetworkConnection) -> AsyncIterator[TwoMerchants]:
    """A world on it."""
    adapter = str(request.param)
    ledgers: list[Ledger] = [
        open_ledger(adapter, live_network, org, identity_name=name)
        for org, name in (("operator", "admin"), ("northstar", "gateway"), ("harbor", "gateway"))
    ]
    made = TwoMerchants(f"live-{adapter}-{time.time_ns() % 10**9}", *ledgers)
    await made.open(partial(open_ledger, adapter, live_network, identity_name="admin"), now=None)
    yield made
    for ledger in ledgers:
        await ledger.close()


def adapter_of(world: TwoMerchants) -> str:
    return world.name.split("-")[1]


def impatient(world: TwoMerchants, network: NetworkConnection, **patience: float) -> Ledger:
    return open_ledger(adapter_of(world), network, "northstar", patience=Patience(**patience))


async def test_a_lost_answer_is_unknown_and_not_failed(live: TwoMerchants, live_network: NetworkConnection) -> None:
    member = new_member()
    operation = live.issue(member.address, 12)
    hasty = impatient(live, live_network, commit_seconds=0.001)
    with pytest.raises(OutcomeUnknown) as unknown:
        await hasty.submit(operation)
    assert unknown.value.transaction_id
    transaction = await live.merchant.transaction(unknown.value.transaction_id)  # it appears when it commits
    assert transaction.valid
    again = await live.merchant.submit(operation)
    assert (again.repeated, again.document["tx_id"]) == (True, unknown.value.transaction_id)
    assert await live.balance(member.address) == 12
    await hasty.close()


async def test_a_peer_that_is_not_there(live: TwoMerchants, live_network: NetworkConnection) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{held.getsockname()[1]}"
        org = live_network.org("northstar")
        nowhere = dataclasses.replace(org, peers=(dataclasses.replace(org.peers[0], address=address),))
        network = dataclasses.replace(live_network, orgs={**live_network.orgs, org.name: nowhere})
        ledger = impatient(live, network, evaluate_seconds=0.5, endorse_seconds=0.5)
        with pytest.raises(EvaluateFailed) as unanswered:
            await ledger.evaluate("GetConsortium", {})
        assert unanswered.value.code == "LEDGER_UNAVAILABLE"
        with pytest.raises(EvaluateFailed):
            await ledger.height()
        with pytest.raises(EvaluateFailed):
            await anext(aiter(ledger.blocks(0, 0)))
        with pytest.raises(EndorseFailed) as failed:
            await ledger.submit(live.issue(new_member().address, 1))
        assert failed.value.passing
        await ledger.close()


async def test_a_date_out_of_the_peers_window_is_told_at_once(live: TwoMerchants) -> None:
    started = time.monotonic()
    with pytest.raises(EndorseFailed) as refused:
        await live.merchant.submit(live.issue(new_member().address, 1, now=LONG_AGO), timestamp=LONG_AGO)
    assert refused.value.code == "TIMESTAMP_REFUSED"
    assert time.monotonic() - started < 10


async def test_killed_processes_lose_nothing_and_double_nothing(
    live: TwoMerchants, live_network: NetworkConnection
) -> None:
    network = LocalNetwork(live_network.folder)
    done: dict[str, MemberKey] = {}
    finished: asyncio.Queue[str] = asyncio.Queue()
    heard: asyncio.Queue[str] = asyncio.Queue()
    all_killed = asyncio.Event()

    async def until_done(operation: dict[str, Any], shard: int) -> None:
        attempt = partial(live.merchant.submit_many, [operation], shard=shard)
        result = await sent_until_committed(attempt, lambda error: not isinstance(error, Rejected), WAIT_SECONDS)
        assert result.receipts[0].accepted, result.receipts[0].detail

    async def lane(shard: int) -> None:
        while not all_killed.is_set():
            member = new_member()
            operation = live.issue(member.address, 3)
            await until_done(operation, shard)
            done[operation["request_id"]] = member
            finished.put_nowait(operation["request_id"])

    async def kill_one_after_the_other() -> None:
        for kind, org in (("peer", "northstar"), ("orderer", "operator"), ("chaincode", "northstar")):
            for _ in range(2 * LANES):
                await finished.get()
            victim, pid = kill(live_network.folder, kind, org)
            await asyncio.to_thread(network.start)
            assert ProcessRuntime().pid(victim) not in (None, pid)
        all_killed.set()

    start = await live.merchant.height()

    async def listen() -> None:
        async for event in live.merchant.events(from_block=start):
            heard.put_nowait(event.payload["request_id"])

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(2 * WAIT_SECONDS):
        await asyncio.gather(kill_one_after_the_other(), *map(lane, range(LANES)))
        told = [await heard.get() for _ in done]
    listening.cancel()
    await asyncio.wait([listening])
    assert sorted(told) == sorted(done)
    assert heard.empty()
    balances = await asyncio.gather(*(live.balance(member.address) for member in done.values()))
    assert balances == [3] * len(done)
