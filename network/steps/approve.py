"""An organisation approves the chaincode's definition."""

from __future__ import annotations

from network.nodes.peer_admin import PeerAdmin
from network.nodes.services import package_of
from network.participant import Participant
from network.steps.join_orderers import JoinOrderers
from network.steps.step import Step, TakenBy


class Approve(Step):
    """Puts the organisation's approval of the definition, with its own package, on the channel. Its peers must have all
    blocks."""

    name = "approve"
    summary = "the organisation's approval of the chaincode's definition, with its own package, stands on the channel"
    taken_by = TakenBy.MERCHANTS
    told = "chaincode definition approved"
    awaits = (JoinOrderers.name,)

    def done(self, participant: Participant) -> bool:
        """Says whether the approval stands on the channel."""
        admin, package = PeerAdmin(participant), package_of(participant)
        return admin.approved_package(admin.own_peers[0], package.id) == package.id

    def waits_for(self, participant: Participant) -> list[str]:
        """Gives that no ordering node gives blocks, while none does."""
        return [] if PeerAdmin(participant).ordered_height() else ["an ordering node that gives blocks"]

    def take(self, participant: Participant) -> None:
        """Approves. Raises NetworkError STEP_FAILED or WAIT_TIMEOUT."""
        admin, package = PeerAdmin(participant), package_of(participant)
        arguments = ["lifecycle", "chaincode", "approveformyorg", *admin.definition_flags(), "--package-id", package.id]
        admin.submit(admin.own_peers[0], arguments)
