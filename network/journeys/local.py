"""A network on one machine: every organisation takes its own steps in its own folder, and the post goes between them.

There is no step here that an organisation alone, on a machine of its own, would not take in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from network.connection import NetworkConnection
from network.declaration import Consortium, Org, parse
from network.declaration.writing import declaration_text
from network.health import orderer_height, peer_height
from network.journeys import down, join, leave, revoke, start, stop, up
from network.journeys.down import Removal
from network.journeys.host import Host, Report
from network.nodes.doors import Trial
from network.runtime.service import Runtime


class LocalNetwork(Host):
    """The network in a folder. Every command is safe to repeat; two at once on one folder are refused
    (NETWORK_BUSY)."""

    def up(self, declaration: str, source: str = "consortium.yaml") -> NetworkConnection:
        """Brings the network up, from nothing or from wherever it stands: see `journeys.up`."""
        return up.up(self, declaration, source)

    def join(
        self, declaration: str, source: str = "consortium.yaml", *, from_snapshot: bool = False
    ) -> NetworkConnection:
        """Brings the organisations into the running network that the declaration names besides those in it: see
        `journeys.join`."""
        return join.join(self, declaration, source, from_snapshot=from_snapshot)

    def newcomers(self, declaration: str, source: str = "consortium.yaml") -> list[Org]:
        """Gives the organisations that the declaration would bring into the network: see `journeys.join`."""
        consortium = parse(declaration, source)
        return [consortium.org(name) for name in join.newcomers_of(self, consortium)]

    def leave(self, declaration: str, source: str = "consortium.yaml") -> list[Trial]:
        """Takes the organisations out of the running network that the declaration names no more: see
        `journeys.leave`."""
        return leave.leave(self, declaration, source)

    def leavers(self, declaration: str, source: str = "consortium.yaml") -> list[str]:
        """Gives the organisations that the declaration would take out of the network: see `journeys.leave`."""
        return leave.leavers_of(self, parse(declaration, source))

    def revoke(self, org: str, identity: str) -> list[Trial]:
        """Revokes the certificate of an identity: see `journeys.revoke`."""
        return revoke.revoke(self, org, identity)

    def start(self) -> NetworkConnection:
        """Starts what is missing: see `journeys.start`."""
        return start.start(self)

    def stop(self) -> list[str]:
        """Ends all services; state stays: see `journeys.stop`."""
        return stop.stop(self)

    def removal(self) -> Removal:
        """Gives what `down` would end, remove and leave: see `journeys.down`."""
        return down.removal(self)

    def down(self) -> list[str]:
        """Ends all services and removes what the network made: see `journeys.down`."""
        return down.down(self)

    def orderer_height(self, org: str, orderer: str) -> int:
        """Gives the number of blocks an ordering node has. Raises NetworkError when it does not answer."""
        return orderer_height(self.participant(org), orderer)

    def peer_height(self, org: str, peer: str) -> int:
        """Gives the number of blocks a peer has. Raises NetworkError when it does not answer."""
        return peer_height(self.participant(org), peer)


@contextmanager
def running_network(
    declaration: Consortium | str,
    folder: Path,
    report: Report = lambda line: None,
    runtime: Runtime | None = None,
) -> Iterator[NetworkConnection]:
    """Gives a network for tests and benches: up on entry, down on exit, also after a failure, by its own pids."""
    text = declaration if isinstance(declaration, str) else declaration_text(declaration)
    network = LocalNetwork(folder, report, runtime)
    try:
        yield network.up(text)
    finally:
        if network.folder.marker.is_file():
            network.down()
