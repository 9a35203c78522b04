"""Peers fetch the blocks that they lack."""

from __future__ import annotations

from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.runtime.waiting import wait_until
from network.steps.join_orderers import JoinOrderers
from network.steps.step import Step, TakenBy

LIMIT_SECONDS = 120.0
"""How long a peer may take for one more block."""
ADMISSION_LIMIT_SECONDS = 3600.0
"""How long it may take for all blocks before the one by which its organisation was taken in; of these it tells
nothing."""
OWN_BLOCKS_AT_FIRST = 10
"""About as many blocks as a network makes while it comes up."""


class CatchUp(Step):
    """Waits until every peer of the organisation has the blocks that the ordering nodes have now: one that has just
    joined fetches them all, and cannot speak for its organisation before."""

    name = "catch_up"
    summary = "every peer of the organisation has all blocks of the channel"
    taken_by = TakenBy.MERCHANTS
    awaits = (JoinOrderers.name,)

    def done(self, participant: Participant) -> bool:
        """Says whether all have as many blocks as the ordering nodes."""
        height = participant.ordered_height()
        if height == 0:
            return True
        admin = PeerAdmin(participant)
        return all(admin.height(peer) >= height for peer in admin.own_peers)

    def take(self, participant: Participant) -> None:
        """Waits for each block. Raises NetworkError WAIT_TIMEOUT when none comes."""
        admin, height = PeerAdmin(participant), participant.ordered_height()
        for peer in admin.own_peers:
            have = admin.height(peer)
            if have < height - OWN_BLOCKS_AT_FIRST:
                participant.report(f"{participant.name}: {peer.name} fetches {height - have} blocks")
            while have < height:
                before = have
                limit = LIMIT_SECONDS if before else ADMISSION_LIMIT_SECONDS
                wait_until(
                    lambda peer=peer, before=before: admin.height(peer) > before,  # type: ignore[misc]
                    f"{peer.name} gets block {before} of {height}",
                    limit,
                    interval_seconds=0.2,
                )
                have = admin.height(peer)
