"""A gateway in a process of its own: `python -m admin.tools.bench.throughput.gateway_process <network folder> <org>
<first shard> <callers> <file>`.

Says `ready` once it is connected, begins at the first line on its standard input, carries out the operations of the
JSON file through a scheduler, and prints one JSON document: seconds, the scheduler's counts, and what failed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from admin.tools.bench.throughput.callers import many
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.port import Operation
from gateway.ledger.scheduling import Bounds, Scheduler
from network.connection import load

LANES = 4
UNTIL_DONE_SECONDS = 3600.0


async def main(folder: str, org: str, first_shard: int, callers: int, operations: list[Operation]) -> None:
    """The whole life of the process."""
    async with open_ledger("fabric", load(folder), org) as ledger:
        await ledger.evaluate("GetConsortium", {})
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        async with Scheduler(ledger, Bounds(lanes=LANES, first_shard=first_shard)) as scheduler:
            measured = await many(scheduler, operations, callers, UNTIL_DONE_SECONDS)
        told = {
            "seconds": measured.seconds,
            "operations": len(measured.latencies_seconds),
            "p99_seconds": measured.percentile(0.99),
            "counts": dict(scheduler.counts),
            "failures": dict(measured.failures),
        }
        print(json.dumps(told))


if __name__ == "__main__":
    place, name, shard, number, file = sys.argv[1:]
    asyncio.run(main(place, name, int(shard), int(number), json.loads(Path(file).read_text(encoding="utf-8"))))
