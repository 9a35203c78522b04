"""A journey: ordered steps, walked by several organisations at the same time, each in its own folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Condition

from network.declaration.revision import Change
from network.exchange.post import deliver
from network.participant import Participant
from network.steps.step import Step

Journey = tuple[Step, ...]


def walk(journey: Journey, participants: Sequence[Participant], say: Callable[[str], None] = lambda line: None) -> None:
    """Takes every organisation through the steps that concern it, in order; a step that is done is not taken again, so
    that an interrupted journey goes on where it ended.

    A step begins when the files that it needs have come and the steps that it awaits are taken, both by all whom they
    concern. When one fails, what waits for it is given up, what is under way goes on to the end of its step, and the
    error of the first organisation that has one is raised.
    """
    if participants:
        _Walk(journey, participants, say).walk()


class _GivenUp(Exception):
    """A step that is waited for will not be taken."""


class _Walk:
    def __init__(self, journey: Journey, participants: Sequence[Participant], say: Callable[[str], None]) -> None:
        self._journey = journey
        self._participants = participants
        self._say = say
        self._changed = Condition()
        self._failed = False
        self._left = {step.name: {one.name for one in participants if step.taken_by.concerns(one)} for step in journey}

    def walk(self) -> None:
        with ThreadPoolExecutor(max_workers=len(self._participants)) as pool:
            running = [pool.submit(self._steps_of, one) for one in self._participants]
        errors = [error for one in running if (error := one.exception()) and not isinstance(error, _GivenUp)]
        if errors:
            raise errors[0]

    def _steps_of(self, participant: Participant) -> None:
        try:
            for step in self._journey:
                if participant.name in self._left[step.name]:
                    self._wait_for(step)
                    self._take(step, participant)
        except BaseException:
            with self._changed:
                self._failed = True
                self._changed.notify_all()
            raise

    def _wait_for(self, step: Step) -> None:
        """Waits until all have taken the steps by which this one comes to be possible."""
        before = [
            other.name
            for other in self._journey
            if other.name in step.awaits or any(file in other.sends for file in step.needs)
        ]
        with self._changed:
            self._changed.wait_for(lambda: self._failed or not any(self._left[name] for name in before))
            if self._failed:
                raise _GivenUp

    def _take(self, step: Step, participant: Participant) -> None:
        if not step.done(participant):
            step.take(participant)
        if step.sends:
            deliver(participant.folder, [one.folder for one in self._participants])
        if step.told:
            self._say(f"{participant.name}: {step.told}")
        with self._changed:
            self._left[step.name].discard(participant.name)
            self._changed.notify_all()


@dataclass(frozen=True)
class Explanation:
    """A step in words: what holds when it is done, who takes it, which files of others it needs, which it sends, which
    steps of others come before it."""

    name: str
    summary: str
    taken_by: str
    needs: tuple[str, ...]
    sends: tuple[str, ...]
    awaits: tuple[str, ...]


def explain(journey: Journey) -> list[Explanation]:
    """Tells a journey in words, step by step."""
    return [
        Explanation(
            step.name, step.summary, step.taken_by.value, tuple(step.needs), tuple(step.sends), tuple(step.awaits)
        )
        for step in journey
    ]


def steps_after(change: Change, journey: Journey) -> list[str]:
    """Gives the steps that bring a change of the declaration to life; none where no step can."""
    return [step.name for step in journey if any(change.concerns(field) for field in step.revises)]
