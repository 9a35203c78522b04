"""Gateways as processes of their own, made and started by their commands: for the demo, the benches and the tests.

Each listens on a port that was free, and is ended by its process id.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from admin.errors import Unavailable
from network.errors import NetworkError
from network.runtime.waiting import wait_until

START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 45.0
ALONE = {
    "JIFEN_GATEWAY_PEOPLE__APPROVALS__VALUE_LIMITS": "{}",
    "JIFEN_GATEWAY_PEOPLE__APPROVALS__SECOND_PERSON": "[]",
}
"""Settings of a gateway that one program uses alone: nobody is asked to confirm."""
ALL_SCOPES = ("read", "counter", "relay", "issue", "finance", "people", "webhooks")


@dataclass(frozen=True)
class RunningGateway:
    """A gateway that serves: its organisation, folder, address, an API key for everything, and its process."""

    org: str
    folder: Path
    address: str
    api_key: str
    process: subprocess.Popen[bytes]


def jifen(*arguments: str, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Runs a `jifen` command and gives its JSON. Raises Unavailable with what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "admin.cli", *arguments, "--json"],
        capture_output=True,
        env={**os.environ, **(environment or {})},
        check=False,
    )
    if done.returncode:
        raise Unavailable("GATEWAY_NOT_STARTED", done.stderr.decode(errors="replace").strip()[-500:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def make_gateway(
    folder: Path,
    org: str,
    adapter: str,
    ledger_folder: Path,
    *,
    replay: bool,
    lanes: int = 8,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Makes a gateway's folder and an API key for everything; gives the key."""
    options = ["--folder", str(folder)]
    settings = ["--org", org, "--ledger", adapter, "--ledger-folder", str(ledger_folder), "--port", "0"]
    settings += ["--lanes", str(lanes), "--key-file", "secret.key", *(["--replay"] if replay else [])]
    jifen("gateway", "init", *settings, *options, environment=environment)
    scopes = [part for scope in ALL_SCOPES for part in ("--scope", scope)]
    many = ["--requests-per-minute", "1000000"]
    return str(jifen("gateway", "api-key", "demo", *scopes, *many, *options, environment=environment)["token"])


@contextmanager
def serving(
    folder: Path, org: str, api_key: str, environment: Mapping[str, str] | None = None
) -> Iterator[RunningGateway]:
    """The gateway in `folder`, as long as it is needed; its log is `gateway.log` there. Raises Unavailable when it does
    not come up."""
    told = folder / "gateway.json"
    with (folder / "gateway.log").open("ab") as log, told.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "admin.cli", "gateway", "serve", "--folder", str(folder), "--json"],
            stdout=out,  # no pipe: nobody would read it, and a full one holds up whoever writes
            stderr=log,
            start_new_session=True,  # so that its worker, too, can be ended by the id of their group
            env={**os.environ, **(environment or {})},
        )
        try:
            yield RunningGateway(org, folder, _address(process, folder, told), api_key, process)
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Asks the gateway to finish, and kills its processes when it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the gateway and its worker at once, by the group that they are alone in."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _address(process: subprocess.Popen[bytes], folder: Path, told: Path) -> str:
    """The address that the gateway tells once it listens."""

    def still_possible() -> None:
        if process.poll() is not None:
            raise _not_started(folder)

    try:
        wait_until(
            lambda: told.read_bytes().endswith(b"}\n"), "the address", START_SECONDS_MAX, still_possible=still_possible
        )
    except NetworkError:
        kill(process)
        raise _not_started(folder) from None
    return str(json.loads(told.read_bytes())["address"])


def _not_started(folder: Path) -> Unavailable:
    tail = (folder / "gateway.log").read_text(errors="replace")[-800:]
    return Unavailable("GATEWAY_NOT_STARTED", tail or "it said nothing")
