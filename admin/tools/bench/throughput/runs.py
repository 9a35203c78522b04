"""Single runs of the bench: one client, one kind of load, and what it gave."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from admin.tools.bench import node_client
from admin.tools.bench.load import Measured
from admin.tools.bench.throughput.callers import many
from admin.tools.bench.throughput.ground import Ground
from admin.tools.bench.throughput.plan import Plan
from admin.tools.bench.throughput.watch import Reading, Watch
from chaincode.spec.kernel.canonical import encode
from chaincode.spec.kernel.limits import SHARDS_MAX
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.errors import CommitFailed, LedgerError
from gateway.ledger.port import Json, Operation
from gateway.ledger.scheduling import Bounds, Scheduler

Run = dict[str, Any]


class Runs:
    """Makes runs on one ground and keeps their records."""

    def __init__(self, ground: Ground, plan: Plan) -> None:
        self.ground = ground
        self.plan = plan
        self.watch = Watch(ground.network.folder)
        self.records: list[Run] = []

    async def port(
        self,
        kind: str,
        org: str,
        operations: Sequence[Operation],
        *,
        adapter: str = "fabric",
        callers: int | None = None,
        bounds: Bounds | None = None,
        seconds: float | None = None,
    ) -> Run:
        """Many callers on the scheduler of an organisation's gateway."""
        async with open_ledger(adapter, self.ground.network, org) as ledger:
            await ledger.evaluate("GetConsortium", {})  # connecting is not counted
            async with Scheduler(ledger, bounds or Bounds(lanes=self.plan.lanes)) as scheduler:
                with _apart():
                    before = self.watch.read()
                    measured = await many(
                        scheduler, operations, callers or self.plan.callers, seconds or self.plan.seconds
                    )
                    after = self.watch.read()
            record = self._record("port" if adapter == "fabric" else adapter, kind, measured, before, after)
            record["scheduler"] = dict(scheduler.counts)
            record["transactions"] = scheduler.counts["batches"]
            record["invalid_transactions"] = scheduler.counts["conflicts"]
            return record

    async def port_single(self, kind: str, org: str, lanes: Sequence[Sequence[Operation]]) -> Run:
        """The port with one operation a transaction, by the operation's name."""
        measured = Measured()
        async with open_ledger("fabric", self.ground.network, org) as ledger:
            await ledger.evaluate("GetConsortium", {})
            before = self.watch.read()

            async def lane(operations: Sequence[Operation]) -> None:
                for operation in operations:
                    begun = self.watch.now()
                    try:
                        await ledger.submit(operation)
                    except LedgerError as error:
                        measured.failures[f"{type(error).__name__} {error.code}"] += 1
                        invalid.update([isinstance(error, CommitFailed)])
                    else:
                        measured.latencies_seconds.append(self.watch.now() - begun)
                    if self.watch.now() - before.at > self.plan.seconds:
                        return

            invalid: Counter[bool] = Counter()
            await asyncio.gather(*map(lane, lanes))
            measured.seconds = self.watch.now() - before.at
            record = self._record("port", kind, measured, before, self.watch.read())
        record["in_flight"] = len(lanes)
        record["transactions"] = record["operations"]
        record["invalid_transactions"] = invalid[True]
        return record

    async def node(self, folder: Path, kind: str, org: str, lanes: Sequence[Sequence[node_client.Call]]) -> Run:
        """The official Node client with calls made beforehand."""
        first = _single(self.ground.accrue(self.ground.members[-1], self.ground.node_classes[0][0]))
        before = self.watch.read()
        replayed = await node_client.replay(folder, self.ground.network, org, first, lanes, self.plan.seconds)
        record = self._record(
            "node", kind, replayed.measured, before, self.watch.read(), replayed.accepted, replayed.cpu_seconds
        )
        record["in_flight"] = len(lanes)
        record["transactions"] = len(replayed.measured.latencies_seconds)
        return record

    def node_accruals(self, lanes: int) -> list[list[Operation]]:
        """For each lane of single transactions more operations than it can submit: within a run each has a member and
        class of its own, so a balance remembers as many requests as such runs came before, and one."""
        return [[self._accrual(lane, turn, lanes) for turn in range(self._turns(lanes))] for lane in range(lanes)]

    def node_signed(self, lanes: int) -> list[list[Operation]]:
        """The same with signed operations: a redemption, then a transfer, each of the lane's own members and classes. A
        balance has a bucket of points for spending, and few others."""
        ground, members = self.ground, self.ground.members

        def one(lane: int, turn: int) -> Operation:
            classes = ground.node_classes[lane]
            own = [members[(lane + len(ground.node_classes) * n) % len(members)] for n in range(len(classes))]
            place = turn % len(classes)
            if turn // len(classes) % 2:
                return ground.transfer(own[place], own[place - 1], classes[place])
            return ground.redeem(own[place], classes[place], ground.network.org("northstar").msp_id)

        return [[one(lane, turn) for turn in range(self._turns(lanes))] for lane in range(lanes)]

    def batches(self, operations: Sequence[Operation], lanes: int) -> list[list[node_client.Call]]:
        """The operations as ready-made transactions, dealt out to lanes, each with shards of its own in turn."""
        size = self.plan.batch
        found: list[list[node_client.Call]] = [[] for _ in range(lanes)]
        for number, first in enumerate(range(0, len(operations) - size + 1, size)):
            batch = {"operations": operations[first : first + size], "shard": number % SHARDS_MAX}
            found[number % lanes].append(("Apply", encode(batch).decode()))
        return found

    def _accrual(self, lane: int, turn: int, lanes: int) -> Operation:
        classes = self.ground.node_classes[lane]
        key = self.ground.members[(lane + lanes * turn) % len(self.ground.members)]
        return self.ground.accrue(key, classes[turn % len(classes)])

    def _turns(self, lanes: int) -> int:
        """More single transactions than a lane can submit in a run."""
        return int(600 * self.plan.seconds / lanes) + 10

    def _record(
        self,
        client: str,
        kind: str,
        measured: Measured,
        before: Reading,
        after: Reading,
        operations: int | None = None,
        client_cpu: float | None = None,
    ) -> Run:
        used = self.watch.by_kind(before, after)
        if client_cpu is not None:
            used["client"] = client_cpu
        count = len(measured.latencies_seconds) if operations is None else operations
        record: Run = {
            "client": client,
            "kind": kind,
            "orgs": len(self.ground.network.merchants),
            "seconds": round(measured.seconds, 3),
            "operations": count,
            "operations_per_second": round(count / max(measured.seconds, 1e-9), 1),
            "failures": dict(measured.failures),
            "latency_seconds": {
                "median": round(measured.percentile(0.5), 4),
                "p99": round(measured.percentile(0.99), 4),
            },
            "cpu_microseconds_per_operation": {
                name: round(1e6 * seconds / max(count, 1), 1) for name, seconds in sorted(used.items())
            },
            "cpu_share": round(sum(used.values()) / max(after.at - before.at, 1e-9), 2),
        }
        self.records.append(record)
        return record


@contextmanager
def _apart() -> Iterator[None]:
    """Keeps what was made beforehand out of the collector's way, as a gateway would not have it in memory."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def calls(lanes: Sequence[Sequence[Operation]]) -> list[list[node_client.Call]]:
    """Operations as transactions of their own."""
    return [[_single(operation) for operation in lane] for lane in lanes]


def _single(operation: Json) -> node_client.Call:
    return operation["op"], encode(dict(operation)).decode()
