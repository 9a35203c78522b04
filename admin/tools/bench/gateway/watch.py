"""What a run used: CPU seconds of the gateway's processes, of the peers, orderers and chaincode servers, and of the
load itself."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from admin.tools.bench.processes import NetworkCpu, cpu_seconds


@dataclass(frozen=True)
class Reading:
    """CPU seconds so far by kind of process, and when it was read."""

    at: float
    cpu: dict[str, float]


class Watch:
    """The processes of one gateway and of the network in `folder`; without a network (the embedded ledger) of the
    gateway alone."""

    def __init__(self, gateway_pid: int, folder: Path | None) -> None:
        self._gateway = gateway_pid
        self._network = None if folder is None else NetworkCpu(folder)

    def read(self) -> Reading:
        """Now."""
        cpu = {} if self._network is None else self._network.read()
        # Its worker is a child that it starts a moment after it listens.
        cpu["gateway"] = sum(map(cpu_seconds, [self._gateway, *children(self._gateway)]))
        return Reading(time.monotonic(), cpu)


def used(before: Reading, after: Reading) -> dict[str, float]:
    """CPU seconds by kind between two readings."""
    return {kind: seconds - before.cpu[kind] for kind, seconds in after.cpu.items()}


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [child.pid for child in psutil.Process(pid).children()]
