"""`definition.json`, in which an organisation makes itself known to the others: its MSP's public part and where its
nodes are reached."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from network.declaration.endpoints import Endpoints
from network.declaration.model import Consortium, Org
from network.errors import NetworkError
from network.folders import OrgFolder

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


def received_definitions(folder: OrgFolder, consortium: Consortium) -> list[OrgDefinition]:
    """Reads and checks the definitions that all organisations have sent, in the order of the declaration. Raises
    NetworkError STEP_INPUT_MISSING, DECLARATION_CHANGED when an organisation works by another declaration, or
    DEFINITION_REFUSED."""
    digest = folder.declaration_digest()
    definitions = []
    for org in consortium.orgs:
        text = folder.received(org.name, FILE).read_text(encoding="utf-8")
        try:
            definition = definition_from_json(text)
        except ValueError as error:
            raise NetworkError("DEFINITION_REFUSED", f"from {org.name}: {error}") from error
        if definition.declaration_digest != digest:
            raise NetworkError(
                "DECLARATION_CHANGED", f"{org.name} works by a declaration that differs from {folder.name}'s"
            )
        _must_be_as_declared(definition, consortium, org)
        definitions.append(definition)
    return definitions


def _must_be_as_declared(definition: OrgDefinition, consortium: Consortium, org: Org) -> None:
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
