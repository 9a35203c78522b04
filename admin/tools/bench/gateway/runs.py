"""Single runs of the bench, and what each gave."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import islice
from typing import Any

import httpx

from admin.errors import CheckFailed
from admin.gateways import RunningGateway
from admin.tools.bench.gateway.connection import Connection
from admin.tools.bench.gateway.load import Told, run_load
from admin.tools.bench.gateway.plan import Plan
from admin.tools.bench.gateway.requests import ACCRUE, SIGNED, Requests
from admin.tools.bench.gateway.watch import Reading, Watch, used
from admin.tools.bench.load import Measured
from admin.tools.bench.throughput.bare import BareGateway
from admin.tools.bench.throughput.ground import Ground

Run = dict[str, Any]
DECLARED = frozenset({"BUSY", "RATE_LIMITED"})
"""Refusals that a sound request may meet under load; every other one is an error."""
END_SECONDS_MAX = 120.0
ASK_SECONDS = 0.1
BULK_SECONDS_MAX = 600.0
MEDIA_TYPE = "application/x-ndjson"
WRITES = (ACCRUE, SIGNED)


class Runs:
    """Makes runs against one gateway and keeps their records."""

    def __init__(self, ground: Ground, plan: Plan, gateway: RunningGateway, watch: Watch) -> None:
        self.ground, self.plan, self.gateway, self.watch = ground, plan, gateway, watch
        self.host = gateway.address.removeprefix("http://")
        self.requests = Requests(ground, self.host, gateway.api_key)
        self.records: list[Run] = []
        self.accrued = 0
        """Points of accruals that the gateway called accepted."""
        self.errors = 0
        self.unended = 0
        """Operations answered with 202 that did not end in a receipt."""

    async def mixed(self, clients: int) -> Run:
        """So many clients at once, each with one request after the other."""
        requests = self.requests.mixed(int(self.plan.seconds * self.plan.requests_per_second_max))
        before: list[Reading] = []
        told = await run_load(
            self.gateway.address, clients, self.plan.seconds, requests, lambda: before.append(self.watch.read())
        )
        after = self.watch.read()
        ended = await self._ends(told.pending)
        latencies = [seconds for kind in told.latencies_seconds.values() for seconds in kind]
        record = self._record("mixed", latencies, told.seconds, before[0], after, told.cpu_seconds)
        undeclared = {name: count for name, count in told.refusals.items() if name.split()[-1] not in DECLARED}
        errors = sum(undeclared.values()) + sum(told.failures.values())
        record |= {
            "clients": clients,
            "answers": told.statuses,
            "refusals": told.refusals,
            "failures": {**undeclared, **told.failures},
            "connections": told.connections,
            "answered_202_ended": dict(ended),
            "by_kind": _by_kind(told),
        }
        self.errors += errors
        self.unended += len(told.pending) - ended["COMMITTED"]
        self.accrued += len(told.latencies_seconds.get(ACCRUE, ()))
        return record

    async def bulk(self) -> Run:
        """Accruals in one request, line after line, and their answers."""
        lines = list(islice(self.ground.accruals(), self.plan.bulk_lines))
        body = b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)
        statuses: Counter[str] = Counter()
        before = self.watch.read()
        first, answers = 0.0, []
        headers = {"Authorization": f"Bearer {self.gateway.api_key}", "Content-Type": MEDIA_TYPE}
        async with (
            httpx.AsyncClient(base_url=self.gateway.address, timeout=BULK_SECONDS_MAX, trust_env=False) as client,
            client.stream("POST", "/api/v1/bulk/operations", content=_pieces(body), headers=headers) as response,
        ):
            response.raise_for_status()
            async for piece in response.aiter_raw():
                first = first or time.monotonic()
                answers.append(piece)
        after = self.watch.read()
        for line in b"".join(answers).splitlines():
            answer = json.loads(line)
            statuses[str(answer["status"]) if answer["status"] == 201 else str(answer["problem"]["code"])] += 1
        seconds = after.at - before.at
        record = self._record("bulk", [], seconds, before, after, None, statuses["201"])
        record |= {
            "lines": len(lines),
            "answers": dict(statuses),
            "failures": {code: count for code, count in statuses.items() if code != "201"},
            "first_answer_seconds": round(first - before.at, 3),
        }
        self.errors += len(lines) - statuses["201"]
        self.accrued += statuses["201"]
        return record

    async def lone(self) -> tuple[Measured, Measured]:
        """One redemption after the other: over HTTP, and by the bare Gateway service, in turn. The first pair opens the
        connections and does not count."""
        bare, over_http, connection = Measured(), Measured(), self.connection()
        service = BareGateway(self.ground.network, self.gateway.org)
        try:
            for turn, operation in enumerate(islice(self.requests.redemptions(), 2 * (self.plan.pairs + 1))):
                if turn % 2:
                    request = self.requests.operation(operation)
                    begun = time.monotonic()
                    reply = await connection.ask(request)
                    seconds = time.monotonic() - begun
                    if reply.status != 201:
                        over_http.failures[f"{reply.status} {reply.document().get('code')}"] += 1
                        continue
                else:
                    seconds = await service.submit(operation)
                if turn > 1:
                    (over_http if turn % 2 else bare).latencies_seconds.append(seconds)
        finally:
            await service.close()
            await connection.close()
        self.errors += over_http.failures.total()
        self.records.append(
            {
                "client": "http",
                "kind": "a lone redemption",
                "operations": len(over_http.latencies_seconds),
                "failures": dict(over_http.failures),
                "latency_seconds": _latency(over_http.latencies_seconds),
                "latency_seconds_of_the_bare_service": _latency(bare.latencies_seconds),
            }
        )
        return over_http, bare

    def connection(self) -> Connection:
        """A connection to the gateway."""
        host, _, port = self.host.rpartition(":")
        return Connection(host, int(port))

    async def get(self, path: str) -> Any:
        """A document of the API. Raises CheckFailed GATEWAY_REFUSED."""
        connection = self.connection()
        try:
            reply = await connection.ask(self.requests.read(path))
        finally:
            await connection.close()
        if reply.status != 200:
            raise CheckFailed("GATEWAY_REFUSED", f"{path}: {reply.status} {reply.document().get('code')}")
        return reply.document()

    async def _ends(self, pending: Sequence[str]) -> Counter[str]:
        """What became of operations that were answered with 202; asked until each has ended, or for so long."""
        states: Counter[str] = Counter()
        deadline = time.monotonic() + END_SECONDS_MAX
        for href in pending:
            path = href.removeprefix("/api/v1")
            status = await self.get(path)
            while status["state"] == "PENDING" and time.monotonic() < deadline:
                await asyncio.sleep(ASK_SECONDS)
                status = await self.get(path)
            states[status["state"]] += 1
        return states

    def _record(
        self,
        kind: str,
        latencies: Sequence[float],
        seconds: float,
        before: Reading,
        after: Reading,
        load_seconds: float | None,
        operations: int | None = None,
    ) -> Run:
        cpu = used(before, after)
        count = len(latencies) if operations is None else operations
        share = sum(cpu.values()) + (load_seconds or 0.0)
        if load_seconds is not None:
            cpu["load"] = load_seconds
        record: Run = {
            "client": "http",
            "kind": kind,
            "seconds": round(seconds, 3),
            "operations": count,
            "operations_per_second": round(count / max(seconds, 1e-9), 1),
            "cpu_microseconds_per_operation": {
                name: round(1e6 * used_seconds / max(count, 1), 1) for name, used_seconds in sorted(cpu.items())
            },
            "cpu_share": round(share / max(after.at - before.at, 1e-9), 2),
        }
        if latencies:
            record["latency_seconds"] = _latency(latencies)
        self.records.append(record)
        return record


def _latency(seconds: Sequence[float]) -> dict[str, float]:
    measured = Measured(latencies_seconds=list(seconds))
    return {"median": round(measured.percentile(0.5), 4), "p99": round(measured.percentile(0.99), 4)}


def _by_kind(told: Told) -> Mapping[str, dict[str, float]]:
    return {
        kind: {"operations": len(seconds), **_latency(seconds)}
        for kind, seconds in sorted(told.latencies_seconds.items())
    }


async def _pieces(body: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for first in range(0, len(body), size):
        yield body[first : first + size]
