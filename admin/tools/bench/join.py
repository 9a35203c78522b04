"""How long a merchant's way into a running network takes, from APPROVED to ACTIVE, and what the others' traffic notices
of it: a steady load through a gateway before, during and after.

The load is HTTP requests with a request_id each; one that is not answered with a receipt is sent again with the same id
(a retry), and has failed when it is refused or has no receipt after RECEIPT_SECONDS_MAX.
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from admin.consortium import FirstSteps, invite
from admin.errors import Unavailable
from admin.gateways import ALONE, RunningGateway, make_gateway, serving
from admin.tools.bench.document import Goal, answer
from admin.tools.bench.throughput.ground import ISSUER, Ground
from gateway.ledger.adapters.opening import open_ledger
from network.connection import load
from network.declaration import Consortium
from network.declaration.generate import merchants_declaration
from network.declaration.writing import declaration_text
from network.journeys.local import running_network
from network.runtime.choice import chosen_runtime

Report = Callable[[str], None]
MERCHANTS = 3
SECONDS_GOAL = 60.0
RECEIPT_SECONDS_MAX = 60.0
PAUSE_SECONDS = 0.2
TOLD = re.compile(r"\s*\d+\.\d s  ")
MEMBERS = 200


@dataclass(frozen=True)
class Traffic:
    """The load: so many callers begin so many operations a second together, for so many seconds before and after."""

    callers: int
    per_second: float
    settle_seconds: float


@dataclass
class Load:
    """What callers saw: seconds to each receipt by when it came (monotonic), retries by their reason, failures."""

    receipts: list[tuple[float, float]] = field(default_factory=list)
    retries: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)

    def between(self, begun: float, ended: float) -> dict[str, Any]:
        """The figures of a stretch of time."""
        taken = sorted(seconds for at, seconds in self.receipts if begun <= at < ended)
        times = [begun, *sorted(at for at, _ in self.receipts if begun <= at < ended), ended]
        return {
            "operations": len(taken),
            "operations_per_second": round(len(taken) / (ended - begun), 1),
            "median_seconds": round(taken[len(taken) // 2], 3) if taken else None,
            "p99_seconds": round(taken[int(0.99 * len(taken))], 3) if taken else None,
            "longest_gap_seconds": round(max(after - before for before, after in pairwise(times)), 3),
        }


@contextmanager
def steady(ground: Ground, gateway: RunningGateway, traffic: Traffic) -> Iterator[Load]:
    """Accruals and redemptions through the gateway until the end of the block."""
    load_seen, ended = Load(), threading.Event()
    operations = _operations(ground)
    lock = threading.Lock()

    def call() -> None:
        headers = {"Authorization": f"Bearer {gateway.api_key}"}
        with httpx.Client(base_url=gateway.address, headers=headers, timeout=30, trust_env=False) as client:
            while not ended.is_set():
                began = time.monotonic()
                with lock:
                    operation = next(operations)
                _one(client, operation, load_seen)
                ended.wait(max(0.0, began + traffic.callers / traffic.per_second - time.monotonic()))

    threads = [threading.Thread(target=call, daemon=True) for _ in range(traffic.callers)]
    for thread in threads:
        thread.start()
    try:
        yield load_seen
    finally:
        ended.set()
        for thread in threads:
            thread.join(RECEIPT_SECONDS_MAX)


def _operations(ground: Ground) -> Iterator[dict[str, Any]]:
    accruals, redemptions = ground.accruals(), ground.redemptions(acceptor=ISSUER)
    while True:
        yield next(accruals)
        yield next(redemptions)


def _one(client: httpx.Client, operation: dict[str, Any], seen: Load) -> None:
    began = time.monotonic()
    path = f"/api/v1/operations/{operation['op'].lower()}"
    body = {name: value for name, value in operation.items() if name != "op"}
    headers = {"Idempotency-Key": operation["request_id"]}
    while True:
        try:
            response = client.post(path, json=body, headers=headers)
        except httpx.TransportError as error:
            told, final = type(error).__name__, False
        else:
            if response.status_code in (200, 201):
                seen.receipts.append((time.monotonic(), time.monotonic() - began))
                return
            told = "202" if response.status_code == 202 else str(response.json().get("code", response.status_code))
            final = response.status_code < 500 and response.status_code not in (202, 429)
        if final or time.monotonic() - began > RECEIPT_SECONDS_MAX:
            seen.failures[told] += 1
            return
        seen.retries[told] += 1
        time.sleep(PAUSE_SECONDS)


def declaration(merchants: int) -> Consortium:
    """A consortium of so many merchants, a majority of whom endorse."""
    return merchants_declaration(merchants, endorsement_k=None).model_copy(update={"name": "joining"})


def measure(runtimes: Sequence[str], traffic: Traffic, report: Report) -> dict[str, Any]:
    """The whole bench, on a network of its own for each runtime."""
    goals, runs = dict[str, Goal](), list[dict[str, Any]]()
    for runtime in runtimes:
        report(f"runtime {runtime}")
        with tempfile.TemporaryDirectory(prefix="jifen-bench-") as place:
            folder = Path(place) / "network"
            with running_network(declaration(MERCHANTS), folder, report, chosen_runtime(runtime, False)):
                found = join_under(traffic, folder, declaration(MERCHANTS + 1), report)
        goals |= {f"{name}, {runtime}": goal for name, goal in _goals(found).items()}
        runs += [{"runtime": runtime, **run} for run in found]
    return answer(goals, runs)


def _goals(runs: list[dict[str, Any]]) -> dict[str, Goal]:
    _, joining, after = runs
    return {
        "seconds of machine time from APPROVED to ACTIVE": Goal(joining["machine_seconds"], SECONDS_GOAL, at_most=True),
        "failed operations": Goal(sum(joining["failed_operations"].values()), 0, at_most=True),
        "transactions that the newcomer endorsed for a gateway that went on": Goal(
            after["transactions_that_the_newcomer_endorsed"], 1
        ),
    }


def join_under(
    traffic: Traffic, folder: Path, revised: Consortium, report: Report, members: int = MEMBERS
) -> list[dict[str, Any]]:
    """The last merchant of `revised` joins the running network in `folder` under traffic; figures of the load before,
    while it joins, and after. The network's folder has the gateway and the declaration beside it."""
    ground = Ground(load(folder), members)
    report("preparing: consortium, a class, members, a gateway")
    asyncio.run(ground.prepare())
    home = folder.with_name("gateway")
    key = make_gateway(home, ISSUER, "fabric", folder, replay=False, environment=ALONE)
    with serving(home, ISSUER, key, ALONE) as gateway, steady(ground, gateway, traffic) as seen:
        return _joined(folder, revised, seen, traffic.settle_seconds, report)


def _joined(
    folder: Path, revised: Consortium, seen: Load, settle_seconds: float, report: Report
) -> list[dict[str, Any]]:
    newcomer = revised.orgs[-1].name
    text = folder.with_name("revised.yaml")
    text.write_text(declaration_text(revised), encoding="utf-8")
    report(f"{settle_seconds:g} s of load before")
    marks = [time.monotonic()]
    time.sleep(settle_seconds)
    asyncio.run(_approve(folder, newcomer))
    first_block = asyncio.run(_height(folder))
    marks.append(time.monotonic())
    used, load_average = resource.getrusage(resource.RUSAGE_CHILDREN), os.getloadavg()[0]
    report(f"{newcomer} joins")
    told = _join(folder, text)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    marks.append(time.monotonic())
    report(f"{settle_seconds:g} s of load after")
    time.sleep(settle_seconds)
    marks.append(time.monotonic())
    invalid, endorsed = asyncio.run(_on_chain(folder, newcomer, first_block))
    stretches = ("before", "joining", "after")
    runs: list[dict[str, Any]] = [
        {"run": name, "seconds": round(ended - begun, 1), **seen.between(begun, ended)}
        for name, begun, ended in ((name, *span) for name, span in zip(stretches, pairwise(marks), strict=True))
    ]
    runs[1] |= {
        "machine_seconds": round(marks[2] - marks[1], 1),
        "told": told,
        "load_average_before": round(load_average, 1),
        "command_cpu_seconds": round(after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime, 1),
        "failed_operations": dict(seen.failures),
        "retries": dict(seen.retries),
        "invalid_transactions_sent_again": dict(invalid),
    }
    runs[2]["transactions_that_the_newcomer_endorsed"] = endorsed
    return runs


def _join(folder: Path, declaration_file: Path) -> list[str]:
    """Runs the command as an operator does; what it told as it went, with the seconds since it began. Raises Unavailable
    with what it said."""
    words = ["network", "join", str(declaration_file), "--cover", "1000", "--limit", "100", "--folder", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "admin.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "400"},
    )
    if done.returncode:
        raise Unavailable("JOIN_FAILED", done.stderr.strip()[-500:])
    return [line.strip() for line in done.stderr.splitlines() if TOLD.match(line)]


async def _approve(folder: Path, newcomer: str) -> None:
    steps = FirstSteps(folder, "fabric")
    async with steps.ledger(steps.operator) as ledger:
        await invite(ledger, newcomer, newcomer)


async def _height(folder: Path) -> int:
    async with open_ledger("fabric", load(folder), ISSUER) as ledger:
        return await ledger.height()


async def _on_chain(folder: Path, newcomer: str, first: int) -> tuple[Counter[str], int]:
    """The transactions since a block that did not count, by Fabric's reason; how many of ISSUER's the newcomer
    endorsed."""
    invalid: Counter[str] = Counter()
    endorsed = 0
    async with open_ledger("fabric", load(folder), ISSUER) as ledger:
        async for block in ledger.blocks(first):
            for transaction in block.transactions:
                if not transaction.valid:
                    invalid[transaction.validation_code] += 1
                elif transaction.creator_msp_id == ISSUER and newcomer in transaction.endorser_msp_ids:
                    endorsed += 1
    return invalid, endorsed
