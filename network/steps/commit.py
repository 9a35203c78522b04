"""The chaincode's definition is committed."""

from __future__ import annotations

from network.channel.changes import LIFECYCLE
from network.channel.configuration import application
from network.channel.policies import named_policy
from network.declaration.policies import majority
from network.errors import NetworkError
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.steps.approve import Approve
from network.steps.step import Step, TakenBy


class Commit(Step):
    """Commits the definition that follows from the declaration when enough merchants have approved it. `taken_by` says
    who does: an operator, or newcomers, whose peers' signatures may be needed and who alone know all."""

    told = "chaincode definition committed"

    def __init__(
        self, name: str = "commit", taken_by: TakenBy = TakenBy.OPERATOR, awaits: tuple[str, ...] = (Approve.name,)
    ) -> None:
        self.name = name
        self.awaits = awaits
        self.summary = "the chaincode's definition, as it follows from the declaration, is committed on the channel"
        self.taken_by = taken_by

    def done(self, participant: Participant) -> bool:
        """Says whether the channel has the definition."""
        admin = PeerAdmin(participant)
        return admin.committed_definition(admin.gateway_peer) == admin.due_definition(admin.gateway_peer)

    def waits_for(self, participant: Participant) -> list[str]:
        """Gives the merchants whose approvals do not stand on the channel yet, of whom as many are needed as the
        channel's policy says; for an
        operator also who joins, and commits it when its chaincode answers."""
        if participant.newcomers and self.taken_by is TakenBy.OPERATOR:
            return [f"{name} to commit the definition that names it" for name in participant.newcomers]
        admin = PeerAdmin(participant)
        missing = admin.unapproved(admin.gateway_peer)
        policy = named_policy(application(admin.configuration()).policies[LIFECYCLE].policy)
        merchants = [org.msp for org in participant.consortium.merchants]
        needed = majority(len(merchants)) if policy is None else policy.needed
        return [] if len(merchants) - len(missing) >= needed else [f"the approval of {msp}" for msp in missing]

    def take(self, participant: Participant) -> None:
        """Commits. Raises NetworkError STEP_FAILED or WAIT_TIMEOUT."""
        admin = PeerAdmin(participant)
        flags = [*admin.due_definition(admin.gateway_peer).flags, *admin.all_peers_flags()]
        try:
            admin.submit(admin.gateway_peer, ["lifecycle", "chaincode", "commit", *flags])
        except NetworkError:
            if not self.done(participant):  # else another did it at the same moment
                raise
