"""`definition.json`, in which an organisation makes itself known to the others: its MSP's public part and where its
nodes are reached."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography import x509

from network.declaration.endpoints import Endpoints
from network.declaration.model import Consortium, Org
from network.errors import NetworkError
from network.exchange.envelope import Envelope, fingerprint, must_be_valid_now, read_envelope, refused, verify
from network.exchange.files import Kind, received
from network.folders import OrgFolder

TYPE = "definition"
FILE = "definition.json"
FORMAT = 2
ADDRESS = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}")


@dataclass(frozen=True)
class NodeDefinition:
    """A peer or orderer: `address` is host:port, `tls_name` a name in its TLS certificate, `certificate` that
    certificate (PEM) for an orderer, which the channel configuration pins, and empty for a peer."""

    name: str
    address: str
    tls_name: str
    certificate: str = ""


@dataclass(frozen=True)
class OrgDefinition:
    """What an organisation publishes. `root` is the certificate (PEM) of its authority for identities, `tls_root` that
    of its authority for TLS. `declaration_digest` is the SHA-256 of the declaration that the organisation works by:
    steps refuse to mix two."""

    name: str
    display_name: str
    msp_id: str
    domain: str
    root: str
    tls_root: str
    peers: tuple[NodeDefinition, ...]
    orderers: tuple[NodeDefinition, ...]
    chaincode_implementation: str
    gateway_org: str
    declaration_digest: str

    def to_json(self) -> str:
        """Gives the file's text."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=2) + "\n"


def definition_of(
    consortium: Consortium,
    org: Org,
    endpoints: Endpoints,
    *,
    root: str = "",
    tls_root: str = "",
    orderer_certificates: Mapping[str, str],
    declaration_digest: str = "",
) -> OrgDefinition:
    """Gives an organisation's definition from its declaration and `endpoints`. `orderer_certificates` are the TLS
    certificates (PEM) of its ordering nodes by their names."""

    def node(name: str) -> NodeDefinition:
        return NodeDefinition(name, str(endpoints[name]), f"{name}.{org.dns}", orderer_certificates.get(name, ""))

    return OrgDefinition(
        name=org.name,
        display_name=org.title,
        msp_id=org.msp,
        domain=org.dns,
        root=root,
        tls_root=tls_root,
        peers=tuple(node(peer.name) for peer in org.peers),
        orderers=tuple(node(orderer.name) for orderer in org.orderers),
        chaincode_implementation=org.chaincode.implementation if org.peers else "",
        gateway_org=consortium.gateway_org(org),
        declaration_digest=declaration_digest,
    )


def definition_from_json(text: str) -> OrgDefinition:
    """Reads the definition in a file's text. Raises ValueError for another format or form."""
    document: dict[str, Any] = json.loads(text)
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise ValueError(f"an org definition of format {FORMAT} was expected")
    try:
        for kind in ("peers", "orderers"):
            document[kind] = tuple(NodeDefinition(**node) for node in document[kind])
        definition = OrgDefinition(**document)
    except (KeyError, TypeError) as error:
        raise ValueError(f"an org definition has other fields: {error}") from error
    texts = {name: value for name, value in asdict(definition).items() if name not in ("peers", "orderers")}
    for number, node in enumerate((*definition.peers, *definition.orderers)):
        texts |= {f"node {number} {name}": value for name, value in asdict(node).items()}
        if not isinstance(node.address, str) or not ADDRESS.fullmatch(node.address):
            raise ValueError(f"node {number} address: host:port was expected")
    for name, value in texts.items():
        if not isinstance(value, str):
            raise ValueError(f"{name}: a text was expected")
    return definition


def received_definitions(
    folder: OrgFolder, consortium: Consortium, *, one_declaration: bool = False
) -> list[OrgDefinition]:
    """Reads and checks the definitions that all organisations have sent, in the order of the declaration; with
    `one_declaration` also that all work by this organisation's declaration, as those must who make a network. Raises
    NetworkError STEP_INPUT_MISSING, FILE_REFUSED, DECLARATION_CHANGED when an organisation works by another
    declaration, or DEFINITION_REFUSED."""
    definitions = []
    for org in consortium.orgs:
        definition = _read(received(folder, consortium, org.name, FILE, KIND))
        if one_declaration and definition.declaration_digest != folder.declaration_digest():
            raise NetworkError(
                "DECLARATION_CHANGED", f"{org.name} works by a declaration that differs from {folder.name}'s"
            )
        must_be_as_declared(definition, consortium, org)
        definitions.append(definition)
    return definitions


def read_definition(file: Path) -> tuple[Envelope, OrgDefinition]:
    """Reads the file of a definition, signed as its sender says. Raises NetworkError FILE_REFUSED or
    DEFINITION_REFUSED."""
    try:
        envelope = read_envelope(file.read_bytes(), str(file))
    except OSError as error:
        raise refused(str(file), f"it cannot be read: {error.strerror}") from error
    if envelope.type != TYPE:
        raise refused(str(file), f"it is a {envelope.type:.80}, a {TYPE} was expected")
    found = _read(envelope)
    verify(envelope, found.root)
    return envelope, found


def _read(envelope: Envelope) -> OrgDefinition:
    try:
        return definition_from_json(envelope.text)
    except ValueError as error:
        raise NetworkError("DEFINITION_REFUSED", f"from {envelope.sender}: {error}") from error


def _check(folder: OrgFolder, consortium: Consortium, envelope: Envelope) -> None:
    """Checks the certificates, that the sender speaks of itself, and as the declaration has it where it is declared.
    Raises NetworkError DEFINITION_REFUSED or FILE_REFUSED."""
    definition = _read(envelope)
    if definition.name != envelope.sender:
        raise NetworkError("DEFINITION_REFUSED", f"from {envelope.sender}: name is {definition.name!r:.80}")
    named = {"its root certificate": definition.root, "its root certificate for TLS": definition.tls_root}
    named |= {f"the TLS certificate of {node.name}": node.certificate for node in definition.orderers}
    for what, pem in named.items():
        try:
            certificate = x509.load_pem_x509_certificate(pem.encode())
        except ValueError as error:
            raise NetworkError("DEFINITION_REFUSED", f"from {envelope.sender}: {what} cannot be read") from error
        must_be_valid_now(certificate, envelope.sender, what)
    declared = next((org for org in consortium.orgs if org.name == envelope.sender), None)
    if declared is not None:
        must_be_as_declared(definition, consortium, declared)


def _words(envelope: Envelope) -> list[str]:
    one = _read(envelope)
    lines = [
        f"{one.name} ({one.display_name}) makes itself known: MSP {one.msp_id}, domain {one.domain}",
        f"root certificate for identities: SHA-256 {fingerprint(one.root)}",
        f"root certificate for TLS: SHA-256 {fingerprint(one.tls_root)}",
        "ask somebody whom you know there whether these two are theirs, before you accept",
    ]
    lines += [f"peer {node.tls_name} at {node.address}" for node in one.peers]
    lines += [f"ordering node {node.tls_name} at {node.address}" for node in one.orderers]
    lines.append(f"it works by the declaration with SHA-256 {one.declaration_digest}")
    return lines


def must_be_as_declared(definition: OrgDefinition, consortium: Consortium, org: Org) -> None:
    """Raises NetworkError DEFINITION_REFUSED when an organisation says of itself what the declaration does not: one
    that gave another's name or MSP id would put its own root certificate in that one's place."""
    expected = {
        "name": org.name,
        "display_name": org.title,
        "msp_id": org.msp,
        "domain": org.dns,
        "peers": [(peer.name, f"{peer.name}.{org.dns}") for peer in org.peers],
        "orderers": [(one.name, f"{one.name}.{org.dns}") for one in org.orderers],
        "chaincode_implementation": org.chaincode.implementation if org.peers else "",
        "gateway_org": consortium.gateway_org(org),
    }
    said = {name: getattr(definition, name) for name in expected}
    said |= {kind: [(node.name, node.tls_name) for node in said[kind]] for kind in ("peers", "orderers")}
    for field, value in expected.items():
        if said[field] != value:
            raise NetworkError(
                "DEFINITION_REFUSED", f"from {org.name}: {field} is {said[field]!r:.200}, declared is {value!r:.200}"
            )


def sender_root(folder: OrgFolder, envelope: Envelope, definition: Envelope | None) -> str:
    """Gives the root certificate (PEM) of a file's sender, from the definition that came with it or before. Raises NetworkError
    STEP_INPUT_MISSING when none has come, FILE_REFUSED or DEFINITION_REFUSED."""
    if definition is not None:
        return _read(definition).root
    file = folder.received(envelope.sender, FILE)
    return _read(read_envelope(file.read_bytes(), f"{FILE} from {envelope.sender}")).root


KIND = Kind(TYPE, lambda envelope: FILE, lambda folder, envelope, _: _read(envelope).root, _words, _check)
"""Anybody can send a definition: its signature says that the sender holds the key of an admin under the root
certificate in it, and people compare that root's fingerprint."""
