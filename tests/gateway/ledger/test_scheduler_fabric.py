"""The scheduler on real peers: one gateway alone never conflicts with itself; two gateways of two merchants on the same members, with peer,
chaincode server, orderer and a gateway killed under load: every receipt holds, and nothing is done twice."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from admin.tools.bench.throughput.ground import ACCEPTOR, ISSUER, POINTS_EACH, Ground
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.errors import TOO_LARGE, SubmitFailed
from gateway.ledger.port import Json, Ledger, Operation, Receipt
from gateway.ledger.scheduling import Bounds, Scheduler
from gateway.ledger.verification import Replayed, verify
from network.connection import NetworkConnection
from network.declaration.generate import merchants_declaration
from network.journeys.local import LocalNetwork, running_network
from network.runtime.process.process_runtime import ProcessRuntime
from tests.scenes.networks import kill

pytestmark = pytest.mark.fabric
ROOT = Path(__file__).resolve().parents[3]
MEMBERS = 100
LIMIT_SECONDS = 120


@pytest.fixture(scope="module")
def killed_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkConnection]:
    """A network of its own, because its processes are killed."""
    with running_network(merchants_declaration(2), tmp_path_factory.mktemp("killed-network")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ground(killed_network: NetworkConnection) -> Ground:
    made = Ground(killed_network, MEMBERS)
    await made.prepare()
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateways(killed_network: NetworkConnection) -> AsyncIterator[dict[str, Ledger]]:
    ledgers = {org: open_ledger("fabric", killed_network, org) for org in (ISSUER, ACCEPTOR)}
    yield ledgers
    for ledger in ledgers.values():
        await ledger.close()


class Book:
    """What the members' points must come to, whatever the order."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.points = dict.fromkeys((key.address for key in ground.members), POINTS_EACH)
        self.asked: list[str] = []

    def draw(self, dice: random.Random, org: str) -> Operation:
        """A random operation that the organisation's gateway may carry out; it is always accepted."""
        ground = self.ground
        sender, recipient = dice.sample(ground.members, 2)
        kind = dice.choice(("transfer", "accrue" if org == ISSUER else "redeem"))
        operation: dict[str, Json]
        if kind == "transfer":
            operation = ground.transfer(sender, recipient, ground.class_id)
            self.points[sender.address] -= 1
            self.points[recipient.address] += 1
        elif kind == "accrue":
            operation = ground.accrue(recipient, ground.class_id)
            self.points[recipient.address] += 1
        else:
            operation = ground.redeem(sender, ground.class_id, ACCEPTOR)
            self.points[sender.address] -= 1
        self.asked.append(operation["request_id"])
        return operation

    async def holds(self, gateways: dict[str, Ledger], first_block: int) -> None:
        """Balances, events and the whole chain, as each organisation's own peer has them."""
        await asyncio.gather(*(_level(ledger, gateways.values()) for ledger in gateways.values()))
        for ledger in gateways.values():
            for address, points in self.points.items():
                query = {"account": address, "class_id": self.ground.class_id}
                assert (await ledger.evaluate("GetBalance", query))["points"] == points
        told = Counter[str]()
        last = await gateways[ISSUER].height() - 1
        async for block in gateways[ISSUER].blocks(first_block, last):
            for transaction in block.transactions:
                if transaction.valid and transaction.event:
                    told.update(one["request_id"] for one in json.loads(transaction.event)["operations"])
        assert told == Counter(self.asked), "each operation once"
        replayed = Replayed("jifen", "jifen")
        for ledger in gateways.values():
            found = await verify(ledger, replayed)
            assert all(found.checks.values()), found.differences


async def _level(ledger: Ledger, others: object) -> None:
    heights = [await other.height() for other in others]  # type: ignore[attr-defined]
    await ledger.wait_for_block(max(heights) - 1)


async def test_one_gateway_never_conflicts_with_itself(ground: Ground, gateways: dict[str, Ledger]) -> None:
    book, dice = Book(ground), random.Random(11)
    first_block = await gateways[ISSUER].height()
    operations = [book.draw(dice, ISSUER) for _ in range(1500)]
    async with asyncio.timeout(LIMIT_SECONDS), Scheduler(gateways[ISSUER], Bounds(lanes=4)) as scheduler:
        receipts = await asyncio.gather(*map(scheduler.submit, operations))
    assert all(receipt.accepted and not receipt.repeated for receipt in receipts)
    assert scheduler.counts["conflicts"] == 0
    assert scheduler.counts["batches"] < len(operations) / 4, "under load batches fill"
    codes = [
        transaction.validation_code
        async for block in gateways[ISSUER].blocks(first_block)
        for transaction in block.transactions
    ]
    assert set(codes) == {"VALID"}
    ground_points = book.points
    for address, points in ground_points.items():
        found = await gateways[ISSUER].evaluate("GetBalance", {"account": address, "class_id": ground.class_id})
        assert found["points"] == points


@pytest.mark.long
async def test_kills_under_the_load_of_two_gateways(
    killed_network: NetworkConnection, gateways: dict[str, Ledger], tmp_path: Path
) -> None:
    ground = Ground(killed_network, MEMBERS)
    await ground.prepare()
    book, dice = Book(ground), random.Random(12)
    first_block = await gateways[ISSUER].height()
    network = LocalNetwork(killed_network.folder)
    all_killed = asyncio.Event()
    finished: asyncio.Queue[str] = asyncio.Queue()
    receipts: list[Receipt] = []
    schedulers = {org: Scheduler(ledger, Bounds(lanes=2)) for org, ledger in gateways.items()}

    async def caller(org: str) -> None:
        while not all_killed.is_set():
            receipts.append(await schedulers[org].submit(book.draw(dice, org)))
            finished.put_nowait(org)

    async def some_more(count: int) -> None:
        for _ in range(count):
            await finished.get()

    async def kill_one_after_the_other() -> None:
        for kind, org in (("peer", ISSUER), ("chaincode", ACCEPTOR), ("orderer", "operator")):
            await some_more(150)
            victim, pid = kill(killed_network.folder, kind, org)
            await asyncio.to_thread(network.start)
            assert ProcessRuntime().pid(victim) not in (None, pid)
        await kill_a_gateway()
        await some_more(150)
        all_killed.set()

    async def kill_a_gateway() -> None:
        """A gateway process dies with operations on their way; another one is asked for all of them again."""
        operations = [book.draw(dice, ACCEPTOR) for _ in range(400)]
        file = tmp_path / "operations.json"
        file.write_text(json.dumps(operations), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.gateway.ledger.gateway_process",
            str(killed_network.folder),
            ACCEPTOR,
            str(file),
            cwd=ROOT,
        )
        asked = {operation["request_id"] for operation in operations}
        async for event in gateways[ACCEPTOR].events(from_block=first_block):
            if event.payload["request_id"] in asked:
                break
        process.kill()
        assert await process.wait() == -signal.SIGKILL
        again = await asyncio.gather(*map(schedulers[ACCEPTOR].submit, operations))
        assert any(receipt.repeated for receipt in again), "what it had carried out is answered with the first receipt"
        receipts.extend(again)

    async with asyncio.timeout(LIMIT_SECONDS):
        callers = [caller(org) for org in schedulers for _ in range(30)]
        await asyncio.gather(kill_one_after_the_other(), *callers)
    for scheduler in schedulers.values():
        await scheduler.close()
    assert len(receipts) == len(book.asked) > 900
    assert all(receipt.accepted for receipt in receipts)
    invalid = Counter(
        [
            transaction.validation_code
            async for block in gateways[ISSUER].blocks(first_block)
            for transaction in block.transactions
            if not transaction.valid
        ]
    )
    conflicts = sum(scheduler.counts["conflicts"] for scheduler in schedulers.values())
    assert invalid.total() >= conflicts, "only what a block shows as invalid is counted as a conflict"
    assert set(invalid) <= {"MVCC_READ_CONFLICT", "DUPLICATE_TXID"}
    await book.holds(gateways, first_block)


async def test_what_an_orderer_refuses_for_its_size_goes_in_halves(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing that could pass fails, and what is too large by itself says so."""
    declaration = merchants_declaration(2)
    batch = declaration.batch.model_copy(update={"absolute_bytes": 64 << 10, "preferred_bytes": 64 << 10})
    folder = tmp_path_factory.mktemp("small-transactions")
    with running_network(declaration.model_copy(update={"batch": batch}), folder) as running:
        ground = Ground(running, 20)
        await ground.prepare()
        entries = [{"points": 1, "reference_hash": f"{number:064x}"} for number in range(500)]
        cards = {"class_id": ground.class_id, "control_total_points": 500, "entries": entries}
        async with open_ledger("fabric", running, ISSUER) as ledger, Scheduler(ledger, Bounds(lanes=1)) as scheduler:
            purchases = itertools.islice(ground.accruals(), 300)
            calls = [asyncio.create_task(scheduler.submit(one)) for one in purchases]
            failing = asyncio.create_task(scheduler.submit(ground.request("ImportBalances", cards)))
            receipts = await asyncio.wait_for(asyncio.gather(*calls), LIMIT_SECONDS)
            with pytest.raises(SubmitFailed, match=TOO_LARGE):
                await asyncio.wait_for(failing, LIMIT_SECONDS)
        assert all(receipt.accepted for receipt in receipts)
        assert scheduler.counts["splits"] > 0
