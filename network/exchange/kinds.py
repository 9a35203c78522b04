"""All kinds of files that pass between organisations; one that came is explained, or taken in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from network.declaration.model import Consortium
from network.exchange import chaincode_program, channel_block, definition
from network.exchange.envelope import Envelope, read_envelope, refused
from network.exchange.files import Kind, must_stand
from network.folders import OrgFolder, write

KINDS = {kind.type: kind for kind in (definition.KIND, channel_block.KIND, chaincode_program.KIND)}


@dataclass(frozen=True)
class Accepted:
    """A file that was taken in: where it lies now. `known`: the same one had come before, and nothing was changed;
    `replaced`: another one of the same name had."""

    envelope: Envelope
    file: Path
    known: bool
    replaced: bool


def kind_of(envelope: Envelope) -> Kind:
    """Gives the kind of a file. Raises NetworkError FILE_REFUSED for one that is not known."""
    if envelope.type not in KINDS:
        raise refused(envelope.sender, f"{envelope.type!r:.80} is no type of file; there are {', '.join(KINDS)}")
    return KINDS[envelope.type]


def explain(data: bytes, source: str) -> list[str]:
    """Says in words what a file is, line by line. Raises NetworkError FILE_REFUSED for one that is none."""
    envelope = read_envelope(data, source)
    network = f"network {envelope.network_id}" if envelope.network_id else "a network that has no first block yet"
    return [
        f"{envelope.type} from {envelope.sender}, for channel {envelope.channel} of {network}",
        f"made for sequence {envelope.base_sequence} of the channel's configuration; SHA-256 {envelope.sha256}",
        *kind_of(envelope).words(envelope),
    ]


def accept(folder: OrgFolder, consortium: Consortium, data: bytes, source: str) -> Accepted:
    """Checks a file that came from another organisation and puts it into the inbox. Raises NetworkError FILE_REFUSED
    with the reason, STEP_INPUT_MISSING when the sender's definition must come first, or what the kind refuses."""
    envelope = read_envelope(data, source)
    kind = kind_of(envelope)
    must_stand(kind, folder, consortium, envelope)
    file = folder.inbox / envelope.sender / kind.named(envelope)
    before = read_envelope(file.read_bytes(), str(file)) if file.is_file() else None
    known = before is not None and before.says_the_same(envelope)
    if not known:
        write(file, data)
    return Accepted(envelope, file, known, before is not None and not known)
