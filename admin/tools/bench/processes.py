"""CPU seconds of the processes of a network, from the kernel's own account."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import psutil

from network.journeys.local import LocalNetwork
from network.runtime.process.process_runtime import ProcessRuntime


def cpu_seconds(pid: int) -> float:
    """User and system seconds that a process has used; 0 when it is gone."""
    try:
        used = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(used.user + used.system)


class NetworkCpu:
    """CPU seconds of a network's processes by kind: peer, orderer, chaincode, ca."""

    def __init__(self, folder: Path) -> None:
        self._processes: list[tuple[str, int]] = []
        for service in LocalNetwork(folder).services():
            pid = ProcessRuntime().pid(service)
            if pid is not None:
                self._processes.append((service.kind, pid))

    def read(self) -> dict[str, float]:
        """Seconds so far, by kind."""
        seconds: dict[str, float] = defaultdict(float)
        for kind, pid in self._processes:
            seconds[kind] += cpu_seconds(pid)
        return dict(seconds)
