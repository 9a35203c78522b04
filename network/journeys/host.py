"""The network's part of one machine: the folders of the organisations that live on it, what they run, and a lock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from network.declaration import Consortium
from network.errors import NetworkError
from network.folders import NetworkFolder, OrgFolder
from network.nodes.ordering_node import channel_status
from network.nodes.services import KINDS, services_of
from network.participant import Participant
from network.programs.cache import try_locked
from network.programs.chaincode import provide_chaincode
from network.runtime.choice import chosen_runtime, kept_runtime
from network.runtime.process import ports
from network.runtime.service import Runtime, Service

Report = Callable[[str], None]
ORDERED = Path("data") / "raft" / "wal"
"""Where an ordering node keeps what was ordered, by channel; it makes its blocks anew from there."""


class Host:
    """The organisations of a network that live on this machine, in the folder of a network."""

    def __init__(self, folder: Path | str, report: Report = lambda line: None, runtime: Runtime | None = None) -> None:
        self.folder = NetworkFolder(Path(folder).resolve())
        self.runtime = runtime or kept_runtime(self.folder.root, *self.folder.orgs_folder.glob("*"))
        self._started = time.monotonic()
        self._report = report

    def with_runtime(self, name: str) -> Runtime:
        """Gives the runtime `name` for this network. Raises NetworkError RUNTIME_CHANGED when it has another one."""
        return chosen_runtime(name, self.folder.marker.is_file(), *self.folder.orgs_folder.glob("*"))

    def say(self, line: str) -> None:
        """Tells whoever listens, with the seconds since the command began."""
        self._report(f"{time.monotonic() - self._started:6.1f} s  {line}")

    def new_participant(
        self, folder: OrgFolder, text: str | None = None, taken_ports: set[int] | None = None
    ) -> Participant:
        """Gives an organisation of this machine, by the declaration `text` (without: the copy in its folder)."""
        return Participant(
            folder,
            text,
            runtime=self.runtime,
            report=self.say,
            taken_ports=taken_ports or set(),
            newcomers=self.who_joins(),
            ordered_height=self.ordered_height,
        )

    def who_joins(self) -> Sequence[str]:
        """Gives who is joining the running network."""
        return self.folder.joining if self.folder.marker.is_file() else ()

    def participant(self, name: str) -> Participant:
        """Gives one organisation of this machine."""
        return self.new_participant(self.folder.org(name))

    def participants(self) -> list[Participant]:
        """Gives the organisations of this machine that were prepared. Raises NetworkError NETWORK_NOT_FOUND where no
        network is."""
        folders = [one for one in self.folder.orgs if one.ports.is_file() and one.declaration.is_file()]
        return [self.new_participant(folder) for folder in folders]

    def services(self) -> list[Service]:
        """Gives all services that the network has on this machine, in the order of starting."""
        found = [service for participant in self.participants() for service in services_of(participant)]
        return sorted(found, key=lambda service: KINDS.index(service.kind))

    def services_inside(self) -> list[Service]:
        """Gives the services of those that are in the network, without who is joining."""
        joining = set(self.folder.joining)
        return [service for service in self.services() if service.org not in joining]

    def nobody_may_be_joining(self) -> None:
        """Raises NetworkError NETWORK_NOT_READY while organisations are on their way in."""
        joining = self.folder.joining if self.folder.marker.is_file() else []
        if joining:
            raise NetworkError(
                "NETWORK_NOT_READY", f"{', '.join(joining)} has not joined yet; `jifen network join` goes on with it"
            )

    def running(self) -> list[str]:
        """Gives the labels of the services that run."""
        return [service.label for service in self.services() if self.runtime.status(service).running]

    def ordered_height(self) -> int:
        """Gives the greatest height that an ordering node on this machine says; 0 when none is here, and in a network
        that has not committed anything yet, in which no peer can have lost anything."""
        heights = [0]
        for participant in self.participants() if self.folder.proved.is_file() else ():
            for orderer in participant.org.orderers:
                known = channel_status(participant, orderer.name)
                heights.append(int(known["height"]) if known else 0)
        return max(heights)

    def provide_programs(self, participants: Sequence[Participant]) -> None:
        """Builds what the services need and is not there: Fabric's programs, and the chaincode where an organisation
        runs the one of this distribution. Raises NetworkError with a TOOLCHAIN or CHAINCODE code."""
        for one in participants[:1]:
            _ = one.programs
        orgs = [one.org for one in participants]
        if any(org.peers and org.chaincode.implementation == "go" and not org.chaincode.program for org in orgs):
            provide_chaincode(self.say)

    def endpoints_must_be_free(self) -> None:
        """Raises NetworkError PORT_TAKEN, before anything is started, when another program has a port that is
        needed."""
        for service in self.services():
            self.runtime.endpoints_must_be_free(service)

    def fixed_ports_must_be_free(self, consortium: Consortium) -> None:
        """Raises NetworkError PORT_TAKEN when another program than this network uses a port that the declaration fixes,
        or another service of this network has it."""
        known = self.participants() if self.folder.marker.is_file() else []
        holders = {endpoint: f"{one.name}/{name}" for one in known for name, endpoint in one.shown.items()}
        running = self.running() if known else []
        for _, org, name, port in consortium.ports():
            if not isinstance(port, int):
                continue
            endpoint, label = consortium.org(org).shown({name: port})[name], f"{org}/{name}"
            holder = holders.get(endpoint)
            if holder not in (None, label):
                raise NetworkError("PORT_TAKEN", f"{label} needs port {port}, which is that of {holder}")
            is_own = holder == label and label.partition(".")[0] in running
            if not is_own and not ports.is_free(endpoint):
                raise NetworkError("PORT_TAKEN", f"{label} needs port {port}, which another program uses")

    def blocks_must_be_there(self, participants: Sequence[Participant]) -> None:
        """Raises NetworkError NETWORK_NOT_READY when no ordering node here has any block left of a network that has
        committed: one that joined anew would begin another chain than the one that the peers have."""
        nodes = [(one, orderer.name) for one in participants for orderer in one.org.orderers]
        logs = [one.folder.node(name) / ORDERED / one.consortium.channel for one, name in nodes]
        if self.folder.proved.is_file() and nodes and not any(log.is_dir() and any(log.iterdir()) for log in logs):
            names = ", ".join(f"{one.name}/{name}" for one, name in nodes)
            raise NetworkError(
                "NETWORK_NOT_READY",
                f"the blocks of {names} are gone, and no other ordering node has them. Put the folder `data` of one of "
                "them back from a backup; to join the channel anew would begin another chain than the one that the "
                "peers have",
            )

    @contextmanager
    def alone(self, *, existing: bool = False) -> Iterator[None]:
        """Keeps other commands off the folder. With `existing` a network must be in it; else the folder is made. Raises
        NetworkError NETWORK_BUSY when another command is at work."""
        if existing:
            _ = self.folder.org_names
        self.folder.root.mkdir(parents=True, exist_ok=True)
        with try_locked(self.folder.lock) as alone:
            if not alone:
                raise NetworkError("NETWORK_BUSY", f"another command works on {self.folder.root}")
            yield
