"""Several gateways at once, each a process of its own: two of one merchant and one of each of two others, all moving
the points of the same members."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from admin.errors import CheckFailed
from admin.tools.bench.document import Goal
from admin.tools.bench.throughput.gateway_process import LANES
from admin.tools.bench.throughput.ground import ISSUER, Ground
from admin.tools.bench.throughput.plan import Report
from gateway.ledger.port import Operation

GATEWAYS = ((ISSUER, 0), (ISSUER, LANES), ("harbor", 0), ("lotus", 0))
"""Organisation, and the first of the shards of its gateway's lanes: two gateways of one merchant must not share any."""
CALLERS = 250
OPERATIONS_EACH = 2000
LIMIT_SECONDS = 300


def wishes(ground: Ground, org: str, dice: random.Random, count: int) -> list[Operation]:
    """Transfers between any two members, and at the issuer every second time an accrual."""
    found: list[Operation] = []
    for number in range(count):
        sender, recipient = dice.sample(ground.members, 2)
        if org == ISSUER and number % 2:
            found.append(ground.accrue(recipient, ground.class_id))
        else:
            found.append(ground.transfer(sender, recipient, ground.class_id))
    return found


async def run_gateways(folder: Path, operations: list[list[Operation]], callers: int) -> list[dict[str, Any]]:
    """One process for each of GATEWAYS, all begun at the same moment; what each told. Raises CheckFailed
    GATEWAY_FAILED."""
    with tempfile.TemporaryDirectory(prefix="jifen-gateways-") as place:
        processes = []
        try:
            for number, (org, first_shard) in enumerate(GATEWAYS):
                file = Path(place) / f"{number}.json"
                file.write_text(json.dumps(operations[number]), encoding="utf-8")
                processes.append(
                    await asyncio.create_subprocess_exec(
                        sys.executable,
                        "-m",
                        "admin.tools.bench.throughput.gateway_process",
                        *(str(folder), org, str(first_shard), str(callers), str(file)),
                        stdin=asyncio.subprocess.PIPE,
                        stdout=asyncio.subprocess.PIPE,
                    )
                )
            async with asyncio.timeout(LIMIT_SECONDS):
                for process in processes:
                    assert process.stdout is not None
                    if await process.stdout.readline() != b"ready\n":
                        raise CheckFailed("GATEWAY_FAILED", "a gateway's process did not get ready")
                told = [
                    out for out, _ in await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
                ]
        finally:
            for process in processes:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
    return [json.loads(out) for out in told]


async def several_gateways(ground: Ground, report: Report) -> tuple[dict[str, Goal], dict[str, Any]]:
    """The run, its share of transactions that another gateway's write made invalid, and that nobody's operation was
    lost."""
    report(f"gateways: {len(GATEWAYS)} processes on the same {len(ground.members)} members")
    dice = random.Random(4)
    operations = [wishes(ground, org, dice, OPERATIONS_EACH) for org, _ in GATEWAYS]
    told = await run_gateways(ground.network.folder, operations, CALLERS)
    done = sum(one["operations"] for one in told)
    batches = sum(one["counts"].get("batches", 0) for one in told)
    conflicts = sum(one["counts"].get("conflicts", 0) for one in told)
    seconds = max(one["seconds"] for one in told)
    record = {
        "client": "port",
        "kind": "four gateways on the same members",
        "members": len(ground.members),
        "operations": done,
        "operations_per_second": round(done / seconds, 1),
        "batches": batches,
        "conflicts": conflicts,
        "rejected_by_conflict_share": round(conflicts / max(batches + conflicts, 1), 4),
        "slowest_p99_seconds": round(max(one["p99_seconds"] for one in told), 3),
        "seconds_of_each": [round(one["seconds"], 2) for one in told],
        "failures": {name: count for one in told for name, count in one["failures"].items()},
    }
    lost = len(GATEWAYS) * OPERATIONS_EACH - done
    return {"gateways: operations that did not converge": Goal(lost, 0, at_most=True)}, record
