"""All configuration of a declaration as one set of files, without keys, folders or processes: for reading and comparing.

What only a real network knows stands as a mark: a port that is picked shows as one counted up from 50000, a secret as
`<secret>`, a certificate by its file.
"""

from __future__ import annotations

from network.declaration.model import Consortium, Org, org_ports
from network.exchange.definition import NodeDefinition, OrgDefinition
from network.rendering.authority import authority_configs
from network.rendering.builder import SCRIPTS
from network.rendering.channel import channel_config, msp_config
from network.rendering.orderer import orderer_config
from network.rendering.peer import client_config, peer_config

FIRST_SHOWN_PORT = 50_000
SECRET_MARK = "<secret>"


def preview(consortium: Consortium) -> dict[str, str]:
    """File name (relative) to text."""
    files: dict[str, str] = {}
    definitions = []
    shown = FIRST_SHOWN_PORT
    for org in consortium.orgs:
        ports: dict[str, int] = {}
        for _, service, port in org_ports(org):
            ports[service] = port if isinstance(port, int) else shown
            shown += 1
        files |= {f"orgs/{org.name}/{name}": text for name, text in _org_files(consortium, org, ports).items()}
        definitions.append(_definition(consortium, org, ports))
    operator = consortium.operators[0]
    files[f"orgs/{operator}/genesis/configtx.yaml"] = channel_config(consortium, definitions)
    return files


def _org_files(consortium: Consortium, org: Org, ports: dict[str, int]) -> dict[str, str]:
    files = {
        "client/core.yaml": client_config(),
        "msp/config.yaml": msp_config(),
    }
    authorities = authority_configs(org, ports, "registrar", SECRET_MARK, SECRET_MARK)
    files |= {f"ca/{name}": text for name, text in authorities.items()}
    for peer in org.peers:
        files[f"nodes/{peer.name}/core.yaml"] = peer_config(consortium, org, peer, ports)
    for orderer in org.orderers:
        text = orderer_config(consortium, org, orderer, ports)
        files[f"nodes/{orderer.name}/orderer.yaml"] = text
    if org.peers:
        files |= {f"builder/bin/{name}": script for name, script in SCRIPTS.items()}
    return files


def _definition(consortium: Consortium, org: Org, ports: dict[str, int]) -> OrgDefinition:
    def node(name: str) -> NodeDefinition:
        return NodeDefinition(name, f"127.0.0.1:{ports[name]}", f"{name}.{org.dns}")

    return OrgDefinition(
        name=org.name,
        display_name=org.title,
        msp_id=org.msp,
        domain=org.dns,
        root="",
        tls_root="",
        peers=tuple(node(peer.name) for peer in org.peers),
        orderers=tuple(node(orderer.name) for orderer in org.orderers),
        chaincode_implementation=org.chaincode.implementation if org.peers else "",
        gateway_org=consortium.gateway_org(org),
        declaration_digest="",
    )
