"""What a block's timeout costs and gives, over the whole range: a lone caller, HTTP clients, full batches, and a
foreign client with single transactions."""

from __future__ import annotations

import itertools
import math
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from admin import output
from admin.tools.bench.document import Goal, answer
from admin.tools.bench.gateway.measure import declaration_of, measure_on
from admin.tools.bench.gateway.plan import Plan, Report
from admin.tools.bench.throughput.ground import ISSUER, Ground
from admin.tools.bench.throughput.plan import Plan as ThroughputPlan
from admin.tools.bench.throughput.runs import Runs, calls
from network.journeys.local import running_network

NODE_IN_FLIGHT = 50
LONE = "a lone redemption over HTTP"
SATURATED, NODE = "accruals", "accruals, one a transaction"
"""Kinds of run: the scheduler's batches, and the Node client."""
TIMEOUT = "block_timeout_milliseconds"


async def compare(plan: Plan, report: Report, node_folder: Path | None) -> dict[str, Any]:
    """The plan's runs for each timeout, on a network of its own, and beside them P1's accruals and the Node client
    (without it where there is no `node_folder`). Goals are those of a lone redemption."""
    goals: dict[str, Goal] = {}
    runs: list[dict[str, Any]] = []
    for timeout in plan.block_timeouts:
        report(f"block timeout {timeout} ms")
        with (
            tempfile.TemporaryDirectory(prefix="jifen-bench-") as place,
            running_network(declaration_of([timeout]), Path(place) / "network", report) as network,
        ):
            ground = Ground(network, plan.members, NODE_IN_FLIGHT if node_folder else 0)
            found, records = await measure_on(ground, Path(place), replace(plan, bulk_lines=0), report)
            records += await _without_gateway(ground, plan, report, node_folder)
        goals |= {f"{timeout} ms: {name}": goal for name, goal in found.items() if name.startswith(LONE)}
        runs += [{**record, TIMEOUT: timeout} for record in records]
    return answer(goals, runs)


async def _without_gateway(
    ground: Ground, plan: Plan, report: Report, node_folder: Path | None
) -> list[dict[str, Any]]:
    asked = ThroughputPlan(seconds=plan.seconds, members=plan.members)
    runs = Runs(ground, asked)
    report("accruals through the scheduler")
    count = math.ceil(asked.operations_per_second_max * plan.seconds)
    await runs.port(SATURATED, ISSUER, list(itertools.islice(await ground.new_accruals(count), count)))
    if node_folder is not None:
        report(f"the Node client, {NODE_IN_FLIGHT} in flight")
        await runs.node(node_folder, NODE, ISSUER, calls(runs.node_accruals(NODE_IN_FLIGHT)))
    return runs.records


def show(document: dict[str, Any]) -> None:
    """One line for each timeout."""
    rows: dict[int, dict[str, str]] = {}
    for run in document["runs"]:
        row = rows.setdefault(run[TIMEOUT], {})
        seconds, rate = run["latency_seconds"], run.get("operations_per_second")
        if run["kind"] == "a lone redemption":
            row["lone, median ms"] = f"{1000 * seconds['median']:.1f}"
            row["lone, p99 ms"] = f"{1000 * seconds['p99']:.1f}"
            row["bare, median ms"] = f"{1000 * run['latency_seconds_of_the_bare_service']['median']:.1f}"
        elif "clients" in run:
            row[f"{run['clients']} clients, operations/s"] = f"{rate:,.0f}"
            row[f"{run['clients']} clients, median ms"] = f"{1000 * seconds['median']:.0f}"
        else:
            row["scheduler, operations/s" if run["kind"] == SATURATED else "Node, operations/s"] = f"{rate:,.0f}"
    columns = tuple(dict.fromkeys(name for row in rows.values() for name in row))
    lines = [(timeout, *(row.get(name, "") for name in columns)) for timeout, row in rows.items()]
    output.table("Block timeout", ("timeout ms", *columns), lines, right=("timeout ms", *columns))
