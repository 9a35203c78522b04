"""An operator commits the chaincode's definition."""

from __future__ import annotations

from network.declaration.policies import majority
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

    def waits_for(self, participant: Participant) -> list[str]:
        """Gives the merchants whose approvals do not stand on the channel yet; a majority of them is needed."""
        admin = PeerAdmin(participant)
        missing = admin.unapproved(admin.gateway_peer)
        needed = majority(len(participant.consortium.merchants))
        enough = len(participant.consortium.merchants) - len(missing) >= needed
        return [] if enough else [f"the approval of {msp}" for msp in missing]

    def take(self, participant: Participant) -> None:
        """Commits. Raises NetworkError STEP_FAILED or WAIT_TIMEOUT."""
        admin = PeerAdmin(participant)
        flags = [*admin.definition_flags(), *admin.all_peers_flags()]
        admin.submit(admin.gateway_peer, ["lifecycle", "chaincode", "commit", *flags])
