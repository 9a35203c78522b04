"""An organisation has its peer write a snapshot of the ledger, and vouches for it."""

from __future__ import annotations

from network.exchange.snapshot_certificate import TYPE, file_of
from network.nodes.peer_admin import PeerAdmin
from network.nodes.snapshots import certificate_of, request_snapshot, snapshot_folder
from network.participant import Participant
from network.runtime.waiting import wait_until
from network.steps.sending import is_sent, send
from network.steps.step import Step, TakenBy

LIMIT_SECONDS = 600
"""How long a peer may take to write down its ledger; it commits nothing meanwhile."""
WORD_OF = 2
"""So many organisations must say the same of a snapshot."""


class CertifySnapshot(Step):
    """Has the organisation's first peer write a snapshot at the height that all agreed on, and sends a certificate of it.
    Where nothing else makes blocks, a transaction that writes nothing does."""

    name = "certify_snapshot"
    summary = "the first merchants' peers have written a snapshot of the ledger, and each vouches for its own"
    taken_by = TakenBy.INSIDERS

    def __init__(self, height: int) -> None:
        self.height = height
        self.sends = (file_of(height),)

    def done(self, participant: Participant) -> bool:
        """Says whether the certificate is sent, or others vouch."""
        return participant.name not in certifiers(participant) or (
            (participant.folder.outbox / file_of(self.height)).is_file()
        )

    def take(self, participant: Participant) -> None:
        """Writes and vouches. Raises NetworkError STEP_FAILED, WAIT_TIMEOUT or FILE_REFUSED."""
        admin, peer = PeerAdmin(participant), participant.org.peers[0].name
        folder = snapshot_folder(participant, peer, self.height)
        if not folder.is_dir():
            request_snapshot(admin, admin.own_peer(peer), self.height)

        def written() -> bool:
            if folder.is_dir():
                return True
            if admin.height(admin.own_peer(peer)) < self.height:
                admin.probe_commit()
            return False

        wait_until(written, f"{participant.name}/{peer} writes a snapshot", LIMIT_SECONDS, interval_seconds=0.5)
        made = certificate_of(folder, participant.consortium.channel)
        envelope = participant.envelope(TYPE, made.to_json().encode())
        if not is_sent(participant, file_of(self.height), envelope):
            send(participant, file_of(self.height), envelope)


def certifiers(participant: Participant) -> list[str]:
    """Gives the organisations that vouch: the first merchants that are in the network."""
    inside = [one.name for one in participant.consortium.merchants if one.name not in participant.newcomers]
    return inside[:WORD_OF]
