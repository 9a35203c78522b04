"""Services of one Python program each, and the runtime that runs them."""

from __future__ import annotations

import sys
from pathlib import Path

from network.declaration.endpoints import LOOPBACK, Endpoint
from network.runtime.process import ports
from network.runtime.process.process_runtime import ProcessRuntime
from network.runtime.service import Command, Service

RUNTIME = ProcessRuntime()


def service(tmp_path: Path, program: str, port: int | None = None) -> Service:
    number = port or ports.pick(LOOPBACK, ())
    return Service(
        org="north",
        name="peer0",
        kind="peer",
        command=lambda: Command((sys.executable, "-c", program, str(number))),
        root=tmp_path,
        folder=tmp_path,
        record=tmp_path / "run" / "peer0.json",
        log_file=tmp_path / "logs" / "peer0.log",
        endpoints=(Endpoint(LOOPBACK, number),),
    )
