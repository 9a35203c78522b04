"""What a kind of file that passes between organisations is, and how a file that came is read: checked each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from network.declaration.model import Consortium
from network.exchange.envelope import Envelope, read_envelope, refused, verify
from network.folders import OrgFolder


@dataclass(frozen=True)
class Kind:
    """One kind of file. `named` gives the name under which it lies in an outbox and an inbox; `root_of` the root
    certificate (PEM) that its sender's admin must have, with the sender's definition where that came together
    with the file; `words` says in lines what is in it; `check` raises
    NetworkError for one that is not as it must be."""

    type: str
    named: Callable[[Envelope], str]
    root_of: Callable[[OrgFolder, Envelope, Envelope | None], str]
    words: Callable[[Envelope], list[str]]
    check: Callable[[OrgFolder, Consortium, Envelope], None]


def received(folder: OrgFolder, consortium: Consortium, sender: str, name: str, kind: Kind) -> Envelope:
    """Gives the file `name` that `sender` sent, checked. Raises NetworkError STEP_INPUT_MISSING, FILE_REFUSED, or what
    the kind refuses."""
    source = f"{name} from {sender}"
    envelope = read_envelope(folder.received(sender, name).read_bytes(), source)
    if envelope.sender != sender:
        raise refused(source, f"it says that it comes from {envelope.sender}")
    if envelope.type != kind.type or kind.named(envelope) != name:
        raise refused(source, f"it is a {envelope.type:.80}, a {kind.type} was expected")
    must_stand(kind, folder, consortium, envelope)
    return envelope


def must_stand(
    kind: Kind,
    folder: OrgFolder,
    consortium: Consortium,
    envelope: Envelope,
    definition: Envelope | None = None,
) -> None:
    """Raises NetworkError unless the file is for this channel and network, signed by its sender, and as its kind must
    be. `definition` is the sender's where it came together with the file."""
    if envelope.channel != consortium.channel:
        raise refused(envelope.sender, f"it is for channel {envelope.channel!r:.80}; ours is {consortium.channel}")
    own = folder.network_id
    if own and envelope.network_id and envelope.network_id != own:
        raise refused(envelope.sender, f"it is for the network {envelope.network_id:.64}; ours is {own}")
    verify(envelope, kind.root_of(folder, envelope, definition))
    kind.check(folder, consortium, envelope)
