"""A local network's processes and commands, as the tests of journeys use them."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from network.journeys.local import LocalNetwork
from network.nodes.peer_admin import PeerAdmin
from network.runtime.process.process_runtime import ProcessRuntime
from network.runtime.service import Service

PROCESSES = ProcessRuntime()


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "admin.cli", "network", *arguments, "--folder", str(folder), "--json"]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)


def kill(service: Service) -> None:
    PROCESSES.ask_to_stop(service, signal.SIGKILL)
    PROCESSES.wait_stopped(service)


def peer_admin(network: LocalNetwork, org: str) -> PeerAdmin:
    return PeerAdmin(network.participant(org))


def service_of(network: LocalNetwork, label: str) -> Service:
    return next(service for service in network.services() if service.label == label)
