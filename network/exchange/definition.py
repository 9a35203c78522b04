"""The file in which an org makes itself known to the others: its MSP's public part and where its nodes are reached."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = 2
ADDRESS = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}")


@dataclass(frozen=True)
class NodeDefinition:
    """A peer or orderer: `address` is host:port, `tls_name` a name in its TLS certificate, `certificate` that certificate
    (PEM) for an orderer, which the channel configuration pins, and empty for a peer."""

    name: str
    address: str
    tls_name: str
    certificate: str = ""


@dataclass(frozen=True)
class OrgDefinition:
    """What an org publishes. `root` is the certificate (PEM) of its authority for identities, `tls_root` that of its
    authority for TLS. `declaration_digest` is the SHA-256 of the declaration that the org works by: steps refuse to mix
    two."""

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
        """The file's text."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=2) + "\n"


def definition_from_json(text: str) -> OrgDefinition:
    """The definition in a file's text. Raises ValueError for another format or form."""
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
