"""One native process: started in a session of its own, known by pid *and* start time, so that a pid that another program has
got since is never taken for it, let alone killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from network.errors import NetworkError
from network.folders import write
from network.runtime.process import ports
from network.runtime.process.failure_lines import explaining
from network.runtime.process.log_keeper import older
from network.runtime.waiting import INTERVAL_SECONDS, wait_until

LOG_READ_BYTES = 256 << 10
STOP_LIMIT_SECONDS = 20.0
START_LIMIT_SECONDS = 60.0
PORTS_BACK_SECONDS = 5.0
INHERITED_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Service:
    """A program that runs for an org. `ports` are those it listens on (`metrics_port` among them); it is up when all of
    them take connections. The environment is only what is named here plus PATH, HOME and the like: nothing of the
    caller's slips in."""

    org: str
    name: str
    kind: str
    arguments: tuple[str, ...]
    folder: Path
    pid_file: Path
    log_file: Path
    ports: tuple[int, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    metrics_port: int | None = None

    @property
    def metrics(self) -> str | None:
        """Where Prometheus finds its metrics; None where it tells of none."""
        return None if self.metrics_port is None else f"http://127.0.0.1:{self.metrics_port}/metrics"

    @property
    def label(self) -> str:
        """`org/name`."""
        return f"{self.org}/{self.name}"

    def pid(self) -> int | None:
        """The pid of the running process, None when it does not run. A pid file that cannot be read, as a machine that lost
        its power may leave one, is like none: if the process runs after all, its ports say so."""
        if not self.pid_file.is_file():
            return None
        try:
            known = json.loads(self.pid_file.read_text(encoding="utf-8"))
            pid, boot, started_ticks = int(known["pid"]), known["boot"], known["started_ticks"]
        except (ValueError, TypeError, KeyError):
            return None
        if started_ticks is None:  # it had ended before it could be looked at
            return None
        return pid if boot == _boot() and _started_ticks(pid) == started_ticks else None

    def start(self) -> bool:
        """Starts the process unless it runs; says whether it did. Raises NetworkError PORT_TAKEN when another program
        listens on one of its ports."""
        if self.pid() is not None:
            return False
        self.ports_must_be_free()
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        environment = {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
        with self.log_file.open("ab") as log:
            log_from = log.tell()
            process = subprocess.Popen(
                self.arguments,
                cwd=self.folder,
                env={**environment, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # fabric-ca writes some of its private keys readable by all unless it is kept from it.
                umask=0o077,
            )
        known = {
            "pid": process.pid,
            "started_ticks": _started_ticks(process.pid),
            "boot": _boot(),
            "log_from": log_from,
        }
        # The process outlives this program on purpose; it is found again by its pid file.
        process.returncode = 0
        write(self.pid_file, json.dumps(known) + "\n")
        return True

    def ports_must_be_free(self) -> None:
        """Raises NetworkError PORT_TAKEN when the service does not run and another program listens on one of its ports.

        A process of many threads that was killed a moment ago is gone with its first thread, and gives its ports back
        with its last: where the service ran before, they are waited for.
        """
        if self.pid() is not None:
            return
        deadline = time.monotonic() + (PORTS_BACK_SECONDS if self.pid_file.exists() else 0)
        for port in self.ports:
            while not ports.is_free(port):
                if time.monotonic() >= deadline:
                    raise NetworkError("PORT_TAKEN", f"{self.label} needs port {port}, which another program uses")
                time.sleep(INTERVAL_SECONDS)

    def wait_up(self, limit_seconds: float = START_LIMIT_SECONDS) -> None:
        """Returns when the service listens. Raises NetworkError PROCESS_ENDED with the end of its log, or WAIT_TIMEOUT."""
        wait_until(
            lambda: all(ports.listens(port) for port in self.ports),
            f"{self.label} listens",
            limit_seconds,
            still_possible=self.must_run,
        )

    def must_run(self) -> None:
        """Raises NetworkError PROCESS_ENDED, with what its log says of the reason, when the process does not run."""
        if self.pid() is None:
            told = " | ".join(explaining(self._lines_of_last_run(), 6))
            raise NetworkError("PROCESS_ENDED", f"{self.label} ended; its log {self.log_file} says: {told}")

    def _lines_of_last_run(self) -> list[str]:
        """The log since the process was last started, at most its last 256 KiB."""
        if not self.log_file.is_file():
            return []
        try:
            log_from = int(json.loads(self.pid_file.read_text(encoding="utf-8"))["log_from"])
        except (OSError, ValueError, TypeError, KeyError):
            log_from = 0
        size = self.log_file.stat().st_size
        with self.log_file.open("rb") as stream:
            # A log that is shorter than it was has been turned over meanwhile.
            stream.seek(max(log_from if log_from <= size else 0, size - LOG_READ_BYTES))
            return stream.read().decode(errors="replace").splitlines()

    def log_tail(self, lines: int) -> list[str]:
        """The last lines of the log; where it was just turned over, those before it too."""
        found: list[str] = []
        for file in (self.log_file, older(self.log_file, 1)):
            if len(found) < lines and file.is_file():
                with file.open("rb") as stream:
                    stream.seek(max(0, file.stat().st_size - 400 * lines))
                    found = [*stream.read().decode(errors="replace").splitlines(), *found]
        return found[-lines:]

    def ask_to_stop(self, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """Sends the signal when the process runs."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, with_signal)

    def wait_stopped(self, limit_seconds: float = STOP_LIMIT_SECONDS) -> None:
        """Returns when the process has ended, killing it after `limit_seconds`; removes the pid file."""
        try:
            wait_until(lambda: self.pid() is None, f"{self.label} ends", limit_seconds)
        except NetworkError:
            self.ask_to_stop(signal.SIGKILL)
            wait_until(lambda: self.pid() is None, f"{self.label} ends after SIGKILL", limit_seconds)
        self.pid_file.unlink(missing_ok=True)


def stop_all(services: list[Service]) -> list[str]:
    """Ends the services together; gives the labels of those that ran."""
    running = [service for service in services if service.pid() is not None]
    for service in running:
        service.ask_to_stop()
    for service in services:
        service.wait_stopped()
    return [service.label for service in running]


def _boot() -> str:
    return BOOT_ID_FILE.read_text(encoding="ascii").strip()


def _started_ticks(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None when there is none, or it has ended and only waits to be
    reaped (and is then reaped, if it is a child of this program)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    if fields[0] in ("Z", "X"):
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return None
        return None
    return int(fields[19])
