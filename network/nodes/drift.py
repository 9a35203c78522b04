"""Where the channel and its chaincode say something else than the organisation's declaration."""

from __future__ import annotations

from network.declaration.chaincode_definition import chaincode_definition
from network.errors import NetworkError
from network.nodes.channel_changes import wanted_changes
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant


def drift(participant: Participant) -> list[str]:
    """Gives each difference in words: of who is in the channel, whom its policies name, where peers are found, and who
    endorses. None when all is as declared; that nobody can be asked is told, too."""
    try:
        admin = PeerAdmin(participant)
        told = [f"the channel lacks: {change.told}" for change in wanted_changes(participant, admin.configuration())]
        committed = admin.committed_definition(admin.gateway_peer)
        declared = chaincode_definition(participant.consortium)
        if committed is not None and not committed.agrees_with(declared):
            told.append(
                f"the chaincode's policy is {committed.endorsement_policy}; declared is {declared.endorsement_policy}"
            )
    except NetworkError as error:
        return [f"whether the channel is as declared is not known: {error.detail}"]
    return told
