"""The whole bench: its network, its gateway, its runs, and its document."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from admin.gateways import make_gateway, serving
from admin.tools.bench.document import Goal, answer
from admin.tools.bench.gateway.plan import Plan, Report
from admin.tools.bench.gateway.runs import Runs
from admin.tools.bench.gateway.watch import Watch
from admin.tools.bench.throughput.ground import ISSUER, Ground
from gateway.ledger.adapters.opening import open_ledger
from network.connection import load
from network.declaration import Consortium
from network.declaration.generate import merchants_declaration
from network.journeys.local import running_network

ORGS = 2
LONE_GOAL = 1.2
LONE_MEDIAN_GOAL_SECONDS, LONE_P99_GOAL_SECONDS = 0.030, 0.060
LANES = 4
CAUGHT_UP_TRIES = 24


async def measure(plan: Plan, report: Report, folder: Path | None = None) -> dict[str, Any]:
    """All runs. `folder`: a running network of two merchants to use instead of one of its own."""
    with tempfile.TemporaryDirectory(prefix="jifen-bench-") as place:
        if folder is not None:
            return answer(*await measure_on(Ground(load(folder), plan.members), Path(place), plan, report))
        with running_network(declaration_of(plan.block_timeouts), Path(place) / "network", report) as network:
            return answer(*await measure_on(Ground(network, plan.members), Path(place), plan, report))


def declaration_of(block_timeouts: Sequence[int]) -> Consortium:
    """Two merchants; blocks are cut after the first of the timeouts, where there is one."""
    declaration = merchants_declaration(ORGS)
    changes = {"timeout": block_timeouts[0]} if block_timeouts else {}
    return declaration.model_copy(update={"batch": declaration.batch.model_copy(update=changes)})


async def measure_on(
    ground: Ground, place: Path, plan: Plan, report: Report
) -> tuple[dict[str, Goal], list[dict[str, Any]]]:
    """The goals and runs on one network, whose gateway gets a folder in `place`."""
    network = ground.network
    report("preparing: consortium, a class, members")
    await ground.prepare()
    async with open_ledger("fabric", network, ISSUER) as ledger:
        newest = await ledger.height() - 1
    report("preparing: the gateway")
    gateway_folder = place / "gateway"
    key = make_gateway(gateway_folder, ISSUER, "fabric", network.folder, replay=False, lanes=LANES)
    with serving(gateway_folder, ISSUER, key) as gateway:
        runs = Runs(ground, plan, gateway, Watch(gateway.process.pid, network.folder))
        await caught_up(runs, newest)
        issued = await _issued(runs)
        report(f"a lone redemption, {plan.pairs} times over HTTP and as often by the bare service")
        over_http, bare = await runs.lone()
        for clients in plan.clients:
            report(f"{clients} clients")
            await runs.mixed(clients)
        if plan.bulk_lines:
            report(f"bulk, {plan.bulk_lines:,} lines")
            await runs.bulk()
        async with open_ledger("fabric", network, ISSUER) as ledger:
            newest = await ledger.height() - 1
        await caught_up(runs, newest)
        missing = runs.accrued - (await _issued(runs) - issued)
    ratio = over_http.percentile(0.5) / max(bare.percentile(0.5), 1e-9)
    median, p99 = over_http.percentile(0.5), over_http.percentile(0.99)
    goals = {
        "a lone redemption over HTTP, median against the bare service": Goal(ratio, LONE_GOAL, at_most=True),
        "a lone redemption over HTTP, median seconds": Goal(median, LONE_MEDIAN_GOAL_SECONDS, at_most=True),
        "a lone redemption over HTTP, p99 seconds": Goal(p99, LONE_P99_GOAL_SECONDS, at_most=True),
        "errors besides declared refusals": Goal(runs.errors, 0, at_most=True),
        "answered with 202 and not ended in a receipt": Goal(runs.unended, 0, at_most=True),
        "difference of accepted accruals and the ledger's points": Goal(abs(missing), 0, at_most=True),
    }
    return goals, runs.records


async def caught_up(runs: Runs, block_number: int) -> None:
    """Returns when the gateway's projection has taken in the block. Raises CheckFailed GATEWAY_REFUSED when it takes
    minutes."""
    for trial in range(CAUGHT_UP_TRIES):
        connection = runs.connection()
        try:
            reply = await connection.ask(runs.requests.read(f"/classes?at_least_block={block_number}"))
        finally:
            await connection.close()
        # The gateway itself waits some seconds for the block before it answers that it has not come.
        if reply.status == 200 or trial + 1 == CAUGHT_UP_TRIES:
            break
    await runs.get(f"/classes?at_least_block={block_number}")


async def _issued(runs: Runs) -> int:
    """Points of the ground's class that were ever issued."""
    return int((await runs.get(f"/classes/{runs.ground.class_id}"))["issued"])
