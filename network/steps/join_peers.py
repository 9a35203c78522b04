"""Peers join the channel."""

from __future__ import annotations

from network.exchange import channel_block
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.steps.step import Step, TakenBy


class JoinPeers(Step):
    """Brings every peer of the organisation into the channel with its first block."""

    name = "join_peers"
    summary = "every peer of the organisation is in the channel"
    taken_by = TakenBy.MERCHANTS
    needs = (channel_block.FILE,)

    def done(self, participant: Participant) -> bool:
        """Says whether all are in the channel."""
        admin = PeerAdmin(participant)
        return all(admin.is_in_channel(peer) for peer in admin.own_peers)

    def take(self, participant: Participant) -> None:
        """Joins those that are not. Raises NetworkError STEP_FAILED."""
        admin = PeerAdmin(participant)
        for peer in admin.own_peers:
            if not admin.is_in_channel(peer):
                admin.command(peer).run("channel", "join", "--blockpath", str(participant.folder.first_block))
