"""Gateways side by side on real peers: two processes of one merchant and those of two others, all on the same members; and one whose connections to
its peer are cut again and again under load."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from admin.tools.bench.throughput.gateways import GATEWAYS, run_gateways, wishes
from admin.tools.bench.throughput.ground import ISSUER, POINTS_EACH, Ground
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.port import Ledger, Operation, Receipt
from gateway.ledger.scheduling import Bounds, Scheduler
from gateway.ledger.verification import Replayed, verify
from network.connection import NetworkConnection
from network.declaration.generate import merchants_declaration
from network.journeys.local import running_network
from tests.gateway.ledger.cut import Relay

pytestmark = pytest.mark.fabric
MEMBERS = 60
OPERATIONS_EACH = 300
CALLERS = 60
LIMIT_SECONDS = 150
CUTS = 5


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkConnection]:
    with running_network(merchants_declaration(3), tmp_path_factory.mktemp("three-merchants")) as running:
        yield running


async def told_since(ledger: Ledger, first_block: int) -> Counter[str]:
    """How often each request stands in the events of valid transactions."""
    found = Counter[str]()
    async for block in ledger.blocks(first_block):
        for transaction in block.transactions:
            if transaction.valid and transaction.event:
                found.update(one["request_id"] for one in json.loads(transaction.event)["operations"])
    return found


def points_after(ground: Ground, operations: list[Operation]) -> dict[str, int]:
    """What the members' points come to, whatever the order: each has plenty."""
    points = dict.fromkeys((key.address for key in ground.members), POINTS_EACH)
    senders = {key.public_key: key.address for key in ground.members}
    for operation in operations:
        if operation["op"] == "Accrue":
            points[operation["args"]["address"]] += 1
            continue
        points[senders[operation["authorization"]["public_key"]]] -= 1
        points[operation["args"]["recipients"][0]["address"]] += 1
    return points


async def hold(ledger: Ledger, ground: Ground, operations: list[Operation], first_block: int) -> None:
    """Each operation once, every balance as it must be, and the chain verified."""
    assert await told_since(ledger, first_block) == Counter(str(one["request_id"]) for one in operations)
    for address, points in points_after(ground, operations).items():
        found = await ledger.evaluate("GetBalance", {"account": address, "class_id": ground.class_id})
        assert found["points"] == points
    result = await verify(ledger, Replayed("jifen", "jifen"))
    assert result.passed, result.differences


async def test_gateways_of_one_merchant_and_of_three_converge(three: NetworkConnection) -> None:
    ground = Ground(three, MEMBERS)
    await ground.prepare()
    dice = random.Random(21)
    operations = [wishes(ground, org, dice, OPERATIONS_EACH) for org, _ in GATEWAYS]
    async with open_ledger("fabric", three, ISSUER) as ledger, asyncio.timeout(LIMIT_SECONDS):
        first_block = await ledger.height()
        told = await run_gateways(three.folder, operations, CALLERS)
        assert [one["operations"] for one in told] == [OPERATIONS_EACH] * len(GATEWAYS)
        assert not any(one["failures"] for one in told)
        assert sum(one["counts"].get("conflicts", 0) for one in told) > 0, "they did meet"
        page = await ledger.evaluate("ReadState", {"after": f"supply/{ground.class_id}/", "rows": 20})
        lanes = [key for key, _ in page["rows"] if key.startswith(f"supply/{ground.class_id}/{ISSUER}/")]
        assert min(lanes)[-2:] < "04" <= max(lanes)[-2:], "the two gateways of one merchant have lanes of their own"
        await hold(ledger, ground, [one for some in operations for one in some], first_block)


async def test_cut_connections_lose_nothing_and_double_nothing(
    three: NetworkConnection, caplog: pytest.LogCaptureFixture
) -> None:
    """The stream of blocks, the endorsements and the submissions all go through what is cut; nobody is killed."""
    ground = Ground(three, MEMBERS)
    await ground.prepare()
    dice = random.Random(22)
    operations = wishes(ground, ISSUER, dice, 4 * OPERATIONS_EACH)
    org = three.org(ISSUER)
    receipts: list[Receipt] = []
    source = iter(operations)
    async with Relay(org.peers[0].address) as relay, asyncio.timeout(LIMIT_SECONDS):
        peers = (dataclasses.replace(org.peers[0], address=relay.address),)
        through = dataclasses.replace(three, orgs={**three.orgs, org.name: dataclasses.replace(org, peers=peers)})
        async with open_ledger("fabric", through, ISSUER) as ledger:
            first_block = await ledger.height()
            progress = asyncio.Semaphore(0)

            async def caller() -> None:
                for operation in source:
                    receipts.append(await scheduler.submit(operation))
                    progress.release()

            async def cutter() -> None:
                for _ in range(CUTS):
                    for _ in range(OPERATIONS_EACH // 2):
                        await progress.acquire()
                    assert relay.cut() > 0

            async with Scheduler(ledger, Bounds(lanes=3)) as scheduler:
                await asyncio.gather(cutter(), *(caller() for _ in range(CALLERS)))
            assert relay.connections > CUTS, "it connected again"
            assert len(receipts) == len(operations)
            assert all(receipt.accepted for receipt in receipts)
            breaks = [record for record in caplog.records if " broke (" in record.getMessage()]
            assert len(breaks) >= CUTS, "each cut was felt, and mended"
            await hold(ledger, ground, operations, first_block)
