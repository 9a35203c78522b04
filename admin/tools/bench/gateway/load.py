"""Starts the load generator, gives it its requests, and reads what it tells."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from admin.errors import CheckFailed

START_SECONDS_MAX = 60.0
GRACE_SECONDS = 120.0
LINE_BYTES_MAX = 256 * 1024 * 1024
Request = tuple[str, bytes]
"""What kind of request it is, and the request itself."""


@dataclass(frozen=True)
class Told:
    """What the load generator told. `latencies_seconds` are of requests that were not refused, by kind."""

    seconds: float
    cpu_seconds: float
    latencies_seconds: dict[str, list[float]]
    statuses: dict[str, int]
    refusals: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    connections: int = 0


async def run_load(
    address: str,
    clients: int,
    seconds: float,
    requests: Sequence[Request],
    begin: Callable[[], None],
) -> Told:
    """The load in a process of its own. `begin` is called when every client is connected, just before the clock runs.
    Raises CheckFailed LOAD_FAILED."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    job: dict[str, Any] = {"host": host, "port": int(port), "clients": clients, "seconds": seconds}
    job["requests"] = [(kind, request.decode()) for kind, request in requests]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "admin.tools.bench.gateway.load_process"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LINE_BYTES_MAX,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS_MAX):
            process.stdin.write(json.dumps(job).encode() + b"\n")
            if await process.stdout.readline() != b"ready\n":
                raise CheckFailed("LOAD_FAILED", "the load generator did not get ready")
        begin()
        async with asyncio.timeout(seconds + GRACE_SECONDS):
            told, _ = await process.communicate(b"go\n")
    except TimeoutError:
        raise CheckFailed("LOAD_FAILED", "the load generator did not end in time") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise CheckFailed("LOAD_FAILED", f"the load generator ended with {process.returncode}")
    return Told(**json.loads(told))
