"""CPU seconds of the processes of a network, from the kernel's own account."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

from network.journeys.local import LocalNetwork
from network.runtime.process.process_runtime import ProcessRuntime

USER_TICKS_FIELD, SYSTEM_TICKS_FIELD = 11, 12
"""Places of utime and stime among the fields of /proc/<pid>/stat behind the name (proc(5))."""


def cpu_seconds(pid: int) -> float:
    """User and system seconds that a process has used; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    ticks = int(fields[USER_TICKS_FIELD]) + int(fields[SYSTEM_TICKS_FIELD])
    return ticks / os.sysconf("SC_CLK_TCK")


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
