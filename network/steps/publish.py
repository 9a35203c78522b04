"""The org makes itself known: its definition goes into its outbox."""

from __future__ import annotations

from network.declaration.model import Consortium, Org
from network.definition import NodeDefinition, OrgDefinition, definition_from_json
from network.errors import NetworkError
from network.folders import OrgFolder, write
from network.rendering.channel import ROOT_FILE

DEFINITION_FILE = "definition.json"


def publish(folder: OrgFolder, consortium: Consortium, org: Org) -> None:
    """Writes the org's definition into its outbox. The org must be enrolled."""
    ports = folder.read_ports()

    def node(name: str, certificate: str) -> NodeDefinition:
        return NodeDefinition(name, f"127.0.0.1:{ports[name]}", f"{name}.{org.dns}", certificate)

    definition = OrgDefinition(
        name=org.name,
        display_name=org.title,
        msp_id=org.msp,
        domain=org.dns,
        root=(folder.msp / ROOT_FILE).read_text(encoding="ascii"),
        peers=tuple(node(peer.name, "") for peer in org.peers),
        orderers=tuple(
            node(one.name, (folder.node(one.name) / "tls/server.crt").read_text(encoding="ascii"))
            for one in org.orderers
        ),
        chaincode_implementation=org.chaincode.implementation if org.peers else "",
        gateway_org=consortium.gateway_org(org),
        declaration_digest=folder.declaration_digest(),
    )
    write(folder.outbox / DEFINITION_FILE, definition.to_json())


def received_definitions(folder: OrgFolder, consortium: Consortium) -> list[OrgDefinition]:
    """The definitions of all orgs, as received, in the order of the declaration. Raises NetworkError STEP_INPUT_MISSING, or
    DECLARATION_CHANGED when an org works by another declaration."""
    digest = folder.declaration_digest()
    definitions = []
    for org in consortium.orgs:
        text = folder.received(org.name, DEFINITION_FILE).read_text(encoding="utf-8")
        definition = definition_from_json(text)
        if definition.declaration_digest != digest:
            raise NetworkError(
                "DECLARATION_CHANGED", f"{org.name} works by a declaration that differs from {folder.name}'s"
            )
        definitions.append(definition)
    return definitions
