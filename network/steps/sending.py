"""How steps put files into the organisation's outbox."""

from __future__ import annotations

from network.errors import NetworkError
from network.exchange.envelope import Envelope, read_envelope, seal
from network.folders import write
from network.participant import Participant


def is_sent(participant: Participant, name: str, envelope: Envelope) -> bool:
    """Says whether the file in the outbox says what `envelope` does. One that cannot be read says nothing."""
    file = participant.folder.outbox / name
    if not file.is_file():
        return False
    try:
        return read_envelope(file.read_bytes(), str(file)).says_the_same(envelope)
    except NetworkError:
        return False


def send(participant: Participant, name: str, envelope: Envelope) -> None:
    """Puts the file into the outbox, signed by the organisation's admin."""
    write(participant.folder.outbox / name, seal(participant.folder, envelope).to_json())
