"""An organisation approves a definition of the chaincode."""

from __future__ import annotations

from network.channel.configuration import members
from network.declaration.chaincode_definition import ChaincodeDefinition
from network.errors import NetworkError
from network.nodes.peer_admin import PeerAdmin
from network.nodes.services import package_of
from network.participant import Participant
from network.steps.join_orderers import JoinOrderers
from network.steps.step import Step, TakenBy


class Approve(Step):
    """Puts the organisation's approval of the definition that follows from the declaration, with its own package, on the
    channel. Its peers must have all blocks."""

    name = "approve"
    summary = "the organisation's approval of the chaincode's definition, with its own package, stands on the channel"
    taken_by = TakenBy.MERCHANTS
    told = "chaincode definition approved"
    awaits: tuple[str, ...] = (JoinOrderers.name,)

    def definition(self, admin: PeerAdmin) -> ChaincodeDefinition:
        """Gives the definition to approve."""
        return admin.due_definition(admin.own_peers[0])

    def done(self, participant: Participant) -> bool:
        """Says whether the approval stands on the channel."""
        admin, package = PeerAdmin(participant), package_of(participant)
        return admin.approved_package(admin.own_peers[0], self.definition(admin), package.id) == package.id

    def waits_for(self, participant: Participant) -> list[str]:
        """Gives that no ordering node gives blocks, while none does, and who is not in the channel yet."""
        admin = PeerAdmin(participant)
        if not admin.ordered_height():
            return ["an ordering node that gives blocks"]
        inside = members(admin.configuration())
        absent = [org.name for org in participant.consortium.merchants if org.msp not in inside]
        return [f"the others to take {name} into the channel" for name in absent]

    def take(self, participant: Participant) -> None:
        """Approves. Raises NetworkError STEP_FAILED or WAIT_TIMEOUT."""
        admin, package = PeerAdmin(participant), package_of(participant)
        flags = [*self.definition(admin).flags, "--package-id", package.id]
        admin.submit(admin.own_peers[0], ["lifecycle", "chaincode", "approveformyorg", *flags])


class ApproveInForce(Approve):
    """Puts a newcomer's approval of the definition that the others work by on the channel, so that its peers may run
    the chaincode before any policy names it."""

    name = "approve_in_force"
    summary = "the newcomer has approved the definition by which the others work, so that its peers run the chaincode"
    taken_by = TakenBy.NEWCOMERS
    told = "chaincode definition in force approved"
    awaits = ()

    def definition(self, admin: PeerAdmin) -> ChaincodeDefinition:
        """Gives the definition that is in force. Raises NetworkError STEP_FAILED where there is none."""
        found = admin.committed_definition(admin.own_peers[0])
        if found is None:
            raise NetworkError("STEP_FAILED", f"{admin.own_peers[0].name} knows of no chaincode on the channel")
        return found
