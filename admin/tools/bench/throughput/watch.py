"""What the processes of a run used: CPU seconds and resident memory of gateway, peers, orderer and chaincode
servers."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from admin.tools.bench.processes import cpu_seconds
from network.journeys.local import LocalNetwork
from network.runtime.process.process_runtime import ProcessRuntime

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Reading:
    """CPU seconds so far, by `<org>/<name>` of the process and `client` for this one, and when it was read."""

    at: float
    cpu: dict[str, float]


@dataclass
class Watch:
    """The processes of the network in `folder`, and this one."""

    folder: Path
    kinds: dict[str, str] = field(default_factory=dict)
    _pids: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._pids["client"], self.kinds["client"] = os.getpid(), "client"
        for service in LocalNetwork(self.folder).services():
            pid = ProcessRuntime().pid(service)
            if pid is not None:
                self._pids[service.label], self.kinds[service.label] = pid, service.kind

    def read(self) -> Reading:
        """Now."""
        return Reading(time.monotonic(), {label: cpu_seconds(pid) for label, pid in self._pids.items()})

    def by_kind(self, before: Reading, after: Reading) -> dict[str, float]:
        """CPU seconds between two readings: client, peer, orderer, chaincode, ca."""
        used: dict[str, float] = defaultdict(float)
        for label, seconds in after.cpu.items():
            used[self.kinds[label]] += seconds - before.cpu[label]
        return dict(used)

    def busiest(self, kind: str, before: Reading, after: Reading) -> float:
        """CPU seconds of the one process of a kind that used most."""
        return max(after.cpu[label] - before.cpu[label] for label, one in self.kinds.items() if one == kind)

    def memory_mebibytes(self) -> dict[str, float]:
        """Resident memory of the largest process of each kind."""
        found: dict[str, float] = defaultdict(float)
        for label, pid in self._pids.items():
            mebibytes = psutil.Process(pid).memory_info().rss / MEBIBYTE
            found[self.kinds[label]] = max(found[self.kinds[label]], round(mebibytes, 1))
        return dict(found)

    @staticmethod
    def now() -> float:
        """Seconds of the clock that the readings carry."""
        return time.monotonic()
