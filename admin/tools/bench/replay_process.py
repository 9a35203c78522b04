"""A chain's replay in a process of its own: `python -m admin.tools.bench.replay_process verify_go|verify_python|rebuild
<folder> <program of the Go rules>`.

The folder holds an embedded ledger's file. Prints one JSON document: the seconds from the first block to the answer,
this process's CPU seconds of them and those of the Go rules, and the most memory that each of both had.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

from gateway.core.event_loop import ease_collector
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.replaying import ChaincodeRules, SpecRules
from gateway.ledger.verification import Replayed, verify
from gateway.projection.fold.projector import Projector
from gateway.store.engine import Store
from gateway.store.migrating import migrate

KIBIBYTES = 1024
"""In a MiB; the kernel counts memory in KiB."""


async def main(work: str, folder: Path, program: str) -> dict[str, Any]:
    """The figures."""
    async with EmbeddedLedger(folder / "ledger.sqlite", embedded_identity("auditor", "auditor")) as ledger:
        if work == "rebuild":
            with (
                tempfile.TemporaryDirectory(prefix="jifen-bench-") as place,
                closing(Store(f"sqlite:///{place}/gateway.sqlite")) as store,
            ):
                migrate(store)
                return await _measured(Projector(store, ledger).rebuild)

        rules = ChaincodeRules(program) if work == "verify_go" else SpecRules()
        with closing(rules), closing(Replayed("jifen", "jifen", rules)) as replay:

            async def verified() -> None:
                found = await verify(ledger, replay)
                assert found.passed, found.differences

            figures = await _measured(verified)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)  # known of those that have ended
        return {**figures, "go_cpu_seconds": round(used.ru_utime + used.ru_stime, 3)}


async def _measured(work: Callable[[], Awaitable[None]]) -> dict[str, Any]:
    before, started = time.process_time(), time.monotonic()
    await work()
    seconds, cpu_seconds = time.monotonic() - started, time.process_time() - before
    return {
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds, 3),
        "go_cpu_seconds": 0.0,
        "mebibytes": _peak_mebibytes(os.getpid()),
        "go_mebibytes": sum(_peak_mebibytes(child.pid) for child in psutil.Process().children()),
    }


def _peak_mebibytes(process: int) -> int:
    """The most memory that a process had (`VmHWM` of proc(5): since it became this program), which psutil does not
    tell on Linux."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (kibibytes,) = (int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return kibibytes // KIBIBYTES


if __name__ == "__main__":
    name, where, rules_program = sys.argv[1:]
    ease_collector()
    print(json.dumps(asyncio.run(main(name, Path(where), rules_program))))
