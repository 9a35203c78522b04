"""The channel's first block: an operator makes it from all organisations' definitions and sends it to all."""

from __future__ import annotations

from network.exchange import channel_block, definition
from network.nodes.first_block import BLOCK_FILE, make_first_block
from network.participant import Participant
from network.steps.sending import send
from network.steps.step import Step, TakenBy


class MakeGenesis(Step):
    """Puts the first block into the operator's outbox. It is made once: another one would begin another chain."""

    name = "genesis"
    summary = "the first block of the channel is made from all definitions and goes to everybody"
    taken_by = TakenBy.OPERATOR
    told = "first block of the channel"
    needs = (definition.FILE,)
    sends = (channel_block.FILE,)

    def done(self, participant: Participant) -> bool:
        """Says whether the block is there."""
        return (participant.folder.outbox / channel_block.FILE).is_file()

    def take(self, participant: Participant) -> None:
        """Makes the block, unless one was made. Raises NetworkError STEP_FAILED, or the errors of definitions that are
        refused."""
        home = participant.folder.root / "genesis"
        made = home / BLOCK_FILE
        block = made.read_bytes() if made.is_file() else make_first_block(participant, home)
        network_id = channel_block.network_id_of(block)
        send(participant, channel_block.FILE, participant.envelope(channel_block.TYPE, block, network_id=network_id))
