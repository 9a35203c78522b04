"""`declaration.json`, a revised declaration that the first operator sends to all: who accepts it works by it from then
on."""

from __future__ import annotations

from network.declaration import parse
from network.declaration.model import Consortium
from network.errors import DeclarationError
from network.exchange.definition import sender_root
from network.exchange.envelope import Envelope, refused
from network.exchange.files import Kind
from network.folders import OrgFolder

TYPE = "declaration"
FILE = "declaration.json"


def declaration_from(envelope: Envelope) -> Consortium:
    """Reads the payload. Raises NetworkError FILE_REFUSED for one with faults."""
    try:
        return parse(envelope.text, FILE)
    except DeclarationError as error:
        raise refused(envelope.sender, f"its declaration has faults: {error.detail}") from error


def _check(folder: OrgFolder, consortium: Consortium, envelope: Envelope) -> None:
    if envelope.sender != consortium.operators[0]:
        raise refused(envelope.sender, f"a declaration is revised by {consortium.operators[0]}, the first operator")
    declaration_from(envelope)


def _words(envelope: Envelope) -> list[str]:
    revised = declaration_from(envelope)
    named = ", ".join(f"{org.name} ({org.title})" for org in revised.orgs)
    return [
        f"a revised declaration: organisations {named}; {revised.endorsement_k} merchants must endorse",
        "whoever accepts it works by it from then on; what changes is told by `jifen org explain` with --folder",
    ]


KIND = Kind(TYPE, lambda envelope: FILE, sender_root, _words, _check)
