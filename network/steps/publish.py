"""The org makes itself known: its definition goes into its outbox."""

from __future__ import annotations

from network.declaration.model import Consortium, Org
from network.errors import NetworkError
from network.exchange.definition import NodeDefinition, OrgDefinition, definition_from_json
from network.folders import OrgFolder, write
from network.rendering.channel import ROOT_FILE, TLS_ROOT_FILE

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
        tls_root=(folder.msp / TLS_ROOT_FILE).read_text(encoding="ascii"),
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
    """The definitions of all orgs, as received, in the order of the declaration. Raises NetworkError STEP_INPUT_MISSING,
    DECLARATION_CHANGED when an org works by another declaration, or DEFINITION_REFUSED."""
    digest = folder.declaration_digest()
    definitions = []
    for org in consortium.orgs:
        text = folder.received(org.name, DEFINITION_FILE).read_text(encoding="utf-8")
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
    """Raises NetworkError DEFINITION_REFUSED when an org says of itself what the declaration does not: an org that gave
    another's name or MSP id would put its own root certificate in that org's place."""
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
