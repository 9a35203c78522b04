"""Who joins gets the channel's first block from the operator."""

from __future__ import annotations

from network.errors import NetworkError
from network.exchange import channel_block
from network.participant import Participant
from network.steps.step import Step, TakenBy


class SendFirstBlock(Step):
    """Sends the first block that the operator has once made."""

    name = "send_first_block"
    summary = "the first block of the channel goes to everybody, who joins among them"
    taken_by = TakenBy.OPERATOR
    sends = (channel_block.FILE,)

    def done(self, participant: Participant) -> bool:
        """Says whether the block is there to be sent."""
        return (participant.folder.outbox / channel_block.FILE).is_file()

    def take(self, participant: Participant) -> None:
        """Raises NetworkError STEP_INPUT_MISSING: another one, made now, would begin another chain."""
        raise NetworkError(
            "STEP_INPUT_MISSING",
            f"{participant.name} has no {channel_block.FILE} in its outbox; put it back from a backup, or from the "
            "inbox of another organisation",
        )
