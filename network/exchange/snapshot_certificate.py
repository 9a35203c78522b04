"""`snapshot-certificate.<height>.json`, in which an organisation vouches for what its peer's ledger was at a height: who
begins with a snapshot takes it when two say the same."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

from network.declaration.model import Consortium
from network.exchange.definition import sender_root
from network.exchange.envelope import Envelope, refused
from network.exchange.files import Kind
from network.folders import OrgFolder

TYPE = "snapshot-certificate"
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class SnapshotCertificate:
    """A snapshot of the ledger behind the block of number `height` - 1: the peer's hash over it, and the hash of that
    block's header, both in hex."""

    height: int
    snapshot_hash: str
    last_block_hash: str

    def to_json(self) -> str:
        """Gives the payload's text."""
        return json.dumps(asdict(self), indent=2) + "\n"


def file_of(height: int) -> str:
    """Gives the name of the file for a height."""
    return f"{TYPE}.{height}.json"


def snapshot_certificate_from(envelope: Envelope) -> SnapshotCertificate:
    """Reads the payload. Raises NetworkError FILE_REFUSED for another form."""
    try:
        found = SnapshotCertificate(**json.loads(envelope.text))
        whole = SHA256.fullmatch(found.snapshot_hash) and SHA256.fullmatch(found.last_block_hash)
    except (ValueError, TypeError) as error:
        raise refused(envelope.sender, f"it certifies no snapshot: {error!r:.120}") from error
    if not whole or not isinstance(found.height, int) or found.height < 1:
        raise refused(envelope.sender, "it certifies no snapshot: a height and two SHA-256 were expected")
    return found


def _check(folder: OrgFolder, consortium: Consortium, envelope: Envelope) -> None:
    snapshot_certificate_from(envelope)


def _words(envelope: Envelope) -> list[str]:
    one = snapshot_certificate_from(envelope)
    return [
        f"{envelope.sender} vouches for the ledger of its peer behind block {one.height - 1}, whose hash is "
        f"{one.last_block_hash}",
        f"hash of the snapshot: {one.snapshot_hash}",
        "a peer that begins with it takes everything before on the word of those who say the same; two at least",
    ]


KIND = Kind(TYPE, lambda envelope: file_of(snapshot_certificate_from(envelope).height), sender_root, _words, _check)
