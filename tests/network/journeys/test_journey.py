"""How organisations walk through the steps of a journey: in order, waiting for each other, going on where it ended."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from threading import Lock

import pytest

from network import steps as folder_of_steps
from network.declaration.revision import Change
from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.folders import NetworkFolder, write
from network.journeys.down import REMOVAL
from network.journeys.join import JOIN, way_from_snapshot
from network.journeys.journey import Journey, explain, steps_after, walk
from network.journeys.leave import LEAVE
from network.journeys.start import START
from network.journeys.stop import STOP
from network.journeys.up import UP
from network.participant import Participant
from network.steps.step import Step, TakenBy
from tests.network.prepared import DECLARATION

ORGS = ("operator", "northstar", "harbor")


class Log:
    """What was taken, in order."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self._lock = Lock()

    def add(self, org: str, step: str) -> None:
        with self._lock:
            self.taken.append((org, step))

    def place(self, org: str, step: str) -> int:
        return self.taken.index((org, step))


class Fake(Step):
    """Notes that it was taken, and leaves a file that says so; the organisation `fails_for` fails."""

    summary = "something holds"

    def __init__(
        self,
        log: Log,
        name: str,
        taken_by: TakenBy = TakenBy.EVERY_ORG,
        *,
        needs: tuple[str, ...] = (),
        sends: tuple[str, ...] = (),
        awaits: tuple[str, ...] = (),
        fails_for: str = "",
    ) -> None:
        self.name, self.taken_by, self.told = name, taken_by, f"{name} told"
        self.needs, self.sends, self.awaits = needs, sends, awaits
        self._log, self._fails_for = log, fails_for

    def done(self, participant: Participant) -> bool:
        return (participant.folder.root / self.name).is_file()

    def take(self, participant: Participant) -> None:
        for file in self.needs:
            assert len(list(participant.folder.inbox.glob(f"*/{file}"))) > 0, "it came before the step began"
        self._log.add(participant.name, self.name)
        if participant.name == self._fails_for:
            raise NetworkError("STEP_FAILED", f"{participant.name} does not want to")
        for file in self.sends:
            write(participant.folder.outbox / file, participant.name)
        write(participant.folder.root / self.name, "")


@pytest.fixture
def participants(tmp_path: Path) -> list[Participant]:
    folder = NetworkFolder(tmp_path)
    return [Participant(folder.org(name), declaration_text(DECLARATION)) for name in ORGS]


def journey(log: Log, fails_for: str = "") -> Journey:
    return (
        Fake(log, "publish", sends=("paper",), fails_for=fails_for),
        Fake(log, "genesis", TakenBy.OPERATOR, needs=("paper",), sends=("block",)),
        Fake(log, "serve", needs=("paper", "block")),
        Fake(log, "order", TakenBy.ORDERING_ORGS, needs=("block",)),
        Fake(log, "approve", TakenBy.MERCHANTS, awaits=("order",)),
        Fake(log, "commit", TakenBy.OPERATOR, awaits=("approve",)),
    )


def test_a_step_begins_when_what_it_needs_has_come(participants: list[Participant]) -> None:
    log = Log()
    told: list[str] = []
    walk(journey(log), participants, told.append)
    assert len(log.taken) == len(set(log.taken)) == 3 + 1 + 3 + 1 + 2 + 1
    assert {org for org, step in log.taken if step == "approve"} == {"northstar", "harbor"}
    for org in ORGS:
        assert log.place(org, "publish") < log.place("operator", "genesis") < log.place(org, "serve")
    for merchant in ("northstar", "harbor"):
        assert log.place("operator", "order") < log.place(merchant, "approve") < log.place("operator", "commit")
    assert sorted(told) == sorted(f"{org}: {step} told" for org, step in log.taken)
    for one in participants:
        assert {file.parent.name for file in one.folder.inbox.glob("*/paper")} == set(ORGS)


def test_what_is_done_is_not_taken_again(participants: list[Participant]) -> None:
    walk(journey(Log())[:3], participants)
    log = Log()
    walk(journey(log), participants)
    assert {step for _, step in log.taken} == {"order", "approve", "commit"}


def test_a_failure_gives_up_what_waits_for_it_and_is_gone_on_with(participants: list[Participant]) -> None:
    log = Log()
    with pytest.raises(NetworkError, match="harbor does not want to") as caught:
        walk(journey(log, fails_for="harbor"), participants)
    assert caught.value.code == "STEP_FAILED"
    assert {step for _, step in log.taken} == {"publish"}
    again = Log()
    walk(journey(again), participants)
    assert [org for org, step in again.taken if step == "publish"] == ["harbor"]
    assert again.taken[-1] == ("operator", "commit")


@pytest.mark.parametrize("steps", [UP, JOIN, LEAVE, START, STOP, REMOVAL])
def test_every_step_comes_after_what_it_needs(steps: Journey) -> None:
    """Steps that only go on with a network need files that came long ago; nothing may wait for what comes later."""
    before: set[str] = set()
    sent: set[str] = set()
    later = {file for step in steps for file in step.sends}
    for step in steps:
        assert before.issuperset(step.awaits), step.name
        assert sent.issuperset(later.intersection(step.needs)), step.name
        before.add(step.name)
        sent |= set(step.sends)
    assert len(before) == len(steps)
    for told in explain(steps):
        assert told.summary, told.name
        assert told.taken_by in {one.value for one in TakenBy}


def test_every_step_has_its_place_in_a_journey() -> None:
    modules = [
        import_module(f"{folder_of_steps.__name__}.{one.name}") for one in iter_modules(folder_of_steps.__path__)
    ]
    found = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__ and Step in kind.__bases__
    }
    taken = {type(step) for journey in (UP, JOIN, way_from_snapshot(1), START, STOP, REMOVAL) for step in journey}
    assert found - taken == set(), "give it its place in network/journeys"
    assert len(found) > 10


def test_steps_say_which_changes_they_bring_to_life() -> None:
    assert steps_after(Change("orgs.harbor.roles+", ""), UP) == ["enrol", "connect"]
    assert steps_after(Change("limits.deliver_streams", ""), UP) == ["prepare", "serve"]
    assert steps_after(Change("orgs.harbor.peers.peer0.metrics_port", ""), UP) == ["prepare", "serve"]
    for refused in ("orgs.harbor", "orgs.harbor.roles", "endorsement.k", "orgs.harbor.peers.peer0.port", "name"):
        assert steps_after(Change(refused, ""), UP) == []
    assert steps_after(Change("endorsement.k", ""), JOIN) == ["propose_updates"]
