"""`jifen bench ledger`: the adapters `fabric` and `hfc` and the official Node client, on one network in one run."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from admin.consortium import admit
from admin.tools.bench import node_client
from admin.tools.bench.document import Goal, answer
from admin.tools.bench.load import CLASSES_PER_LANE, Ground, Measured, evaluate_in_lanes, submit_in_lanes
from admin.tools.bench.processes import NetworkCpu
from chaincode.spec.kernel.limits import OPERATIONS_PER_BATCH_MAX
from chaincode.spec.kernel.signatures import address_of
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.errors import Rejected
from gateway.ledger.port import Ledger
from network.connection import NetworkConnection

ADDRESSES = 500
DAY_SECONDS = 86_400
MERCHANT = "northstar"
NODE = "node"
FASTER_THAN_NODE_GOAL = 1.5
"""One operation a transaction: this many times the official Node client's transactions a second."""
BATCH_GAIN_GOAL = 10.0
"""Operations a second in large transactions, as a multiple of one operation a transaction."""
Report = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What to measure: numbers in flight, seconds of each run, operations of a large transaction and how many are in
    flight."""

    in_flight: Sequence[int] = (1, 10, 50, 200)
    seconds: float = 8.0
    batch: int = 200
    batches_in_flight: Sequence[int] = (1, 4, 8)
    adapters: Sequence[str] = ("fabric", "hfc")
    with_node: bool = True


async def measure(network: NetworkConnection, plan: Plan, report: Report) -> dict[str, Any]:
    """All runs of the plan on a running network; the bench's document."""
    node_folder = node_client.install() if plan.with_node else None
    bench = _Bench(network, plan, report)
    try:
        await bench.prepare()
        for name in plan.adapters:
            await bench.adapter(name)
        if node_folder is not None:
            await bench.node(node_folder)
    finally:
        await bench.close()
    return answer(_goals(bench.runs, plan), bench.runs)


class _Bench:
    def __init__(self, network: NetworkConnection, plan: Plan, report: Report) -> None:
        self.network = network
        self.plan = plan
        self.report = report
        self.runs: list[dict[str, Any]] = []
        self.name = f"b{int(time.time()):x}"
        self.cpu = NetworkCpu(network.folder)
        self.ledgers = {name: open_ledger(name, network, MERCHANT) for name in plan.adapters}
        self.operator = open_ledger(plan.adapters[0], network, network.operators[0], identity_name="admin")
        lanes = max(*plan.in_flight, *plan.batches_in_flight)
        self.classes = [[f"{self.name}-{lane}-{n}" for n in range(CLASSES_PER_LANE)] for lane in range(lanes)]
        self.addresses = [address_of(f"04{hashlib.sha512(str(n).encode()).hexdigest()}") for n in range(ADDRESSES)]

    async def prepare(self) -> None:
        """Opens the consortium unless it is open, registers the merchant, defines the lanes' classes."""
        self.report("preparing: consortium and classes")
        opening = {
            "acceptance_days": 7,
            "confirmation_days": 3,
            "currency": {"code": "CNY", "minor_unit_millionths": 10_000},
            "disputes": {"answer_days": 5, "escalation_days": 5, "fee_minor": 0, "inquiry_days": 5, "vote_days": 5},
            "name": "bench",
            "network_id": self.operator.place.network,
            "operators": [self.operator.msp_id],
            "payment_days": 3,
            "refund_days": 90,
            "time_zone": {"name": "Asia/Shanghai", "offsets": [[0, 28_800]]},
        }
        ledger = self.ledgers[self.plan.adapters[0]]
        await self._unless("CONSORTIUM_OPEN", "OpenConsortium", opening)
        async with open_ledger(self.plan.adapters[0], self.network, MERCHANT, identity_name="admin") as newcomer:
            await admit(self.operator, newcomer)
        await ledger.wait_for_block(await self.operator.height() - 1)  # the merchant's own peer knows the merchant
        operations = [
            self._operation("DefineClass", _class_definition(class_id), f"{self.name}-define-{number}")
            for number, class_id in enumerate(name for lane in self.classes for name in lane)
        ]
        for first in range(0, len(operations), OPERATIONS_PER_BATCH_MAX):
            result = await ledger.submit_many(operations[first : first + OPERATIONS_PER_BATCH_MAX])
            for receipt in result.receipts:
                receipt.checked()

    async def adapter(self, name: str) -> None:
        """All runs of one adapter."""
        ledger = self.ledgers[name]
        for size, in_flight in (
            *((1, lanes) for lanes in self.plan.in_flight),
            *((self.plan.batch, lanes) for lanes in self.plan.batches_in_flight),
        ):
            ground = self._ground(f"{name}-{size}-{in_flight}")
            await self._run(name, size, in_flight, partial(self._submit, ledger, ground, in_flight, size))
        for lanes in self.plan.in_flight:
            ground = self._ground("evaluate")
            await self._run(name, 0, lanes, partial(self._evaluate, ledger, ground, lanes))

    async def node(self, folder: Path) -> None:
        """All runs of the Node client."""
        for lanes in self.plan.in_flight:
            ground = self._ground(f"{NODE}-{lanes}")
            await self._run(
                NODE,
                1,
                lanes,
                partial(node_client.submit_in_lanes, folder, self.network, MERCHANT, ground, lanes, self.plan.seconds),
            )

    async def close(self) -> None:
        """Ends the connections."""
        for ledger in (*self.ledgers.values(), self.operator):
            await ledger.close()

    async def _submit(self, ledger: Ledger, ground: Ground, lanes: int, size: int) -> tuple[Measured, float]:
        started = time.process_time()
        measured = await submit_in_lanes(ledger, ground, lanes, self.plan.seconds, size)
        return measured, time.process_time() - started

    async def _evaluate(self, ledger: Ledger, ground: Ground, lanes: int) -> tuple[Measured, float]:
        started = time.process_time()
        measured = await evaluate_in_lanes(ledger, ground, lanes, self.plan.seconds)
        return measured, time.process_time() - started

    async def _run(
        self, client: str, size: int, in_flight: int, run: Callable[[], Awaitable[tuple[Measured, float]]]
    ) -> None:
        """One run and its line; `size` 0 stands for queries."""
        kind = "queries" if size == 0 else f"{size} operation{'s' if size > 1 else ''} a transaction"
        self.report(f"{client}: {kind}, {in_flight} in flight")
        before = self.cpu.read()
        measured, client_cpu = await run()
        used = {kind: seconds - before.get(kind, 0.0) for kind, seconds in self.cpu.read().items()}
        calls = len(measured.latencies_seconds)
        self.runs.append(
            {
                "client": client,
                "kind": "evaluate" if size == 0 else "submit",
                "operations_per_transaction": size,
                "in_flight": in_flight,
                "seconds": round(measured.seconds, 3),
                "calls": calls,
                "failures": dict(measured.failures),
                "calls_per_second": round(calls / measured.seconds, 1),
                "operations_per_second": round(calls * max(size, 1) / measured.seconds, 1),
                "latency_seconds": {
                    "median": round(measured.percentile(0.5), 4),
                    "p95": round(measured.percentile(0.95), 4),
                    "p99": round(measured.percentile(0.99), 4),
                },
                "cpu_milliseconds_per_call": {
                    kind: round(1000 * seconds / max(calls, 1), 3)
                    for kind, seconds in {"client": client_cpu, **used}.items()
                },
            }
        )

    async def _unless(self, code: str, op: str, args: dict[str, Any]) -> None:
        try:
            await self.operator.submit(self._operation(op, args, f"{self.name}-{op}"))
        except Rejected as refusal:
            if refusal.code != code:
                raise

    def _ground(self, what: str) -> Ground:
        return Ground(f"{self.name}-{what}", self.classes, self.addresses, int(time.time()) + DAY_SECONDS)

    @staticmethod
    def _operation(op: str, args: dict[str, Any], request_id: str) -> dict[str, Any]:
        return {"op": op, "args": args, "request_id": request_id, "valid_until": int(time.time()) + DAY_SECONDS}


def _class_definition(class_id: str) -> dict[str, Any]:
    return {
        "category": "bench",
        "class_id": class_id,
        "decimals": 0,
        "earn_rate": {"amount_minor": 100, "points": 1, "rounding": "STEPS"},
        "enrolled_only": False,
        "name": "Bench points",
        "symbol": "BENCH",
        "transferable": True,
        "unit_value_millionths": 10_000,
        "validity": {"kind": "NEVER"},
    }


def _best(runs: list[dict[str, Any]], client: str, size: int) -> float:
    """The most operations a second of a client with transactions of this size; 0 without runs."""
    figures = (
        run["operations_per_second"]
        for run in runs
        if (run["client"], run["kind"], run["operations_per_transaction"]) == (client, "submit", size)
    )
    return max(figures, default=0.0)


def _goals(runs: list[dict[str, Any]], plan: Plan) -> dict[str, Goal]:
    goals = {"calls that failed": Goal(sum(sum(run["failures"].values()) for run in runs), 0, at_most=True)}
    single = {client: _best(runs, client, 1) for client in (*plan.adapters, NODE)}
    for name in plan.adapters:
        gain = _best(runs, name, plan.batch) / max(single[name], 1e-9)
        goals[f"{name}: {plan.batch} operations a transaction against 1"] = Goal(gain, BATCH_GAIN_GOAL)
    if single[NODE] and "fabric" in single:
        ratio = single["fabric"] / single[NODE]
        goals["fabric against the Node client, 1 operation a transaction"] = Goal(ratio, FASTER_THAN_NODE_GOAL)
    return goals
