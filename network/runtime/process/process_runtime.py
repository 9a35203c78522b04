"""The runtime of native processes: each is started in a session of its own and known by pid *and* start time, so that a
pid that another program has got since is never taken for it, let alone killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from network.declaration import Consortium
from network.errors import NetworkError
from network.folders import write
from network.runtime.process import log_stream, ports
from network.runtime.process.failure_lines import failure_lines
from network.runtime.process.log_keeper import older
from network.runtime.service import Service, ServiceStatus
from network.runtime.waiting import INTERVAL_SECONDS, wait_until

LOG_READ_BYTES = 256 << 10
STOP_LIMIT_SECONDS = 20.0
START_LIMIT_SECONDS = 60.0
PORTS_BACK_SECONDS = 5.0
INHERITED_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")


class ProcessRuntime:
    """Runs services as processes of this machine. It keeps nothing itself: what runs is found by the services'
    records."""

    name = "process"
    keeps_logs_short = False
    runs_images = False

    def settle(self, roots: Mapping[str, Path]) -> None:
        """Does nothing: processes are where the declaration says."""

    def placed(self, consortium: Consortium, root: Path) -> Consortium:
        """Gives the declaration as it is."""
        return consortium

    @contextmanager
    def lent(self, folder: Path, service: Service) -> Iterator[str]:
        """Gives the folder's own path: processes see what the organisation has."""
        yield str(folder)

    def leave(self, roots: Sequence[Path]) -> None:
        """Does nothing: nothing but the processes themselves was made."""

    def pid(self, service: Service) -> int | None:
        """Gives the pid of the running process, None when it does not run. A record that cannot be read, as a machine
        that lost its power may leave one, is like none: if the process runs after all, its ports say so."""
        if not service.record.is_file():
            return None
        try:
            known = json.loads(service.record.read_text(encoding="utf-8"))
            pid, boot, started_ticks = int(known["pid"]), known["boot"], known["started_ticks"]
        except (ValueError, TypeError, KeyError):
            return None
        if started_ticks is None:  # it had ended before it could be looked at
            return None
        return pid if boot == _boot() and _started_ticks(pid) == started_ticks else None

    def start(self, service: Service) -> bool:
        """Starts the process unless it runs; says whether it did. Raises NetworkError PORT_TAKEN when another program
        listens on one of its endpoints."""
        if self.pid(service) is not None:
            return False
        self.endpoints_must_be_free(service)
        service.log_file.parent.mkdir(parents=True, exist_ok=True)
        environment = {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
        command = service.command()
        with service.log_file.open("ab") as log:
            log_from = log.tell()
            process = subprocess.Popen(
                command.arguments,
                cwd=service.folder,
                env={**environment, **command.environment},
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
        # The process outlives this program on purpose; it is found again by its record.
        process.returncode = 0
        write(service.record, json.dumps(known) + "\n")
        return True

    def status(self, service: Service) -> ServiceStatus:
        """Says whether the process runs and listens, and, when it does not, who has its ports."""
        pid = self.pid(service)
        if pid is None:
            taken = tuple(endpoint for endpoint in service.endpoints if not ports.is_free(endpoint))
            return ServiceStatus(None, listening=False, outdated=False, taken=taken)
        return ServiceStatus(pid, ports.all_listen(pid, service.endpoints), outdated=service.is_outdated())

    def endpoints_must_be_free(self, service: Service) -> None:
        """Raises NetworkError PORT_TAKEN when the service does not run and another program listens on one of its ports.

        A process of many threads that was killed a moment ago is gone with its first thread, and gives its ports back
        with its last: where the service ran before, they are waited for.
        """
        if self.pid(service) is not None:
            return
        deadline = time.monotonic() + (PORTS_BACK_SECONDS if service.record.exists() else 0)
        for endpoint in service.endpoints:
            while not ports.is_free(endpoint):
                if time.monotonic() >= deadline:
                    told = f"{service.label} needs port {endpoint.port}, which another program uses"
                    raise NetworkError("PORT_TAKEN", told)
                time.sleep(INTERVAL_SECONDS)

    def wait_up(self, service: Service) -> None:
        """Returns when the service listens. Raises NetworkError PROCESS_ENDED with what its log says, or
        WAIT_TIMEOUT."""

        def listening() -> bool:
            pid = self.pid(service)
            return pid is not None and ports.all_listen(pid, service.endpoints)

        def still_possible() -> None:
            self.must_run(service)

        wait_until(listening, f"{service.label} listens", START_LIMIT_SECONDS, still_possible=still_possible)

    def must_run(self, service: Service) -> None:
        """Raises NetworkError PROCESS_ENDED, with what its log says of the reason, when the process does not run."""
        if self.pid(service) is None:
            told = " | ".join(failure_lines(_lines_of_last_run(service), 6))
            raise NetworkError("PROCESS_ENDED", f"{service.label} ended; its log {service.log_file} says: {told}")

    def logs(self, service: Service, lines: int) -> list[str]:
        """Gives the last lines of the log; where it was just turned over, those before it too."""
        found: list[str] = []
        for file in (service.log_file, older(service.log_file, 1)):
            if len(found) < lines and file.is_file():
                with file.open("rb") as stream:
                    stream.seek(max(0, file.stat().st_size - log_stream.LINE_BYTES * lines))
                    found = [*stream.read().decode(errors="replace").splitlines(), *found]
        return found[-lines:]

    def follow(self, services: Sequence[Service], lines: int) -> Iterator[tuple[str, str]]:
        """Gives label and line of the last `lines` of each log, then of all that is written, for ever."""
        return log_stream.follow({service.label: service.log_file for service in services}, lines)

    def ask_to_stop(self, service: Service, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """Sends the signal when the process runs."""
        pid = self.pid(service)
        if pid is not None:
            os.kill(pid, with_signal)

    def wait_stopped(self, service: Service, limit_seconds: float = STOP_LIMIT_SECONDS) -> None:
        """Returns when the process has ended, killing it after `limit_seconds`; removes the record."""

        def ended() -> bool:
            return self.pid(service) is None

        try:
            wait_until(ended, f"{service.label} ends", limit_seconds)
        except NetworkError:
            self.ask_to_stop(service, signal.SIGKILL)
            wait_until(ended, f"{service.label} ends after SIGKILL", limit_seconds)
        service.record.unlink(missing_ok=True)

    def stop(self, services: Sequence[Service]) -> list[str]:
        """Ends the processes together; gives the labels of those that ran."""
        running = [service for service in services if self.pid(service) is not None]
        for service in running:
            self.ask_to_stop(service)
        for service in services:
            self.wait_stopped(service)
        return [service.label for service in running]


def _lines_of_last_run(service: Service) -> list[str]:
    """Gives the log since the process was last started, at most its last 256 KiB."""
    if not service.log_file.is_file():
        return []
    try:
        log_from = int(json.loads(service.record.read_text(encoding="utf-8"))["log_from"])
    except (OSError, ValueError, TypeError, KeyError):
        log_from = 0
    size = service.log_file.stat().st_size
    with service.log_file.open("rb") as stream:
        # A log that is shorter than it was has been turned over meanwhile.
        stream.seek(max(log_from if log_from <= size else 0, size - LOG_READ_BYTES))
        return stream.read().decode(errors="replace").splitlines()


def _boot() -> str:
    return BOOT_ID_FILE.read_text(encoding="ascii").strip()


def _started_ticks(pid: int) -> int | None:
    """Gives when the process started, in clock ticks since boot; None when there is none, or it has ended and only
    waits to be reaped (and is then reaped, if it is a child of this program).

    Read by hand: psutil gives the start by the wall clock alone, which a step of that clock moves, and the same process
    would then be taken for another one and started twice.
    """
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
