"""An operator commits the chaincode's definition."""

from __future__ import annotations

from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.steps.approve import Approve
from network.steps.step import Step, TakenBy


class Commit(Step):
    """Commits the definition when enough merchants have approved it."""

    name = "commit"
    summary = "the chaincode's definition is committed on the channel"
    taken_by = TakenBy.OPERATOR
    told = "chaincode definition committed"
    awaits = (Approve.name,)

    def done(self, participant: Participant) -> bool:
        """Says whether the channel has the definition."""
        admin = PeerAdmin(participant)
        return admin.is_committed(admin.gateway_peer)

    def take(self, participant: Participant) -> None:
        """Commits. Raises NetworkError STEP_FAILED or WAIT_TIMEOUT."""
        admin = PeerAdmin(participant)
        flags = [*admin.definition_flags(), *admin.all_peers_flags()]
        admin.submit(admin.gateway_peer, ["lifecycle", "chaincode", "commit", *flags])
