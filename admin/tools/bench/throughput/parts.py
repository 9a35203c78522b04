"""The parts of the bench, each with the goals it answers."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from admin.tools.bench.document import Goal
from admin.tools.bench.throughput.bare import BareGateway
from admin.tools.bench.throughput.callers import at_rate, made
from admin.tools.bench.throughput.ground import ACCEPTOR, ISSUER, Ground
from admin.tools.bench.throughput.plan import Plan, Report
from admin.tools.bench.throughput.profile import Sampler, peer_functions
from admin.tools.bench.throughput.runs import Run, Runs, calls
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.port import Operation
from gateway.ledger.scheduling import Bounds, Busy, Scheduler

P1_GOAL, P2_GOAL = 26.0, 13.0
P3_GOAL, P3_P99_GOAL_SECONDS = 1.2, 1.0
P4_GOAL = 0.9
BUSY_GOAL_SECONDS = 0.1
SOAK_LOAD = 0.8
SOAK_GROWTH_GOAL = 1.05
GROWN_GOAL = 0.85
READINGS_SHOWN = 10
"""Of the readings of memory, one a second, each so manieth stands in the document."""
Goals = dict[str, Goal]


def rate(run: Run) -> float:
    """Operations a second."""
    return float(run["operations_per_second"])


class Parts:
    """The parts on one network of few organisations."""

    def __init__(self, ground: Ground, plan: Plan, report: Report) -> None:
        self.ground, self.plan, self.report = ground, plan, report
        self.runs = Runs(ground, plan)
        self.goals: Goals = {}
        self.best_rate = 0.0

    async def run(self, node_folder: Path | None) -> None:
        """All parts of the plan that this network is for."""
        if "P1" in self.plan.parts:
            await self.organisations(node_folder)
        if "P2" in self.plan.parts:
            await self.members(node_folder)
        if "P3" in self.plan.parts:
            await self.latency()
        if "P4" in self.plan.parts:
            await self.hot()
        if "queue" in self.plan.parts:
            await self.full_queue()
        if "soak" in self.plan.parts:
            await self.soak()

    async def organisations(self, node_folder: Path | None) -> None:
        """P1: accruals, each the first of its member and class; beside it the Node client, with single transactions and
        with ready-made batches, and the port with single transactions and over the adapter `hfc`."""
        ours: list[Run] = []
        theirs: list[Run] = []
        for _ in range(self.plan.rounds):
            if node_folder is not None:
                for lanes in self.plan.node_in_flight:
                    self.report(f"P1: the Node client, {lanes} in flight")
                    ready = calls(self.runs.node_accruals(lanes))
                    theirs.append(await self.runs.node(node_folder, "accruals, one a transaction", ISSUER, ready))
            self.report("P1: the port")
            ours.append(await self.runs.port("accruals", ISSUER, await self._accruals()))
        self.report("P1: what the gain is made of")
        lanes = max(self.plan.node_in_flight)
        await self.runs.port_single("accruals, one a transaction", ISSUER, self.runs.node_accruals(lanes))
        await self.runs.port("accruals", ISSUER, await self._accruals(), adapter="hfc")
        if node_folder is not None:
            batches = self.runs.batches(await self._accruals(), self.plan.lanes)
            await self.runs.node(node_folder, f"accruals, {self.plan.batch} a transaction", ISSUER, batches)
            self.goals["P1"] = Goal(max(map(rate, ours)) / max(map(rate, theirs)), P1_GOAL)
            await self._what_limits("P1", await self._accruals())
        self.best_rate = max(map(rate, ours))

    async def members(self, node_folder: Path | None) -> None:
        """P2: redemptions and transfers, signed beforehand, of balances of one or two buckets."""
        ours: list[Run] = []
        theirs: list[Run] = []
        signed = self.ground.signed()
        await self.ground.fund_node()
        for _ in range(self.plan.rounds):
            if node_folder is not None:
                for lanes in self.plan.node_in_flight:
                    self.report(f"P2: the Node client, {lanes} in flight")
                    ready = calls(self.runs.node_signed(lanes))
                    theirs.append(await self.runs.node(node_folder, "signed, one a transaction", ISSUER, ready))
            self.report("P2: the port")
            ours.append(await self.runs.port("signed", ISSUER, made(signed, self._enough() // 2)))
        self.report("P2: over hfc")
        await self.runs.port("signed", ISSUER, made(signed, self._enough() // 2), adapter="hfc")
        if node_folder is not None:
            self.goals["P2"] = Goal(max(map(rate, ours)) / max(map(rate, theirs)), P2_GOAL)
            await self._what_limits("P2", made(signed, self._enough() // 2))

    async def _what_limits(self, name: str, operations: Sequence[Operation]) -> None:
        """Beside a missed goal: the functions of the own peer and of this process that used most, in a run that counts
        for nothing else."""
        if self.goals[name].met:
            return
        self.report(f"{name}: missed; what limits")
        with Sampler() as sampler:
            _, peer = await asyncio.gather(
                self.runs.port(f"{name}, profiled", ISSUER, operations),
                peer_functions(self.ground.network.folder, ISSUER, self.plan.seconds),
            )
        self.runs.records.append(
            {"client": "port", "kind": f"{name}: what limits", "peer": peer, "gateway": sampler.functions()}
        )

    async def three_organisations(self) -> None:
        """The load of P1 where three organisations share the blocks and each transaction has two endorsements."""
        self.report("gateways: one gateway's accruals among three organisations")
        await self.runs.port("accruals", ISSUER, await self._accruals())

    async def latency(self) -> None:
        """P3: one caller, one operation at a time, in turn with the bare service; then half of the greatest rate."""
        self.report("P3: one caller")
        accruals = await self._accruals(2 * self.plan.single_calls)
        bare_seconds, port_seconds = [], []
        bare = BareGateway(self.ground.network, ISSUER)
        async with open_ledger("fabric", self.ground.network, ISSUER) as ledger, Scheduler(ledger) as scheduler:
            for turn, operation in enumerate(accruals):
                if turn % 2:
                    begun = self.runs.watch.now()
                    await scheduler.submit(operation)
                    port_seconds.append(self.runs.watch.now() - begun)
                else:
                    bare_seconds.append(await bare.submit(operation))
            await bare.close()
            if not self.best_rate:
                self.report("P3: the greatest rate")
                self.best_rate = rate(await self.runs.port("accruals", ISSUER, await self._accruals()))
            half = self.best_rate / 2
            self.report(f"P3: {half:,.0f} operations a second")
            load = await at_rate(scheduler, await self._accruals(int(half * self.plan.seconds)), half)
        ratio = statistics.median(port_seconds) / statistics.median(bare_seconds)
        self.goals["P3"] = Goal(ratio, P3_GOAL, at_most=True)
        self.goals["P3, p99 seconds at half of the greatest rate"] = Goal(
            load.percentile(0.99), P3_P99_GOAL_SECONDS, at_most=True
        )
        self.runs.records.append(
            {
                "client": "port",
                "kind": "one caller",
                "median_seconds": round(statistics.median(port_seconds), 4),
                "median_seconds_of_the_bare_service": round(statistics.median(bare_seconds), 4),
                "half_rate": round(half, 1),
                "half_rate_median_seconds": round(load.percentile(0.5), 4),
                "half_rate_p99_seconds": round(load.percentile(0.99), 4),
                "failures": dict(load.failures),
            }
        )

    async def hot(self) -> None:
        """P4: redemptions of distinct members at their own issuer (no position, no limit); all at one other merchant;
        and half of them of one member. Every run leaves the state larger for those after it, so they go there and back,
        and their means are compared."""
        count = self._enough() // 2
        kinds = [
            ("redemptions apart", ISSUER, self.ground.redemptions(acceptor=ISSUER)),
            ("redemptions at one merchant", ACCEPTOR, self.ground.redemptions()),
            ("redemptions, half of one member", ACCEPTOR, self.ground.redemptions(hot=True)),
        ]
        rates = {kind: 0.0 for kind, _, _ in kinds}
        invalid = 0
        for turn in range(self.plan.rounds):
            for kind, org, redemptions in kinds if turn % 2 == 0 else reversed(kinds):
                self.report(f"P4: {kind}")
                run = await self.runs.port(kind, org, made(redemptions, count))
                rates[kind] += run["operations_per_second"]
                invalid += 0 if org == ISSUER else run["invalid_transactions"]
        (apart, _, _), (together, _, _), _ = kinds
        self.goals["P4"] = Goal(rates[together] / rates[apart], P4_GOAL)
        self.goals["P4, invalid transactions"] = Goal(invalid, 0, at_most=True)

    async def full_queue(self) -> None:
        """A queue of few places under many callers: who is refused learns it at once, and nobody is lost."""
        self.report("a full queue")
        operations = await self._accruals(4 * self.plan.callers)
        refused: list[float] = []
        async with open_ledger("fabric", self.ground.network, ISSUER) as ledger:
            await ledger.evaluate("GetConsortium", {})
            bounds = Bounds(lanes=self.plan.lanes, queued_max=self.plan.callers // 4)
            async with Scheduler(ledger, bounds) as scheduler:

                async def call(operation: object) -> bool:
                    begun = self.runs.watch.now()
                    try:
                        return (await scheduler.submit(operation)).accepted  # type: ignore[arg-type]
                    except Busy:
                        refused.append(self.runs.watch.now() - begun)
                        return False

                answers: list[bool] = []
                for first in range(0, len(operations), self.plan.callers):
                    some = operations[first : first + self.plan.callers]
                    answers += await asyncio.gather(*map(call, some))
        lost = len(operations) - len(refused) - sum(answers)
        slowest = max(refused, default=0.0)
        self.goals["queue full: slowest refusal, seconds"] = Goal(slowest, BUSY_GOAL_SECONDS, at_most=True)
        self.goals["queue full: operations lost"] = Goal(lost, 0, at_most=True)
        self.runs.records.append(
            {"client": "port", "kind": "full queue", "sent": len(operations), "refused": len(refused), "lost": lost}
        )

    async def soak(self) -> None:
        """80 % of the greatest rate for minutes, each accrual the first of its member and class: memory of the gateway
        and of the chaincode servers must not grow once warm, and P1 on the state that has grown so not be much slower
        than before."""
        if not self.best_rate:
            runs = [await self.runs.port("accruals", ISSUER, await self._accruals()) for _ in range(self.plan.rounds)]
            self.best_rate = max(map(rate, runs))
        load = SOAK_LOAD * self.best_rate
        step_seconds = max(self.plan.soak_seconds / 30, 2.0)
        accruals = await self.ground.new_accruals(int(load * (self.plan.soak_seconds + step_seconds)))
        readings: list[dict[str, float]] = []
        failures: Counter[str] = Counter()
        async with open_ledger("fabric", self.ground.network, ISSUER) as ledger, Scheduler(ledger) as scheduler:
            started = self.runs.watch.now()
            watching = asyncio.create_task(self._watch_memory(readings))
            try:
                while self.runs.watch.now() - started < self.plan.soak_seconds:
                    operations = made(accruals, int(load * step_seconds))
                    failures += (await at_rate(scheduler, operations, load)).failures
                    self.report(f"soak: {self.runs.watch.now() - started:,.0f} s, MiB {readings[-1]}")
            finally:
                watching.cancel()
        grown = max(
            [rate(await self.runs.port("accruals", ISSUER, await self._accruals())) for _ in range(self.plan.rounds)]
        )
        self.goals["soak: P1 on the state that has grown, of P1 before"] = Goal(grown / self.best_rate, GROWN_GOAL)
        for kind in ("client", "chaincode"):
            self.goals[f"soak: memory of the {'gateway' if kind == 'client' else kind}, growth"] = Goal(
                growth([reading[kind] for reading in readings]), SOAK_GROWTH_GOAL, at_most=True
            )
        self.runs.records.append(
            {
                "client": "port",
                "kind": "soak",
                "rate": round(load, 1),
                "memory_mebibytes": readings[::READINGS_SHOWN],
                "failures": dict(failures),
            }
        )

    async def _watch_memory(self, readings: list[dict[str, float]]) -> None:
        """Reads it every second: a Go process's memory goes up and down by a third between two collections, so few
        readings say little."""
        while True:
            readings.append(self.runs.watch.memory_mebibytes())
            await asyncio.sleep(1)

    async def _accruals(self, count: int | None = None) -> list[Operation]:
        """So many accruals, each the first of its member and class; without a number, enough for a run."""
        count = self._enough() if count is None else count
        return made(await self.ground.new_accruals(count), count)

    def _enough(self) -> int:
        return int(self.plan.operations_per_second_max * self.plan.seconds)


def growth(readings: Sequence[float]) -> float:
    """The median of the last third of the readings as a multiple of that of the second third: the first third is
    warm-up. 1 with fewer than three."""
    third = len(readings) // 3
    if not third:
        return 1.0
    return statistics.median(readings[-third:]) / statistics.median(readings[third : 2 * third])
