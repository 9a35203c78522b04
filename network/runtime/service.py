"""What an organisation runs, as data, and what runs it: the services, and the protocol that every runtime keeps to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from network.declaration import Consortium
from network.declaration.endpoints import Endpoint
from network.errors import NetworkError
from network.programs.images.catalogue import NO_IMAGES, Images


@dataclass(frozen=True)
class Command:
    """How a program is started. Of the caller's environment it gets PATH, HOME and the like, and what is named here."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """A program that runs for an organisation. It is up when it listens on all its `endpoints` (`metrics_endpoint`
    among them). `command` is asked for when the service is started: to look at one, or to end it, its program need not
    be there. `root` is the organisation's folder; `folder`, in it, is the service's working folder and the only one that
    it writes to, `reads` are others that it reads. `configuration` are the files that it reads when it starts, `record`
    is the file in which a runtime notes what it started. `images` are those that its program may come from."""

    org: str
    name: str
    kind: str
    command: Callable[[], Command]
    root: Path
    folder: Path
    record: Path
    log_file: Path
    endpoints: tuple[Endpoint, ...]
    metrics_endpoint: Endpoint | None = None
    configuration: tuple[Path, ...] = ()
    reads: tuple[Path, ...] = ()
    images: Images = NO_IMAGES

    @property
    def label(self) -> str:
        """Gives `org/name`."""
        return f"{self.org}/{self.name}"

    @property
    def ports(self) -> tuple[int, ...]:
        """Gives the ports of its endpoints."""
        return tuple(endpoint.port for endpoint in self.endpoints)

    def is_outdated(self) -> bool:
        """Says whether a file of the configuration was written after the record, which is written when it is
        started."""
        started_ns = self.record.stat().st_mtime_ns if self.record.is_file() else 0
        return any(file.is_file() and file.stat().st_mtime_ns > started_ns for file in self.configuration)

    @property
    def metrics(self) -> str | None:
        """Gives where Prometheus finds its metrics; None where it tells of none."""
        return None if self.metrics_endpoint is None else self.metrics_endpoint.url("/metrics", "http")


@dataclass(frozen=True)
class ServiceStatus:
    """What a runtime says of a service. `pid` is None when it does not run; then `taken` are those of its endpoints
    that another program uses. `outdated`: it runs, and its configuration was written after it was started."""

    pid: int | None
    listening: bool
    outdated: bool
    taken: tuple[Endpoint, ...] = ()

    @property
    def running(self) -> bool:
        """Says whether it runs."""
        return self.pid is not None


class Runtime(Protocol):
    """What runs services on this machine. Everything here is safe to repeat. `keeps_logs_short`: it keeps logs within
    bounds by itself, so that no service need do it; `runs_images`: it runs programs out of images."""

    name: str
    keeps_logs_short: bool
    runs_images: bool

    def settle(self, roots: Mapping[str, Path]) -> None:
        """Makes a place for organisations, by their names, that live on this machine in these folders."""

    def placed(self, consortium: Consortium, root: Path) -> Consortium:
        """Gives the declaration with the addresses at which services are reached that run here, as the organisation in
        `root` knows them."""

    def lent(self, folder: Path, service: Service) -> AbstractContextManager[str]:
        """Gives the path by which the service reads a folder of its organisation that is none of its own, until the end
        of the block."""

    def leave(self, roots: Sequence[Path]) -> None:
        """Removes what `settle` made, when no service runs any more."""

    def start(self, service: Service) -> bool:
        """Starts the service unless it runs; says whether it did. Raises NetworkError PORT_TAKEN when another program
        uses one of its endpoints."""

    def stop(self, services: Sequence[Service]) -> list[str]:
        """Ends the services together; gives the labels of those that ran."""

    def status(self, service: Service) -> ServiceStatus:
        """Says whether the service runs and listens."""

    def logs(self, service: Service, lines: int) -> list[str]:
        """Gives the last lines that the service wrote."""

    def follow(self, services: Sequence[Service], lines: int) -> Iterator[tuple[str, str]]:
        """Gives label and line of the last `lines` that each service wrote, then of all that they write, for ever."""

    def wait_up(self, service: Service) -> None:
        """Returns when the service listens. Raises NetworkError PROCESS_ENDED with what its log says of the reason, or
        WAIT_TIMEOUT."""

    def must_run(self, service: Service) -> None:
        """Raises NetworkError PROCESS_ENDED, with what its log says of the reason, when the service does not run."""

    def endpoints_must_be_free(self, service: Service) -> None:
        """Raises NetworkError PORT_TAKEN when the service does not run and another program uses one of its
        endpoints."""


def bring_up(runtime: Runtime, services: Sequence[Service]) -> list[str]:
    """Starts what does not run, together, and what is outdated anew, and waits until all listen. Gives the labels of
    what was started. Raises the runtime's errors."""
    runtime.stop([service for service in services if runtime.status(service).outdated])
    started = {service.label for service in services if runtime.start(service)}
    for service in services:
        try:
            runtime.wait_up(service)
        except NetworkError as error:
            if error.code != "PROCESS_ENDED" or service.label in started:
                raise
            # It ran when it was looked at, and was on its way out: killed a moment ago, say.
            runtime.start(service)
            started.add(service.label)
            runtime.wait_up(service)
    return [service.label for service in services if service.label in started]
