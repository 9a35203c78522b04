"""The organisation's services end, those that others call last."""

from __future__ import annotations

from collections.abc import Sequence

from network.nodes.services import services_of
from network.participant import Participant
from network.runtime.service import Service
from network.steps.step import Step, TakenBy


class Stop(Step):
    """Ends the organisation's services of some kinds; `awaits` are the steps that end what calls them."""

    taken_by = TakenBy.EVERY_ORG

    def __init__(self, name: str, summary: str, kinds: Sequence[str], awaits: Sequence[str] = ()) -> None:
        self.name = name
        self.summary = summary
        self.kinds = kinds
        self.awaits = awaits

    def services(self, participant: Participant) -> list[Service]:
        """Gives the services that it ends."""
        return [service for service in services_of(participant) if service.kind in self.kinds]

    def done(self, participant: Participant) -> bool:
        """Says whether none of them runs and no record of one is left."""
        return not any(
            service.record.exists() or participant.runtime.status(service).running
            for service in self.services(participant)
        )

    def take(self, participant: Participant) -> None:
        """Ends them."""
        participant.runtime.stop(self.services(participant))


STOP_PEERS = Stop("stop_peers", "the organisation's peers have ended", ("peer",))
STOP_CHAINCODE = Stop(
    "stop_chaincode", "the organisation's chaincode server has ended", ("chaincode",), (STOP_PEERS.name,)
)
STOP_REST = Stop(
    "stop_rest",
    "the organisation's ordering nodes, authorities and log keeper have ended",
    ("orderer", "ca", "logs"),
    (STOP_CHAINCODE.name,),
)
