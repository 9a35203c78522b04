"""An operator proposes the updates by which the channel's configuration comes to follow the declaration."""

from __future__ import annotations

from network.channel.changes import Change
from network.channel.configuration import Config
from network.channel.proposing import propose, propose_again, stands
from network.exchange import config_update, definition
from network.exchange.config_update import TYPE, file_of
from network.nodes.channel_changes import sent_update, wanted_changes
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.steps.sending import send
from network.steps.step import Step, TakenBy

SENT = f"{config_update.TYPE}.*.json"


class ProposeUpdates(Step):
    """Puts an update for each change that the channel lacks into the operator's outbox; anew, with the reason, where the
    channel has moved and the update still means the same."""

    name = "propose_updates"
    summary = "an update goes to everybody for each change by which the channel comes to follow the declaration"
    taken_by = TakenBy.OPERATOR
    needs = (definition.FILE,)
    sends = (SENT,)
    revises = ("endorsement.k",)

    def done(self, participant: Participant) -> bool:
        """Says whether an update that can be applied is there for each change, and none for others."""
        config = PeerAdmin(participant).configuration()
        changes = wanted_changes(participant, config)
        there = {file.name for file in participant.folder.outbox.glob(SENT)}
        return there == {file_of(change.name) for change in changes} and all(
            _stands(participant, change, config) for change in changes
        )

    def take(self, participant: Participant) -> None:
        """Writes them. Raises NetworkError UPDATE_REFUSED where one would mean something else now, or the errors of
        definitions that are refused."""
        folder, config = participant.folder, PeerAdmin(participant).configuration()
        changes = wanted_changes(participant, config)
        for file in folder.outbox.glob(SENT):
            if file.name not in {file_of(change.name) for change in changes}:
                file.unlink()
        channel, translator = participant.consortium.channel, participant.programs.path("configtxlator")
        for change in changes:
            if _stands(participant, change, config):
                continue
            earlier = sent_update(folder, change)
            if earlier is None:
                made = propose(change, config, channel, translator)
            else:
                made = propose_again(earlier, change, config, channel, translator)
            envelope = participant.envelope(TYPE, made.to_json().encode(), base_sequence=config.sequence)
            send(participant, file_of(change.name), envelope)
            again = f", to be signed again: {made.reason}" if made.reason else ""
            participant.report(f"{change.told}{again}; it touches {'; '.join(map(str, made.leaves))}")


def _stands(participant: Participant, change: Change, config: Config) -> bool:
    update = sent_update(participant.folder, change)
    return update is not None and not stands(update, config, participant.consortium.channel)
