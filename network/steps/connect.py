"""The org writes down what it knows of the network: `connection.json`, hfc's `profile.json`, and the roots of the
others."""

from __future__ import annotations

import json
from typing import Any

from network.connection import CREDENTIAL_STORE, NetworkConnection, load_org
from network.declaration.model import Consortium, Org
from network.exchange.definition import NodeDefinition, OrgDefinition
from network.folders import OrgFolder, write
from network.rendering.authority import identity_authority, tls_authority
from network.steps.genesis import network_id
from network.steps.publish import received_definitions


def connect(folder: OrgFolder, consortium: Consortium, org: Org) -> NetworkConnection:
    """Writes `connection.json` from the declaration, the definitions and the first block received, and reads it back."""
    definitions = received_definitions(folder, consortium)
    document = {
        "name": consortium.name,
        "channel": consortium.channel,
        "chaincode": consortium.chaincode,
        "network_id": network_id(folder, consortium),
        "time_zone": consortium.time_zone,
        "currency": consortium.currency.model_dump(),
        "endorsement_k": consortium.endorsement.k,
        "proposal_time_window_seconds": consortium.proposal_time_window // 1000,
        "replay": consortium.replay,
        "operators": list(consortium.operators),
        "orgs": [_org(folder, consortium, one, org if one.name == org.name else None) for one in definitions],
    }
    write(folder.connection, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    view = load_org(folder.root)
    (folder.root / CREDENTIAL_STORE).mkdir(mode=0o700, parents=True, exist_ok=True)
    write(folder.profile, json.dumps(view.profile(org.name), ensure_ascii=False, indent=2) + "\n")
    return view


def _org(folder: OrgFolder, consortium: Consortium, one: OrgDefinition, own: Org | None) -> dict[str, Any]:
    known = folder.root / "known" / one.name
    write(known / "ca.pem", one.root)
    write(known / "tlsca.pem", one.tls_root)
    tls_root = str((known / "tlsca.pem").relative_to(folder.root))

    def node(definition: NodeDefinition) -> dict[str, str]:
        return {
            "name": definition.tls_name,
            "address": definition.address,
            "tls_root": tls_root,
            "tls_name": definition.tls_name,
        }

    return {
        "name": one.name,
        "display_name": one.display_name,
        "msp_id": one.msp_id,
        "domain": one.domain,
        "peers": [node(peer) for peer in one.peers],
        "orderers": [node(orderer) for orderer in one.orderers],
        "chaincode_implementation": one.chaincode_implementation,
        "gateway_org": one.gateway_org,
        "identities": _identities(folder, own, consortium) if own else {},
        "authority": {
            "name": identity_authority(own),
            "tls_name": tls_authority(own),
            "url": f"https://127.0.0.1:{folder.read_ports()['ca']}",
            "tls_root": tls_root,
        }
        if own
        else None,
    }


def _identities(folder: OrgFolder, org: Org, consortium: Consortium) -> dict[str, dict[str, str]]:
    found = {}
    for name in ("admin", "gateway", *org.roles):
        msp = folder.identity_msp(name).relative_to(folder.root)
        found[name] = {
            "role": name,
            "certificate": str(msp / "signcerts/cert.pem"),
            "private_key": str(msp / "keystore/key.pem"),
        }
        if consortium.mutual_tls:
            tls = folder.identity_tls(name).relative_to(folder.root)
            found[name] |= {"tls_certificate": str(tls / "client.crt"), "tls_private_key": str(tls / "client.key")}
    return found
