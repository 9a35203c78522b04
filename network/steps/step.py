"""What every step is: whom it concerns, which files it needs and sends, whether it is done, and how it is taken."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import Enum
from typing import Protocol

from network.declaration.model import Consortium, Org
from network.participant import Participant


class TakenBy(Enum):
    """Which organisations take a step, in words."""

    EVERY_ORG = "every organisation"
    ORDERING_ORGS = "organisations with ordering nodes"
    MERCHANTS = "merchants"
    OPERATOR = "the first operator"
    NEWCOMERS = "who joins"
    INSIDERS = "organisations in the channel"

    def concerns(self, participant: Participant) -> bool:
        """Says whether the organisation is among them."""
        return self is TakenBy.EVERY_ORG or self.concerns_org(
            participant.consortium, participant.org, participant.newcomers
        )

    def concerns_org(self, consortium: Consortium, org: Org, newcomers: Collection[str] = ()) -> bool:
        """Says whether an organisation of the declaration is among them, while `newcomers` join."""
        if self is TakenBy.ORDERING_ORGS:
            return bool(org.orderers)
        if self is TakenBy.MERCHANTS:
            return bool(org.peers)
        if self in (TakenBy.NEWCOMERS, TakenBy.INSIDERS):
            return (org.name in newcomers) == (self is TakenBy.NEWCOMERS)
        return self is TakenBy.EVERY_ORG or org.name == consortium.operators[0]


class Step(Protocol):
    """One step of one organisation, in its own folder and with the files that others have sent it.

    `summary` says in words what holds when it is done, `told` what is told of it then (nothing: empty). `needs` are
    names of files of others, `sends` names of files in the organisation's outbox when it is done; `awaits` are the
    steps that all organisations concerned must have taken, where no file says so. `revises` are the fields of the
    declaration that the step brings to life when it is taken again after they were changed, `*` for one part of a name.

    On one machine whoever walks the journey knows who has taken which step. An organisation on a machine of its own
    cannot: it asks the step, by `waits_for`.
    """

    name: str
    summary: str
    taken_by: TakenBy
    told: str = ""
    needs: Sequence[str] = ()
    sends: Sequence[str] = ()
    awaits: Sequence[str] = ()
    revises: Sequence[str] = ()

    def done(self, participant: Participant) -> bool:
        """Says whether nothing is left to do; it looks and changes nothing."""

    def waits_for(self, participant: Participant) -> Sequence[str]:
        """Gives what of others the step must still wait for beside files, in words, as it shows in the network."""
        return ()

    def take(self, participant: Participant) -> None:
        """Does what is left. Safe to repeat, and goes on where an interrupted run ended. Raises NetworkError."""
