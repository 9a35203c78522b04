"""All configuration of a declaration as one set of files, without keys, folders or processes: for reading and
comparing.

What only a real network knows stands as a mark: a port that is picked shows as one counted up from 50000, a secret as
`<secret>`, a certificate by its file.
"""

from __future__ import annotations

from network.declaration.endpoints import Endpoints
from network.declaration.model import Consortium, Org, org_ports
from network.exchange.definition import definition_of
from network.rendering.authority import authority_configs
from network.rendering.builder import SCRIPTS
from network.rendering.channel import channel_config, msp_config
from network.rendering.orderer import orderer_config
from network.rendering.peer import client_config, peer_config

FIRST_SHOWN_PORT = 50_000
SECRET_MARK = "<secret>"


def preview(consortium: Consortium) -> dict[str, str]:
    """Gives the text of each file by its relative name."""
    files: dict[str, str] = {}
    definitions = []
    shown = FIRST_SHOWN_PORT
    for org in consortium.orgs:
        ports: dict[str, int] = {}
        for _, service, port in org_ports(org):
            ports[service] = port if isinstance(port, int) else shown
            shown += 1
        endpoints = org.endpoints(ports)
        of_org = _org_files(consortium, org, endpoints, org.listeners(ports))
        files |= {f"orgs/{org.name}/{name}": text for name, text in of_org.items()}
        definitions.append(definition_of(consortium, org, endpoints, orderer_certificates={}))
    operator = consortium.operators[0]
    files[f"orgs/{operator}/genesis/configtx.yaml"] = channel_config(consortium, definitions)
    return files


def _org_files(consortium: Consortium, org: Org, endpoints: Endpoints, listeners: Endpoints) -> dict[str, str]:
    files = {
        "client/core.yaml": client_config(),
        "msp/config.yaml": msp_config(),
    }
    authorities = authority_configs(org, endpoints, listeners, SECRET_MARK, SECRET_MARK)
    files |= {f"ca/{name}": text for name, text in authorities.items()}
    for peer in org.peers:
        files[f"nodes/{peer.name}/core.yaml"] = peer_config(consortium, org, peer, endpoints, listeners)
    for orderer in org.orderers:
        text = orderer_config(consortium, org, orderer, listeners)
        files[f"nodes/{orderer.name}/orderer.yaml"] = text
    if org.peers:
        files |= {f"builder/bin/{name}": script for name, script in SCRIPTS.items()}
    return files
