"""Who joins holds the channel's configuration against the declaration and the definitions."""

from __future__ import annotations

from network.channel.changes import drifted
from network.channel.configuration import Config, application, members
from network.channel.differences import organisations_that_differ
from network.errors import NetworkError
from network.exchange.definition import OrgDefinition, received_definitions
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.steps.step import Step, TakenBy


class ExamineChannel(Step):
    """Asks ordering nodes for the configuration as the newcomer's own admin, and compares it with what follows from the
    files that the newcomer itself has received: nobody else's root certificate stands in anybody's place, and policies
    name whom the declaration names."""

    name = "examine_channel"
    summary = (
        "the channel holds the organisations of the declaration with the certificates of their definitions, no others"
    )
    taken_by = TakenBy.NEWCOMERS

    def done(self, participant: Participant) -> bool:
        """Says whether its peers are in the channel: then it was examined."""
        admin = PeerAdmin(participant)
        return bool(admin.own_peers) and all(admin.is_in_channel(peer) for peer in admin.own_peers)

    def waits_for(self, participant: Participant) -> list[str]:
        """Gives that the channel does not let the newcomer read it yet, while it does not."""
        try:
            PeerAdmin(participant).configuration()
        except NetworkError as error:
            return [f"the others to take {participant.name} into the channel ({error.detail})"]
        return []

    def take(self, participant: Participant) -> None:
        """Compares. Raises NetworkError FILE_REFUSED with what differs."""
        config = PeerAdmin(participant).configuration()
        told = _differences(config, received_definitions(participant.folder, participant.consortium), participant)
        if told:
            raise NetworkError("FILE_REFUSED", f"the channel is not what was agreed on: {'; '.join(told)}")


def _differences(config: Config, definitions: list[OrgDefinition], participant: Participant) -> list[str]:
    declared = {one.msp_id for one in definitions}
    # Others may be on their way in at the same moment, who join by files of their own.
    told = [f"{msp_id} is in it, and not declared" for msp_id in members(config) if msp_id not in declared]
    told += organisations_that_differ(application(config), definitions)
    drift = drifted(config, definitions, participant.consortium.endorsement.k)
    return [*told, *([f"its policies should say: {drift.told}"] if drift else [])]
