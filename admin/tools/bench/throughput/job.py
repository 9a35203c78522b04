"""P6: the main job on the sample and on a file many times as long."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from admin.demo.ledgers import declaration_text, network_ledgers
from admin.demo.purchases import SAMPLE, Purchase, read_purchases
from admin.demo.run import passed, run
from admin.tools.bench.document import Goal
from admin.tools.bench.throughput.plan import Report
from network.journeys.local import running_network

LANES = 8


def repeated(purchases: list[Purchase], times: int) -> list[Purchase]:
    """The purchases, and the same by other customers, `times` in all. The new numbers are greater by multiples of a
    round number, so that the same customer's copies are enrolled by different merchants in turn."""
    step = 10 ** len(str(max(purchase.number for purchase in purchases)))
    copies = [
        replace(
            purchase,
            customer=str(purchase.number + step * copy) if copy else purchase.customer,
            line=purchase.line + len(purchases) * copy,
        )
        for copy in range(times)
        for purchase in purchases
    ]
    return sorted(copies, key=lambda purchase: (purchase.day, purchase.customer, purchase.line))


async def main_job(times: int, report: Report) -> tuple[dict[str, Goal], list[dict[str, Any]]]:
    """The job on the sample and on `times` as much, each on a network of its own."""
    runs = []
    for factor in (1, times):
        with tempfile.TemporaryDirectory(prefix="jifen-bench-job-") as place:
            report(f"P6: the main job, {factor} times the sample")
            folder = Path(place) / "network"
            purchases = repeated(read_purchases(SAMPLE), factor)
            with running_network(declaration_text(), folder, report):
                async with network_ledgers("fabric", folder) as ledgers:
                    done = await run("fabric", ledgers, purchases, lambda phase, at, total: None, LANES)
        document = done.document
        runs.append(
            {
                "client": "main job",
                "kind": f"{factor} × the sample",
                "operations": document["operations"],
                "operations_per_second": document["operations_per_second"],
                "transactions": document["transactions"],
                "retries": document["retries"],
                "invalid_transactions": document["invalid_transactions"],
                "seconds": document["seconds"]["replay"],
                "verify_seconds": document["seconds"]["verify"],
                "checks_hold": passed(document),
            }
        )
    small, large = runs
    growth = large["seconds"] / (times * small["seconds"])
    goals = {
        "P6": Goal(growth, 1.0, at_most=True),
        "P6, runs whose checks do not hold": Goal(sum(not one["checks_hold"] for one in runs), 0, at_most=True),
    }
    return goals, runs
