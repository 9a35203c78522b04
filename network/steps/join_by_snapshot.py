"""Who joins begins with a snapshot that two organisations vouch for."""

from __future__ import annotations

import json

from network.errors import NetworkError
from network.exchange import snapshot_certificate
from network.exchange.files import received
from network.exchange.snapshot_certificate import SnapshotCertificate, file_of, snapshot_certificate_from
from network.folders import write
from network.nodes.peer_admin import PeerAdmin
from network.nodes.services import peer_services
from network.nodes.snapshots import certificate_of, join_by_snapshot
from network.participant import Participant
from network.runtime.waiting import wait_until
from network.steps.certify_snapshot import WORD_OF, CertifySnapshot, certifiers
from network.steps.step import Step, TakenBy

LIMIT_SECONDS = 600


class JoinBySnapshot(Step):
    """Holds the snapshot that came against itself and against the certificates, has each peer of the newcomer begin with
    it, and notes on whose word everything before rests."""

    name = "join_by_snapshot"
    summary = "every peer of the newcomer has begun with a snapshot for which two organisations vouch"
    taken_by = TakenBy.NEWCOMERS
    awaits = (CertifySnapshot.name,)

    def __init__(self, height: int) -> None:
        self.height = height

    def done(self, participant: Participant) -> bool:
        """Says whether all are in the channel."""
        admin = PeerAdmin(participant)
        return all(admin.is_in_channel(peer) for peer in admin.own_peers)

    def take(self, participant: Participant) -> None:
        """Begins. Raises NetworkError FILE_REFUSED where too few vouch, or for something else than what came;
        STEP_INPUT_MISSING, STEP_FAILED or WAIT_TIMEOUT."""
        admin, vouching = PeerAdmin(participant), certifiers(participant)
        folder = participant.folder.received_snapshot
        found = certificate_of(folder, participant.consortium.channel)
        agreeing = [name for name in vouching if _certificate(participant, name, self.height) == found]
        if len(agreeing) < WORD_OF:
            raise NetworkError(
                "FILE_REFUSED",
                f"{', '.join(agreeing) or 'nobody'} of {', '.join(vouching)} vouches for the snapshot in {folder}; "
                f"{WORD_OF} must",
            )
        noted = {"height": found.height, "last_block_hash": found.last_block_hash, "certified_by": agreeing}
        write(participant.folder.begun_with, json.dumps(noted, indent=2) + "\n")
        for service in peer_services(participant):
            peer = admin.own_peer(service.name)
            if not admin.is_in_channel(peer):
                with participant.runtime.lent(folder, service) as seen:
                    join_by_snapshot(admin, peer, seen)
                    told = f"{peer.name} begins with the snapshot"
                    wait_until(lambda peer=peer: admin.is_in_channel(peer), told, LIMIT_SECONDS)  # type: ignore[misc]


def _certificate(participant: Participant, sender: str, height: int) -> SnapshotCertificate:
    name = file_of(height)
    envelope = received(participant.folder, participant.consortium, sender, name, snapshot_certificate.KIND)
    return snapshot_certificate_from(envelope)
