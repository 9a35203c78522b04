"""An organisation's admin signs the updates that do what its own declaration wants."""

from __future__ import annotations

from network.channel.signatures import sign
from network.channel.update import checked_leaves, update_of
from network.errors import NetworkError
from network.exchange import config_update
from network.exchange.config_signature import TYPE, file_of
from network.nodes.channel_changes import received_update, sent_signature, wanted_changes
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.steps.propose_updates import ProposeUpdates
from network.steps.sending import send
from network.steps.step import Step, TakenBy

SENT = f"{TYPE}.*.json"


class SignUpdates(Step):
    """Puts a detached signature of each update into the organisation's outbox. The organisation works out for itself
    what the change should touch, by its own declaration and the configuration as ordering nodes have it, and signs
    nothing else."""

    name = "sign_updates"
    summary = (
        "the organisation's admin has signed each update that does what its own declaration wants, and nothing else"
    )
    taken_by = TakenBy.INSIDERS
    sends = (SENT,)
    awaits = (ProposeUpdates.name,)

    def done(self, participant: Participant) -> bool:
        """Says whether each update that is wanted is signed."""
        for change in wanted_changes(participant, PeerAdmin(participant).configuration()):
            signature = sent_signature(participant.folder, change)
            if signature is None or signature.update_sha256 != received_update(participant, change).sha256:
                return False
        return True

    def waits_for(self, participant: Participant) -> list[str]:
        """Gives the updates that have not come."""
        changes = wanted_changes(participant, PeerAdmin(participant).configuration())
        names = [config_update.file_of(change.name) for change in changes]
        inbox = participant.folder.inbox / participant.operator
        return [f"{name} from {participant.operator}" for name in names if not (inbox / name).is_file()]

    def take(self, participant: Participant) -> None:
        """Checks and signs. Raises NetworkError UPDATE_REFUSED with the leaves that an update should not touch,
        UPDATE_OUTDATED, or STEP_INPUT_MISSING."""
        config = PeerAdmin(participant).configuration()
        msp = participant.folder.identity_msp("admin")
        certificate = (msp / "signcerts/cert.pem").read_bytes()
        key = (msp / "keystore/key.pem").read_bytes()
        for change in wanted_changes(participant, config):
            update = received_update(participant, change)
            leaves = checked_leaves(change, config, update_of(participant.consortium.channel, update.content))
            if tuple(leaves) != update.leaves:
                raise NetworkError("UPDATE_REFUSED", f"{change.name}: the file says something else than its bytes do")
            made = sign(update, participant.org.msp, certificate, key)
            envelope = participant.envelope(TYPE, made.to_json().encode(), base_sequence=config.sequence)
            send(participant, file_of(change.name), envelope)
