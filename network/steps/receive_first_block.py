"""Who joins takes the channel's first block from the operator."""

from __future__ import annotations

from network.exchange import channel_block
from network.exchange.channel_block import network_id_of, received_block
from network.folders import write
from network.participant import Participant
from network.steps.step import Step, TakenBy


class ReceiveFirstBlock(Step):
    """Takes the first block on the operator's word: it says what others agreed on long ago. What the channel says today
    is examined when the newcomer may ask for it."""

    name = "receive_first_block"
    summary = "the newcomer has the channel's first block, and takes no file of another network any more"
    taken_by = TakenBy.NEWCOMERS
    needs = (channel_block.FILE,)

    def done(self, participant: Participant) -> bool:
        """Says whether it has one."""
        return participant.folder.first_block.is_file() and bool(participant.folder.network_id)

    def take(self, participant: Participant) -> None:
        """Takes it. Raises NetworkError STEP_INPUT_MISSING or FILE_REFUSED."""
        block = received_block(participant.folder, participant.consortium)
        write(participant.folder.first_block, block)
        write(participant.folder.network_id_file, network_id_of(block) + "\n")
