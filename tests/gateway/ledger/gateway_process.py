"""A gateway in a process of its own, to be killed: `python -m tests.gateway.ledger.gateway_process <network folder> <org> <file>` carries out
the operations of a JSON file through a scheduler."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.port import Operation
from gateway.ledger.scheduling import Bounds, Scheduler
from network.connection import load


async def main(folder: str, org: str, operations: list[Operation]) -> None:
    async with open_ledger("fabric", load(folder), org) as ledger, Scheduler(ledger, Bounds(lanes=2)) as scheduler:
        await asyncio.gather(*(scheduler.submit(operation) for operation in operations))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(Path(sys.argv[3]).read_text(encoding="utf-8"))))
