"""One organisation on a machine of its own: its folder, what it has sent and received, and how far it has come.

It takes the same steps as on a machine of all organisations; what those learn from each other there, it learns from the
files that came and from the network itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from network.connection import NetworkConnection, load
from network.declaration import Consortium, parse, read
from network.declaration.revision import Change, changes, told
from network.errors import NetworkError
from network.exchange import channel_block, declaration
from network.exchange.channel_block import configuration_of, orgs_in, received_block
from network.exchange.envelope import read_envelope
from network.exchange.kinds import Accepted, check, explain, take_in
from network.exchange.post import deliver
from network.folders import OrgFolder, write
from network.journeys.host import Host
from network.journeys.join import JOIN
from network.journeys.journey import Journey, steps_after, walk
from network.journeys.leave import LEAVE
from network.journeys.revoke import revoke_here
from network.journeys.start import START
from network.journeys.stop import stop_services
from network.journeys.up import UP
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.programs.cache import try_locked
from network.runtime.service import Runtime, Service
from network.steps.enrol import Enrol
from network.steps.publish import Publish
from network.steps.sending import send
from network.steps.step import Step

PREPARATION: Journey = UP[: 1 + next(at for at, step in enumerate(UP) if isinstance(step, Enrol))]
"""What needs nothing of others, and is there before they are told of the organisation."""
PUBLICATION: Journey = tuple(step for step in UP if isinstance(step, Publish))
SILENT_CODES = ("STEP_INPUT_MISSING", "STEP_FAILED", "WAIT_TIMEOUT", "NETWORK_NOT_READY", "CA_REFUSED")
"""What a step is told when it looks and a file has not come, or somebody does not answer."""


@dataclass(frozen=True)
class Progress:
    """How far a step is: `done`, `taken` (now), `waiting` (for what, in words), or `next`: it can be taken."""

    step: str
    summary: str
    state: str
    waits_for: tuple[str, ...] = ()


class OwnHost(Host):
    """One host of an organisation, in the organisation's own folder."""

    def __init__(
        self, folder: Path | str, report: Callable[[str], None] = lambda line: None, runtime: Runtime | None = None
    ) -> None:
        """Raises NetworkError NETWORK_NOT_FOUND where no organisation's folder is."""
        super().__init__(folder, report, runtime)
        self.own = OrgFolder(self.folder.root)
        if not self.own.marker.is_file():
            raise NetworkError(
                "NETWORK_NOT_FOUND", f"{self.own.root} is no organisation's folder; `jifen org init` makes one"
            )

    def who_joins(self) -> list[str]:
        """Gives who is joining the running network, as far as it is known here: this organisation, until it is wholly
        in it, and whoever is declared and not in `connection.json` yet."""
        if not self.folder.proved.is_file():
            return [self.own.name] if self._comes_late() else []
        inside = load(self.own.root).orgs
        consortium = self._declared()
        return [org.name for org in consortium.orgs if org.name not in inside]

    def _comes_late(self) -> bool:
        """Says whether the channel's first block, once it has come, does without this organisation."""
        consortium = self._declared()
        if not (self.own.inbox / consortium.operators[0] / channel_block.FILE).is_file():
            return False
        _, config = configuration_of(received_block(self.own, consortium))
        return consortium.org(self.own.name).msp not in orgs_in(config)

    @property
    def journey(self) -> Journey:
        """Gives the way that the organisation is on: with the others from nothing, or into a network that runs, which
        is also the way of those who are in it when others join; or that of those who stay when others leave."""
        if not self.folder.proved.is_file():
            return JOIN if self._comes_late() else UP
        declared = {org.name for org in self._participant().consortium.orgs}
        return LEAVE if load(self.own.root).orgs.keys() - declared else JOIN

    def participants(self) -> list[Participant]:
        """Gives the organisation, once it is prepared."""
        return [self._participant()] if self.own.ports.is_file() else []

    def services_inside(self) -> list[Service]:
        """Gives the services of this host."""
        return self.services()

    def participant(self, name: str) -> Participant:
        """Gives the organisation."""
        assert name == self.own.name, name
        return self._participant()

    def ordered_height(self) -> int:
        """Gives how many blocks the ordering nodes have; 0 before the network has committed anything."""
        return 0 if self.journey is UP else PeerAdmin(self._participant()).ordered_height()

    @contextmanager
    def alone(self, *, existing: bool = True) -> Iterator[None]:
        """Keeps other commands off the folder. Raises NetworkError NETWORK_BUSY when another command is at work."""
        with try_locked(self.folder.lock) as alone:
            if not alone:
                raise NetworkError("NETWORK_BUSY", f"another command works on {self.folder.root}")
            yield

    def accept(self, files: Sequence[Path]) -> list[Accepted]:
        """Checks files that came and takes them in; definitions first, as the others are held against them. None is
        taken in when one is refused. Raises NetworkError FILE_REFUSED, STEP_INPUT_MISSING or what the kinds refuse."""
        contents = [_content(file) for file in files]
        data = {str(file): content for file, content in zip(files, contents, strict=True)}
        with self.alone():
            consortium = self._declared()
            checked = check(self.own, consortium, data)
            revised = [one for one in checked if one.type == declaration.TYPE]
            for envelope in revised:
                self._must_be_followed(consortium, declaration.declaration_from(envelope))
            accepted = take_in(self.own, checked, data)
            for envelope in revised:
                write(self.own.declaration, envelope.payload)
            return accepted

    def revise(self, text: str, source: str) -> list[str]:
        """Takes a revised declaration for the organisation's own, and puts it into the outbox, as the first operator;
        gives what changes, in words. Raises DeclarationError, NetworkError DECLARATION_CHANGED where no step brings a
        change about, or FILE_REFUSED for another organisation than the first operator."""
        consortium, revised = self._declared(), parse(text, source)
        if self.own.name != consortium.operators[0]:
            operator = consortium.operators[0]
            raise NetworkError(
                "FILE_REFUSED", f"{self.own.name}: a declaration is revised by {operator}, the first operator"
            )
        found = self._must_be_followed(consortium, revised)
        with self.alone():
            participant = self._participant()
            send(participant, declaration.FILE, participant.envelope(declaration.TYPE, text.encode()))
            write(self.own.declaration, text)
        return [str(change) for change in found]

    def explain(self, data: bytes, source: str) -> list[str]:
        """Says in words what a file is; of a revised declaration also what changes. Raises NetworkError FILE_REFUSED."""
        lines, envelope = explain(data, source), read_envelope(data, source)
        if envelope.type == declaration.TYPE:
            consortium = self._declared()
            found = changes(consortium, declaration.declaration_from(envelope))
            lines += [f"it changes {change}" for change in found] or ["it changes nothing"]
        return lines

    def _must_be_followed(self, consortium: Consortium, revised: Consortium) -> list[Change]:
        """Gives what a revised declaration changes. Raises NetworkError DECLARATION_CHANGED for what no step brings
        about."""
        found = changes(consortium, revised)
        before, after = {org.name for org in consortium.orgs}, {org.name: org for org in revised.orgs}
        if self.own.name not in after:
            told_to_stop = (
                f"{self.own.name} is not in it and leaves; `jifen org stop` when the others have taken it out"
            )
            raise NetworkError("DECLARATION_CHANGED", told_to_stop)
        coming = {f"orgs.{name}" for name, org in after.items() if name not in before and not org.orderers}
        going = {f"orgs.{org.name}" for org in consortium.orgs if org.name not in after and not org.orderers}
        refused = [one for one in found if one.field not in coming | going and not steps_after(one, JOIN)]
        if coming and going:
            raise NetworkError("DECLARATION_CHANGED", "some join and some leave: one after the other, by two revisions")
        if refused:
            raise NetworkError(
                "DECLARATION_CHANGED", f"no step brings this about in a network that runs: {told(refused)}"
            )
        return found

    def outbox(self) -> list[Path]:
        """Gives the files that go to the others."""
        return sorted(file for file in self.own.outbox.glob("*") if file.is_file())

    def take(self, journey: Journey | None = None) -> list[Progress]:
        """Takes all steps that can be taken now; gives those that concern the organisation, the last one with what it
        waits for. Raises the errors of the steps."""
        found: list[Progress] = []
        with self.alone():
            self._note_commit()
            participant = self._participant()
            self.provide_programs([participant])
            way = self.journey
            for step in _concerning(journey or way, participant):
                now = self._look(way, step, participant)
                if now.state == "waiting":
                    return [*found, now]
                if now.state == "next":
                    walk((step,), [participant], self.say)
                    now = replace(now, state="taken")
                elif step.sends:
                    deliver(self.own, [self.own])
                found.append(now)
            if journey is None and self._comes_late():
                write(self.folder.proved, "committed\n")
            self._note_commit()
        return found

    def progress(self) -> list[Progress]:
        """Looks how far the organisation is, and changes nothing. Behind the first step that is not done nothing is
        looked at."""
        participant = self._participant()
        found: list[Progress] = []
        way = self.journey
        for step in _concerning(way, participant):
            found.append(self._look(way, step, participant))
            if found[-1].state != "done":
                break
        return found

    def _look(self, way: Journey, step: Step, participant: Participant) -> Progress:
        """Looks how far a step of the organisation's way is. What the network does not answer now is waited for."""

        def progress(state: str, waits_for: Sequence[str] = ()) -> Progress:
            return Progress(step.name, step.summary, state, tuple(waits_for))

        missing = missing_files(way, step, participant)
        if missing:
            return progress("waiting", missing)
        try:
            if step.done(participant):
                return progress("done")
            waits_for = step.waits_for(participant)
        except NetworkError as error:
            if error.code not in SILENT_CODES:
                raise
            return progress("waiting", [error.detail])
        return progress("waiting" if waits_for else "next", waits_for)

    def revoke(self, identity: str) -> None:
        """Revokes the certificate that an identity has now, at the organisation's authority, and puts the list for the
        channel into the outbox; `take` has a new one made for a new key. Raises NetworkError CA_REFUSED."""
        with self.alone():
            revoke_here(self._participant(), identity)

    def start(self) -> NetworkConnection:
        """Starts the services of this host that do not run, and gives the network as the organisation knows it. Raises
        NetworkError NETWORK_NOT_READY before the organisation knows its network, or the runtime's errors."""
        with self.alone():
            if not self.own.connection.is_file():
                raise NetworkError(
                    "NETWORK_NOT_READY", f"{self.own.root} knows no network yet; `jifen org step` goes on"
                )
            participants = self.participants()
            self.blocks_must_be_there(participants)
            self.endpoints_must_be_free()
            self.provide_programs(participants)
            walk(START, participants)
        return load(self.own.root)

    def stop(self) -> list[str]:
        """Ends the services of this host; gives the labels of those that ran."""
        with self.alone():
            return stop_services(self)

    def _note_commit(self) -> None:
        """Remembers, once the organisation's peer has seen it, that the network has committed its chaincode: from when
        on lost blocks are not made anew, and who is declared beside those in it joins a network that runs."""
        if self.folder.proved.is_file() or not self.own.connection.is_file() or self._comes_late():
            return
        admin = PeerAdmin(self._participant())
        try:
            committed = admin.committed_definition(admin.gateway_peer) is not None
        except NetworkError as error:
            if error.code not in SILENT_CODES:
                raise
            return  # the peer does not run yet
        if committed:
            write(self.folder.proved, "committed\n")

    def _declared(self) -> Consortium:
        """Gives the declaration that the organisation works by. Raises DeclarationError with all its faults."""
        return read(self.own.declaration)

    def _participant(self) -> Participant:
        return self.new_participant(self.own)


def missing_files(journey: Journey, step: Step, participant: Participant) -> list[str]:
    """Gives the files of others that a step needs and that have not come, in words."""
    consortium, inbox = participant.consortium, participant.folder.inbox
    return [
        f"{name} from {org.name}"
        for name in step.needs
        for sending in journey
        if name in sending.sends
        for org in consortium.orgs
        if sending.taken_by.concerns_org(consortium, org, participant.newcomers)
        and not (inbox / org.name / name).is_file()
    ]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NetworkError("FILE_REFUSED", f"{file}: it cannot be read: {error.strerror}") from error


def _concerning(journey: Journey, participant: Participant) -> list[Step]:
    return [step for step in journey if step.taken_by.concerns(participant)]
