"""Snapshots of a channel's ledger: a peer writes one, another begins with it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from network.connection import NodeConnection
from network.errors import NetworkError
from network.exchange.snapshot_certificate import SnapshotCertificate
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant

SIGNABLE, ADDITIONAL = "_snapshot_signable_metadata.json", "_snapshot_additional_metadata.json"
REQUESTED_MARK = "duplicate snapshot request"


def snapshot_folder(participant: Participant, peer: str, height: int) -> Path:
    """Gives where a peer of the organisation puts the snapshot behind block `height` - 1."""
    data = participant.folder.node(peer) / "data"
    return data / "snapshots" / "completed" / participant.consortium.channel / str(height - 1)


def request_snapshot(admin: PeerAdmin, peer: NodeConnection, height: int) -> None:
    """Asks a peer to write a snapshot when it has committed block `height` - 1, which it must not have yet; again does
    nothing. Raises NetworkError STEP_FAILED."""
    scope = ["-c", admin.consortium.channel, "--peerAddress", peer.address, "--tlsRootCertFile", str(peer.tls_root)]
    try:
        admin.command(peer).run("snapshot", "submitrequest", *scope, "-b", str(height - 1))
    except NetworkError as error:
        if REQUESTED_MARK not in error.detail:
            raise


def certificate_of(folder: Path, channel: str) -> SnapshotCertificate:
    """Reads a snapshot's own description, and holds every file of it against that. Raises NetworkError FILE_REFUSED for
    one that is not whole, or of another channel."""
    try:
        signable = (folder / SIGNABLE).read_bytes()
        described = json.loads(signable)
        additional = json.loads((folder / ADDITIONAL).read_bytes())
        named = described["snapshot_files_raw_hashes"]
        height = int(described["last_block_number"]) + 1
        found = SnapshotCertificate(height, additional["snapshot_hash"], described["last_block_hash"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NetworkError("FILE_REFUSED", f"{folder}: it is no snapshot of a ledger: {error!r:.120}") from error
    if described["channel_name"] != channel:
        raise NetworkError("FILE_REFUSED", f"{folder}: it is a snapshot of channel {described['channel_name']:.80}")
    if hashlib.sha256(signable).hexdigest() != found.snapshot_hash:
        raise NetworkError("FILE_REFUSED", f"{folder}: its description was changed after it was made")
    for name, expected in named.items():
        file = folder / name
        if file.parent != folder or not file.is_file() or _sha256(file) != expected:
            raise NetworkError("FILE_REFUSED", f"{folder}: {name} is missing, or was changed after it was made")
    return found


def join_by_snapshot(admin: PeerAdmin, peer: NodeConnection, folder: str) -> None:
    """Has a peer begin with the snapshot in a folder, by the path at which it reads it; it goes on with that by itself. Raises
    NetworkError STEP_FAILED."""
    admin.command(peer).run("channel", "joinbysnapshot", "--snapshotpath", folder)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
