"""A network on one machine: every org takes its own steps in its own folder, and the post goes between them.

There is no step here that an org alone, on a machine of its own, would not take in the same way.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeVar

from network.connection import NetworkConnection, NodeConnection, load
from network.declaration import Consortium, Org, parse
from network.declaration.revision import changes, told
from network.declaration.writing import declaration_text
from network.errors import DeclarationError, NetworkError
from network.folders import NetworkFolder, OrgFolder, pass_files_between, write
from network.health import wait_ready
from network.journeys.network_files import remove_empty, sorted_out
from network.programs.cache import try_locked
from network.programs.chaincode import provide_chaincode
from network.programs.program_sets import Programs, provide
from network.runtime.process import ports
from network.runtime.process.service import Service, stop_all
from network.runtime.services import (
    KINDS,
    authority_service,
    chaincode_service,
    log_service,
    orderer_services,
    peer_services,
)
from network.runtime.waiting import wait_until
from network.steps.connect import connect
from network.steps.enrol import authority_must_answer, enrol
from network.steps.genesis import BLOCK_FILE, make_genesis, network_id
from network.steps.ordering import channel_status, join_orderers
from network.steps.package import make_package
from network.steps.peering import Peering
from network.steps.prepare import declared, not_as_made, prepare
from network.steps.publish import publish

Report = Callable[[str], None]
CAUGHT_UP_LIMIT_SECONDS = 120.0
"""How long a peer may take for one more block."""
OWN_BLOCKS_AT_FIRST = 10
"""About as many blocks as a network makes while it comes up."""
ORDERED = Path("data") / "raft" / "wal"
"""Where an ordering node keeps what was ordered, by channel; it makes its blocks anew from there."""
Result = TypeVar("Result")


@dataclass(frozen=True)
class Member:
    """An org on this machine: its folder, the declaration as it has it, its own part."""

    folder: OrgFolder
    consortium: Consortium
    org: Org


@dataclass(frozen=True)
class Removal:
    """What `down` ends (`running`), removes (`made`) and leaves (`kept`)."""

    orgs: tuple[str, ...]
    running: tuple[str, ...]
    made: tuple[Path, ...]
    kept: tuple[Path, ...]


class LocalNetwork:
    """The network in a folder. Every command is safe to repeat; two at once on one folder are refused (NETWORK_BUSY)."""

    def __init__(self, folder: Path | str, report: Report = lambda line: None) -> None:
        self.folder = NetworkFolder(Path(folder).resolve())
        self._started = time.monotonic()
        self._report = report

    # --- commands -----------------------------------------------------------------------------------------------------

    def up(self, declaration: str, source: str = "consortium.yaml") -> NetworkConnection:
        """From nothing, or from wherever it stands, to a network in which every peer has seen the chaincode's commit and
        every chaincode server answers. `declaration` is the text of consortium.yaml, `source` names it in errors."""
        consortium = parse(declaration, source)
        self.folder.must_be_free()
        with self._alone():
            fixed_ports_must_be_free(consortium, self.folder.root)
            declaration = self._kept_declaration(consortium, declaration)
            self.folder.claim(org.name for org in consortium.orgs)
            if not self.folder.declaration.is_file():
                write(self.folder.declaration, declaration)
            members = self._prepared(consortium, declaration)
            self._blocks_must_be_there(members)
            self._ports_must_be_free()
            programs = self._programs(members)
            self._each(members, lambda member: self._enrolled(member, programs))
            self._post(members)
            operator = self._operator(members)
            make_genesis(operator.folder, operator.consortium, programs)
            self.say(f"{operator.folder.name}: first block of the channel")
            self._post(members)
            ordering = {member.folder.name: Event() for member in members if member.org.orderers}
            self._each(members, lambda member: self._serving(member, members, programs, operator.folder.name, ordering))
            self._peering(operator, programs).commit()
            self.say(f"{operator.folder.name}: chaincode definition committed")
            self._ready(members, programs)
        return load(self.folder.root)

    def start(self) -> NetworkConnection:
        """Starts what is missing and waits until every peer has all blocks and every chaincode server answers. Raises
        NetworkError NETWORK_NOT_READY when the network never came wholly up (then `up` goes on with it)."""
        with self._alone(existing=True):
            members = self._members()
            if not all(member.folder.connection.is_file() for member in members):
                raise NetworkError(
                    "NETWORK_NOT_READY", f"{self.folder.root} never came wholly up; `jifen network up` goes on"
                )
            self._blocks_must_be_there(members)
            self._ports_must_be_free()
            programs = self._programs(members)
            self._each(members, lambda member: self._restarted(member, programs))
            self._ready(members, programs)
        return load(self.folder.root)

    def stop(self) -> list[str]:
        """Ends all processes, those that others call last; state stays. Gives the labels of those that ran."""
        with self._alone(existing=True):
            return self._stop()

    def removal(self) -> Removal:
        """What `down` would end, remove and leave. Raises NetworkError NETWORK_NOT_FOUND or NETWORK_FOLDER_FOREIGN
        where no network is: nothing is removed then."""
        self._must_be_ours()
        made: list[Path] = []
        kept: list[Path] = []
        for folder in self.folder.orgs:
            of_org = sorted_out(folder.root)
            made += of_org[0]
            kept += of_org[1]
        own = {self.folder.marker, self.folder.lock, self.folder.proved, self.folder.root / "orgs"}
        if not self.folder.keeps_declaration:
            own.add(self.folder.declaration)
        kept += [one for one in sorted(self.folder.root.iterdir()) if one not in own]
        running = tuple(service.label for service in self.services() if service.pid() is not None)
        return Removal(tuple(self.folder.org_names), running, tuple(made), tuple(kept))

    def down(self) -> list[str]:
        """Ends all processes and removes what the network made, as `removal` says; gives the labels of those that ran.
        A folder that holds no network is left alone."""
        self._must_be_ours()
        with self._alone(existing=True):
            stopped = self._stop()
            for file in self.removal().made:
                file.unlink(missing_ok=True)
            for folder in self.folder.orgs:
                remove_empty(folder.root)
            orgs = self.folder.root / "orgs"
            if orgs.is_dir() and not any(orgs.iterdir()):
                orgs.rmdir()
            if not self.folder.keeps_declaration:
                self.folder.declaration.unlink(missing_ok=True)
            self.folder.proved.unlink(missing_ok=True)
            self.folder.marker.unlink()
        self.folder.lock.unlink(missing_ok=True)
        if not any(self.folder.root.iterdir()):
            self.folder.root.rmdir()
        return stopped

    def _must_be_ours(self) -> None:
        try:
            _ = self.folder.org_names
        except NetworkError as error:
            root = self.folder.root
            if error.code == "NETWORK_NOT_FOUND" and root.is_dir() and any(root.iterdir()):
                raise NetworkError(
                    "NETWORK_FOLDER_FOREIGN", f"{root} holds something else than a network; nothing was removed"
                ) from error
            raise NetworkError(error.code, f"{error.detail.partition(';')[0]}; nothing was removed") from error

    def services(self) -> list[Service]:
        """All processes the network has on this machine, in the order of starting."""
        found = [service for member in self._members() for service in self._services(member, _NO_PROGRAMS)]
        return sorted(found, key=lambda service: KINDS.index(service.kind))

    # --- questions ----------------------------------------------------------------------------------------------------

    def orderer_height(self, org: str, orderer: str) -> int:
        """The number of blocks an ordering node has. Raises NetworkError when it does not answer."""
        member = self._member(org)
        known = channel_status(member.folder, orderer, member.consortium.channel)
        if known is None:
            raise NetworkError("NETWORK_NOT_READY", _brought_back(f"{org}/{orderer}"))
        return int(known["height"])

    def peer_height(self, org: str, peer: str) -> int:
        """The number of blocks a peer has. Raises NetworkError when it does not answer."""
        peering, node = self._peer(org, peer)
        try:
            return peering.height(node)
        except NetworkError as error:
            if error.code != "NETWORK_NOT_READY":
                raise
            raise NetworkError("NETWORK_NOT_READY", _brought_back(f"{org}/{peer}")) from error

    def peer_knows_others(self, org: str, peer: str) -> bool:
        """Whether a peer knows enough of the other orgs' peers to have a transaction endorsed."""
        peering, node = self._peer(org, peer)
        return peering.knows_endorsers(node)

    def _peer(self, org: str, peer: str) -> tuple[Peering, NodeConnection]:
        member = self._member(org)
        peering = self._peering(member, provide())
        return peering, next(one for one in peering.own_peers if one.name == f"{peer}.{member.org.dns}")

    def chaincode_answers(self, org: str) -> None:
        """Asks the org's chaincode through each of the org's peers. Raises NetworkError when one does not reach it."""
        peering = self._peering(self._member(org), provide())
        silent = [peer.name for peer in peering.own_peers if not peering.chaincode_answers(peer)]
        if silent:
            raise NetworkError("STEP_FAILED", f"{', '.join(silent)} does not get an answer of the chaincode")

    def authority_answers(self, org: str) -> None:
        """Asks the org's certificate authority who it is. Raises NetworkError when it does not answer."""
        folder = self._member(org).folder
        authority_must_answer(folder.read_ports()["ca"], folder.authority / "ca-cert.pem")

    def say(self, line: str) -> None:
        """Tells whoever listens, with the seconds since the command began."""
        self._report(f"{time.monotonic() - self._started:6.1f} s  {line}")

    # --- steps of one org ---------------------------------------------------------------------------------------------

    def _enrolled(self, member: Member, programs: Programs) -> None:
        self._start([authority_service(member.folder, programs)])
        enrol(member.folder, member.consortium, member.org)
        publish(member.folder, member.consortium, member.org)
        self.say(f"{member.folder.name}: identities enrolled")

    def _serving(
        self,
        member: Member,
        members: Sequence[Member],
        programs: Programs,
        genesis_from: str,
        ordering: Mapping[str, Event],
    ) -> None:
        """`ordering`: for each org with ordering nodes, that it has come as far as it comes with them."""
        try:
            view = connect(member.folder, member.consortium, member.org)
            self._start(self._services(member, programs))
            if member.org.orderers:
                block = member.folder.received(genesis_from, BLOCK_FILE).read_bytes()
                join_orderers(member.folder, member.consortium, member.org, block)
                self.say(f"{member.folder.name}: ordering nodes in the channel")
        finally:
            if member.folder.name in ordering:
                ordering[member.folder.name].set()
        if member.org.peers:
            peering = Peering(member.folder, member.consortium, member.org, view, programs)
            peering.join(genesis_from)
            package_id = peering.install()
            self.say(f"{member.folder.name}: peers in the channel, chaincode installed")
            for one in ordering.values():
                one.wait()
            if self.folder.proved.is_file():  # before that no peer can have lost anything
                self._wait_caught_up(member, peering, members)
            peering.approve(package_id)
            self.say(f"{member.folder.name}: chaincode definition approved")

    def _restarted(self, member: Member, programs: Programs) -> None:
        started = self._start(self._services(member, programs))
        if started:
            self.say(f"started {', '.join(started)}")

    def _start(self, services: Sequence[Service]) -> list[str]:
        """Starts what does not run, together, and waits until all listen; gives the labels of what was started."""
        started = {service.label for service in services if service.start()}
        for service in services:
            try:
                service.wait_up()
            except NetworkError as error:
                if error.code != "PROCESS_ENDED" or service.label in started:
                    raise
                # It ran when it was looked at, and was on its way out: killed a moment ago, say.
                service.start()
                started.add(service.label)
                service.wait_up()
        return [service.label for service in services if service.label in started]

    # --- all orgs -----------------------------------------------------------------------------------------------------

    def _ports_must_be_free(self) -> None:
        """Raises NetworkError PORT_TAKEN, before anything is started, when another program has a port that is needed."""
        for service in self.services():
            service.ports_must_be_free()

    def _kept_declaration(self, consortium: Consortium, declaration: str) -> str:
        """The text that the network goes by: the one it was made from where that means the same as `declaration`, which
        differs in comments then. Raises NetworkError DECLARATION_CHANGED when the folder holds another one, whether a
        network was made from it or somebody wrote it there to be used."""
        made = self.folder.marker.is_file()
        copies = [folder.declaration for folder in (self.folder.orgs if made else [])]
        kept = next((file for file in (*copies, self.folder.declaration) if file.is_file()), None)
        text = declaration if kept is None else kept.read_text(encoding="utf-8")
        if kept is None or text == declaration:
            return declaration
        try:
            found = changes(parse(text, str(kept)), consortium)
        except DeclarationError as error:
            found = [f"it has faults: {error.problems[0]}"]
        if not found:
            return text if made else declaration
        if not made:
            raise NetworkError(
                "DECLARATION_CHANGED", f"{kept} is another declaration ({told(found)}); use it, or another folder"
            )
        raise NetworkError("DECLARATION_CHANGED", not_as_made(self.folder.root, found, kept))

    def _prepared(self, consortium: Consortium, declaration: str) -> list[Member]:
        members: list[Member] = []
        taken = {port for _, _, _, port in consortium.ports() if isinstance(port, int)}
        for org in consortium.orgs:
            folder = self.folder.org(org.name)
            prepare(folder, declaration, taken)
            taken |= set(folder.read_ports().values())
            members.append(Member(folder, *declared(folder)))
        self.say(f"{len(members)} orgs prepared")
        return members

    def _ready(self, members: Sequence[Member], programs: Programs) -> None:
        """The network is ready as `status` means it; and unless these very processes have shown it before, a commit is
        seen on every peer."""
        wait_ready(self)
        self.say("every peer is level with the channel, every chaincode server answers")
        running = json.dumps({service.label: service.pid() for service in self.services()}, indent=2)
        proved = self.folder.proved
        if not proved.is_file() or proved.read_text(encoding="utf-8") != running:
            self._peering(self._operator(members), programs).probe_commit()
            write(proved, running)
            self.say("a commit was seen on every peer")

    def _wait_caught_up(self, member: Member, peering: Peering, members: Sequence[Member]) -> None:
        """Every own peer has the blocks that the ordering nodes have now: one that has just joined fetches them all,
        and cannot speak for its org before."""
        height = channel_height(members)
        for peer in peering.own_peers:
            have = peering.height(peer)
            if have < height - OWN_BLOCKS_AT_FIRST:
                self.say(f"{member.folder.name}: {peer.name} fetches {height - have} blocks")
            while have < height:
                before = have
                wait_until(
                    lambda peer=peer, before=before: peering.height(peer) > before,  # type: ignore[misc]
                    f"{peer.name} gets block {before} of {height}",
                    CAUGHT_UP_LIMIT_SECONDS,
                    interval_seconds=0.2,
                )
                have = peering.height(peer)

    def _blocks_must_be_there(self, members: Sequence[Member]) -> None:
        """Raises NetworkError NETWORK_NOT_READY when no ordering node here has any block left of a network that has
        committed: one that joined anew would begin another chain than the one that the peers have."""
        nodes = [(member, one.name) for member in members for one in member.org.orderers]
        logs = [member.folder.node(name) / ORDERED / member.consortium.channel for member, name in nodes]
        if self.folder.proved.is_file() and nodes and not any(log.is_dir() and any(log.iterdir()) for log in logs):
            names = ", ".join(f"{member.folder.name}/{name}" for member, name in nodes)
            raise NetworkError(
                "NETWORK_NOT_READY",
                f"the blocks of {names} are gone, and no other ordering node has them. Put the folder `data` of one of "
                "them back from a backup; to join the channel anew would begin another chain than the one that the "
                "peers have",
            )

    def _peering(self, member: Member, programs: Programs) -> Peering:
        view = connect(member.folder, member.consortium, member.org)
        return Peering(member.folder, member.consortium, member.org, view, programs)

    def _members(self) -> list[Member]:
        return [Member(folder, *declared(folder)) for folder in self.folder.orgs if folder.ports.is_file()]

    def _member(self, name: str) -> Member:
        folder = self.folder.org(name)
        return Member(folder, *declared(folder))

    def _operator(self, members: Sequence[Member]) -> Member:
        first = members[0].consortium.operators[0]
        return next(member for member in members if member.folder.name == first)

    def _services(self, member: Member, programs: Programs) -> list[Service]:
        services = [log_service(member.folder), authority_service(member.folder, programs)]
        services += orderer_services(member.folder, member.org, programs)
        if member.org.peers:
            if programs is _NO_PROGRAMS:
                services.append(chaincode_service(member.folder, member.consortium, member.org, "", "", build=False))
            else:
                package_id = make_package(member.folder, member.consortium)
                told = network_id(member.folder, member.consortium)
                services.append(chaincode_service(member.folder, member.consortium, member.org, package_id, told))
        return [*services, *peer_services(member.folder, member.org, programs)]

    def _stop(self) -> list[str]:
        services = self.services()
        stopped: list[str] = []
        for kinds in (("peer",), ("chaincode",), ("orderer", "ca", "logs")):
            stopped += stop_all([service for service in services if service.kind in kinds])
        return stopped

    def _programs(self, members: Sequence[Member]) -> Programs:
        programs = provide(self.say)
        if any(o.org.peers and o.org.chaincode.implementation == "go" and not o.org.chaincode.program for o in members):
            provide_chaincode(self.say)
        return programs

    def _post(self, members: Sequence[Member]) -> None:
        pass_files_between(member.folder for member in members)

    def _each(self, members: Sequence[Member], step: Callable[[Member], Result]) -> list[Result]:
        """The step for every org at the same time; the first error after all have ended."""
        with ThreadPoolExecutor(max_workers=max(1, len(members))) as pool:
            running = [pool.submit(step, member) for member in members]
        return [one.result() for one in running]

    @contextmanager
    def _alone(self, *, existing: bool = False) -> Iterator[None]:
        """Keeps other commands off the folder. With `existing` a network must be in it; else the folder is made."""
        if existing:
            _ = self.folder.org_names
        self.folder.root.mkdir(parents=True, exist_ok=True)
        with try_locked(self.folder.lock) as alone:
            if not alone:
                raise NetworkError("NETWORK_BUSY", f"another command works on {self.folder.root}")
            yield


_NO_PROGRAMS = Programs(Path(), Path())
"""For services that are only looked at or ended: their programs need not be there."""


def _brought_back(label: str) -> str:
    return f"{label} is not in the channel; `jifen network up` brings it back"


def fixed_ports_must_be_free(consortium: Consortium, folder: Path) -> None:
    """Raises NetworkError PORT_TAKEN when another program than the network in `folder` uses a port that the declaration
    fixes."""
    network = LocalNetwork(folder)
    services = network.services() if network.folder.marker.is_file() else []
    own = {port for service in services if service.pid() is not None for port in service.ports}
    for _, org, service, port in consortium.ports():
        if isinstance(port, int) and port not in own and not ports.is_free(port):
            raise NetworkError("PORT_TAKEN", f"{org}/{service} needs port {port}, which another program uses")


def channel_height(members: Sequence[Member]) -> int:
    """The greatest height that an ordering node on this machine says; 0 when none is here."""
    heights = [0]
    for member in members:
        for orderer in member.org.orderers:
            known = channel_status(member.folder, orderer.name, member.consortium.channel)
            heights.append(int(known["height"]) if known else 0)
    return max(heights)


@contextmanager
def running_network(
    declaration: Consortium | str, folder: Path, report: Report = lambda line: None
) -> Iterator[NetworkConnection]:
    """A network for tests and benches: up on entry, down on exit, also after a failure, by its own pids."""
    text = declaration if isinstance(declaration, str) else declaration_text(declaration)
    network = LocalNetwork(folder, report)
    try:
        yield network.up(text)
    finally:
        if network.folder.marker.is_file():
            network.down()
