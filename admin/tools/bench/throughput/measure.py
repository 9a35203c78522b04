"""The whole bench: its networks, one after the other, and its document."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from admin.tools.bench import node_client
from admin.tools.bench.document import Goal, answer
from admin.tools.bench.throughput.gateways import several_gateways
from admin.tools.bench.throughput.ground import Ground
from admin.tools.bench.throughput.growth import BLOCK, LANES, P5_GOAL, cost_of_a_transaction
from admin.tools.bench.throughput.job import main_job
from admin.tools.bench.throughput.parts import Parts
from admin.tools.bench.throughput.plan import Plan, Report
from network.connection import NetworkConnection, load
from network.declaration.generate import merchants_declaration
from network.journeys.local import running_network

FEW_ORGS, THREE_ORGS = 2, 3
HOT_MEMBERS = 200
ON_FEW = frozenset({"P1", "P2", "P3", "P4", "queue", "soak"})


async def measure(plan: Plan, report: Report, folder: Path | None = None, *, with_node: bool = True) -> dict[str, Any]:
    """All parts of the plan. `folder`: a running network to use instead of one of its own, for all parts but P5, P6 and
    the gateways' three organisations."""
    node_folder = node_client.install() if with_node and {"P1", "P2"} & set(plan.parts) else None
    goals: dict[str, Goal] = {}
    runs: list[dict[str, Any]] = []

    async def few(network: NetworkConnection) -> None:
        lanes = max(*plan.node_in_flight, LANES)
        report("preparing: consortium, classes, members")
        ground = Ground(network, plan.members, lanes)
        await ground.prepare()
        parts = Parts(ground, plan, report)
        await parts.run(node_folder)
        goals.update(parts.goals)
        runs.extend(parts.runs.records)

    if ON_FEW & set(plan.parts):
        if folder is not None:
            await few(load(folder))
        else:
            with (
                tempfile.TemporaryDirectory(prefix="jifen-bench-") as place,
                running_network(
                    merchants_declaration(FEW_ORGS, profiled=True), Path(place) / "network", report
                ) as network,
            ):
                await few(network)
    if "P5" in plan.parts:
        small, large = [await _cost_among(orgs, report) for orgs in (FEW_ORGS, plan.many_orgs)]
        runs += [small, large]
        name = "peer_milliseconds_per_transaction"
        goals["P5"] = Goal(large[name] / small[name], P5_GOAL, at_most=True)
    if "gateways" in plan.parts:
        with (
            tempfile.TemporaryDirectory(prefix="jifen-bench-") as place,
            running_network(merchants_declaration(THREE_ORGS), Path(place) / "network", report) as network,
        ):
            ground = Ground(network, members=HOT_MEMBERS)
            await ground.prepare()
            found, record = await several_gateways(ground, report)
            goals.update(found)
            parts = Parts(ground, plan, report)
            await parts.three_organisations()
            runs += [record, *parts.runs.records]
    if "P6" in plan.parts:
        found, job_runs = await main_job(plan.times, report)
        goals.update(found)
        runs.extend(job_runs)
    return answer(goals, runs)


async def _cost_among(orgs: int, report: Report) -> dict[str, Any]:
    """What a transaction costs among so many organisations, on a new network: a peer that has worked before still
    compacts its states."""
    declaration = merchants_declaration(orgs).model_copy(update={"batch": BLOCK})
    with (
        tempfile.TemporaryDirectory(prefix="jifen-bench-") as place,
        running_network(declaration, Path(place) / "network", report) as network,
    ):
        ground = Ground(network, members=200, node_lanes=LANES)
        await ground.prepare()
        return await cost_of_a_transaction(ground, report)
