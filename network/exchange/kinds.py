"""All kinds of files that pass between organisations; one that came is explained, or taken in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from network.declaration.model import Consortium
from network.exchange import (
    chaincode_program,
    channel_block,
    config_signature,
    config_update,
    declaration,
    definition,
    revocation_list,
    snapshot_certificate,
)
from network.exchange.envelope import Envelope, read_envelope, refused
from network.exchange.files import Kind, must_stand
from network.folders import OrgFolder, write

KINDS = {
    kind.type: kind
    for kind in (
        declaration.KIND,
        definition.KIND,
        channel_block.KIND,
        chaincode_program.KIND,
        config_update.KIND,
        config_signature.KIND,
        revocation_list.KIND,
        snapshot_certificate.KIND,
    )
}


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


def accept(folder: OrgFolder, consortium: Consortium, files: Mapping[str, bytes]) -> list[Accepted]:
    """Checks files that came from other organisations, given by where they came from, and puts them into the inbox: all
    or none. Raises NetworkError FILE_REFUSED with the reason, STEP_INPUT_MISSING when a sender's definition must come
    first, or what a kind refuses."""
    return take_in(folder, check(folder, consortium, files), files)


def check(folder: OrgFolder, consortium: Consortium, files: Mapping[str, bytes]) -> list[Envelope]:
    """Checks files as `accept` does, and takes none in. Raises the same errors."""
    envelopes = [read_envelope(data, source) for source, data in files.items()]
    definitions = {one.sender: one for one in envelopes if one.type == definition.TYPE}
    for envelope in envelopes:
        kind = kind_of(envelope)
        must_stand(kind, folder, consortium, envelope, definitions.get(envelope.sender))
    return envelopes


def take_in(folder: OrgFolder, checked: Sequence[Envelope], files: Mapping[str, bytes]) -> list[Accepted]:
    """Puts files into the inbox that `check` gave the envelopes of."""
    return [_take_in(folder, one, data) for one, data in zip(checked, files.values(), strict=True)]


def _take_in(folder: OrgFolder, envelope: Envelope, data: bytes) -> Accepted:
    file = folder.inbox / envelope.sender / kind_of(envelope).named(envelope)
    before = read_envelope(file.read_bytes(), str(file)) if file.is_file() else None
    known = before is not None and before.says_the_same(envelope)
    if not known:
        write(file, data)
    return Accepted(envelope, file, known, before is not None and not known)
