"""The official Node client of the Gateway service, under the same load: installed by the bench, into the cache."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from admin.errors import EnvironmentMissing
from admin.tools.bench.load import Ground, Measured
from network.connection import NetworkConnection
from network.programs.cache import entry

SOURCE = Path(__file__).parent / "node"
FILES = ("package.json", "package-lock.json", "submit.mjs", "replay.mjs")
GRACE_SECONDS = 120
Call = tuple[str, str]
"""A function of the chaincode and its argument."""


def install() -> Path:
    """The folder of the installed client. Raises EnvironmentMissing NODE_MISSING or NODE_CLIENT_UNREACHABLE."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise EnvironmentMissing(
            "NODE_MISSING", "the comparison needs node (20 or newer) and npm; or leave it out: --without-node"
        )
    digest = hashlib.sha256()
    for name in FILES:
        digest.update((SOURCE / name).read_bytes())

    def make(folder: Path) -> None:
        for name in FILES:
            shutil.copy(SOURCE / name, folder / name)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--omit=optional", "--ignore-scripts"]
        command.append("--fetch-retries=5")
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            raise EnvironmentMissing("NODE_CLIENT_UNREACHABLE", f"npm could not install the Node client: {last}")

    return entry("node-client", digest.hexdigest()[:16], make)


async def submit_in_lanes(
    folder: Path, network: NetworkConnection, org_name: str, ground: Ground, lanes: int, seconds: float
) -> tuple[Measured, float]:
    """The same lanes with one operation a transaction; what was measured, and the client's CPU seconds."""
    task = {
        **_connection(network, org_name),
        "classes": ground.classes[:lanes],
        "addresses": ground.addresses,
        "prefix": ground.prefix,
        "valid_until": ground.valid_until,
        "seconds": seconds,
    }
    told = await _run(folder, "submit.mjs", task, seconds)
    measured = Measured(told["seconds"], told["latencies_seconds"], Counter(told["failures"]))
    return measured, told["client_cpu_seconds"]


@dataclass(frozen=True)
class Replayed:
    """What the Node client made of calls that were ready: `accepted` operations, whatever their number in a
    transaction."""

    measured: Measured
    accepted: int
    cpu_seconds: float


async def replay(
    folder: Path,
    network: NetworkConnection,
    org_name: str,
    first: Call,
    lanes: Sequence[Sequence[Call]],
    seconds: float,
) -> Replayed:
    """Each lane sends its calls one after the other until the time is over; `first` goes ahead, uncounted."""
    task = {**_connection(network, org_name), "first": first, "lanes": lanes, "seconds": seconds}
    told = await _run(folder, "replay.mjs", task, seconds)
    measured = Measured(told["seconds"], told["latencies_seconds"], Counter(told["failures"]))
    return Replayed(measured, told["accepted"], told["client_cpu_seconds"])


def _connection(network: NetworkConnection, org_name: str) -> dict[str, Any]:
    org = network.org(org_name)
    peer, identity = network.gateway_peer(org_name), org.identity("gateway")
    return {
        "address": peer.address,
        "tls_root": str(peer.tls_root),
        "tls_name": peer.tls_name,
        "msp_id": org.msp_id,
        "certificate": str(identity.certificate),
        "private_key": str(identity.private_key),
        "tls_certificate": str(identity.tls.certificate) if identity.tls else None,
        "tls_private_key": str(identity.tls.private_key) if identity.tls else None,
        "channel": network.channel,
        "chaincode": network.chaincode,
    }


async def _run(folder: Path, script: str, task: dict[str, Any], seconds: float) -> Any:
    """What the script told. Raises EnvironmentMissing NODE_CLIENT_FAILED with its last line."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(folder / script),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, problems = await asyncio.wait_for(process.communicate(json.dumps(task).encode()), seconds + GRACE_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = (problems.decode().strip().splitlines() or ["no output"])[-1]
        raise EnvironmentMissing("NODE_CLIENT_FAILED", f"the Node client ended with {process.returncode}: {last}")
    return json.loads(out)
