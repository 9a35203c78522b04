"""An operator submits the updates that enough admins have signed."""

from __future__ import annotations

from network.channel.proposing import counted, stands
from network.channel.signatures import envelope_of
from network.errors import NetworkError
from network.nodes.channel_changes import received_signatures, received_update, wanted_changes
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.runtime.waiting import wait_until
from network.steps.sign_updates import SignUpdates
from network.steps.step import Step, TakenBy

LIMIT_SECONDS = 30
"""How long an update that was taken may need into a block."""


class SubmitUpdates(Step):
    """Counts the signatures of each update, submits it, and waits until the channel has it."""

    name = "submit_updates"
    summary = "the channel's configuration follows the declaration: who is in it, who is named, where peers are found"
    taken_by = TakenBy.OPERATOR
    told = "the channel's configuration follows the declaration"
    awaits = (SignUpdates.name,)

    def done(self, participant: Participant) -> bool:
        """Says whether nothing is wanted any more."""
        return not wanted_changes(participant, PeerAdmin(participant).configuration())

    def waits_for(self, participant: Participant) -> list[str]:
        """Gives whose signatures are missing."""
        config, channel = PeerAdmin(participant).configuration(), participant.consortium.channel
        missing = []
        for change in wanted_changes(participant, config):
            try:
                counted(received_update(participant, change), config, channel, received_signatures(participant, change))
            except NetworkError as error:
                if error.code != "SIGNATURES_MISSING":
                    raise
                missing.append(error.detail)
        return missing

    def take(self, participant: Participant) -> None:
        """Submits them, one after the other. Raises NetworkError SIGNATURES_MISSING or SIGNATURE_REFUSED before
        anything is sent, UPDATE_OUTDATED when the channel has moved: then an update is proposed and signed anew."""
        admin, channel = PeerAdmin(participant), participant.consortium.channel
        config = admin.configuration()
        for change in wanted_changes(participant, config):
            update = received_update(participant, change)
            if moved_since := stands(update, config, channel):
                raise NetworkError("UPDATE_OUTDATED", moved_since)
            good = counted(update, config, channel, received_signatures(participant, change))
            admin.update_configuration(envelope_of(channel, update.content, good))

            def moved(before: int = config.sequence) -> bool:
                return bool(admin.configuration().sequence > before)

            wait_until(moved, f"{change.told}: the update is in a block", LIMIT_SECONDS)
            config = admin.configuration()
