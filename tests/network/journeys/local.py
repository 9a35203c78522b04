"""A local network's processes and commands, as the tests of journeys use them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from network.journeys.journey import Journey
from network.journeys.local import LocalNetwork
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.runtime.process.process_runtime import ProcessRuntime
from network.runtime.service import Service
from network.steps.step import Step

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


class Killed(Exception):
    """The program ends here."""


def kill_behind_each_step(steps: Journey, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Has each run of the journey end behind the first step that it takes and that no run before took, as a kill would
    end it between two steps. Gives the names of those steps, as they come."""
    killed: set[str] = set()
    for step in steps:

        def take(participant: Participant, step: Step = step, act: Callable[[Participant], None] = step.take) -> None:
            act(participant)
            if step.name not in killed:
                killed.add(step.name)
                raise Killed(step.name)

        monkeypatch.setattr(step, "take", take)
    return killed
