"""Ordering nodes join the channel."""

from __future__ import annotations

from network.exchange import channel_block
from network.exchange.channel_block import received_block
from network.nodes.ordering_node import LIMIT_SECONDS, channel_status, is_active, join_channel
from network.participant import Participant
from network.runtime.waiting import wait_until
from network.steps.step import Step, TakenBy


class JoinOrderers(Step):
    """Brings every ordering node of the organisation into the channel with its first block."""

    name = "join_orderers"
    summary = "every ordering node of the organisation is in the channel and serves it"
    taken_by = TakenBy.ORDERING_ORGS
    told = "ordering nodes in the channel"
    needs = (channel_block.FILE,)

    def done(self, participant: Participant) -> bool:
        """Says whether all are active in the channel."""
        return all(is_active(participant, orderer.name) for orderer in participant.org.orderers)

    def take(self, participant: Participant) -> None:
        """Joins what is not in the channel, and waits until all are active. Raises NetworkError STEP_FAILED or
        WAIT_TIMEOUT."""
        block = received_block(participant.folder, participant.consortium)
        for orderer in participant.org.orderers:
            if channel_status(participant, orderer.name) is None:
                join_channel(participant, orderer.name, block)
        for orderer in participant.org.orderers:

            def active(name: str = orderer.name) -> bool:
                return is_active(participant, name)

            wait_until(active, f"{participant.name}/{orderer.name} is active in the channel", LIMIT_SECONDS)
