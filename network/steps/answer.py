"""A newcomer's chaincode answers, before any policy names its peers."""

from __future__ import annotations

from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.runtime.waiting import wait_until
from network.steps.step import Step, TakenBy

LIMIT_SECONDS = 60


class Answer(Step):
    """Waits until the newcomer's chaincode server answers through each of its peers, and these know the others."""

    name = "answer"
    summary = "the newcomer's chaincode answers through each of its peers, which know those of the others"
    taken_by = TakenBy.NEWCOMERS
    told = "chaincode installed, and answers"

    def done(self, participant: Participant) -> bool:
        """Says whether it answers through all."""
        admin = PeerAdmin(participant)
        return all(admin.chaincode_answers(peer) and admin.knows_endorsers(peer) for peer in admin.own_peers)

    def take(self, participant: Participant) -> None:
        """Waits. Raises NetworkError WAIT_TIMEOUT."""
        told = f"{participant.name}: the chaincode answers through each peer"
        wait_until(lambda: self.done(participant), told, LIMIT_SECONDS, interval_seconds=0.2)
