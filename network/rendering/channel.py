"""configtx.yaml: the channel's first configuration, and the folders that an org's MSP definition is written to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from network.declaration.endpoints import parse_endpoint
from network.declaration.model import Consortium
from network.declaration.policies import majority, out_of
from network.exchange.definition import OrgDefinition
from network.rendering.text import milliseconds, yaml_text

PROFILE = "Jifen"
ROOT_FILE = "cacerts/ca.pem"
TLS_ROOT_FILE = "tlscacerts/tlsca.pem"


def msp_config() -> str:
    """Gives config.yaml of an MSP folder: NodeOUs tell clients, peers, admins and orderers apart by certificate."""
    unit = {"Certificate": ROOT_FILE}
    return yaml_text(
        {
            "NodeOUs": {
                "Enable": True,
                "ClientOUIdentifier": {**unit, "OrganizationalUnitIdentifier": "client"},
                "PeerOUIdentifier": {**unit, "OrganizationalUnitIdentifier": "peer"},
                "AdminOUIdentifier": {**unit, "OrganizationalUnitIdentifier": "admin"},
                "OrdererOUIdentifier": {**unit, "OrganizationalUnitIdentifier": "orderer"},
            }
        }
    )


def channel_config(consortium: Consortium, definitions: Sequence[OrgDefinition]) -> str:
    """Gives configtx.yaml, beside which `<org>/msp` and `<org>/<orderer>.crt` lie. Every org is in the application
    group, the orgs with orderers are in the orderer group too; anchor peers stand in it from the first block on, for
    without them the peers of different orgs do not see each other."""
    merchants = [one.msp_id for one in definitions if one.peers]
    anybody = out_of(1, [one.msp_id for one in definitions], "member")
    ordering = [one for one in definitions if one.orderers]
    application = {
        "Capabilities": {"V2_5": True},
        "Organizations": [_org(one, anchors=True) for one in definitions],
        "Policies": {
            **_implicit(),
            "Readers": _signature(anybody),
            "Writers": _signature(anybody),
            "Endorsement": _signature(out_of(consortium.endorsement_k, merchants)),
            "LifecycleEndorsement": _signature(out_of(majority(len(merchants)), merchants)),
        },
    }
    return yaml_text(
        {
            "Profiles": {
                PROFILE: {
                    "Capabilities": {"V3_0": True},
                    "Policies": _implicit(),
                    "Orderer": _orderer(consortium, ordering),
                    "Application": application,
                }
            }
        }
    )


def _orderer(consortium: Consortium, ordering: Sequence[OrgDefinition]) -> dict[str, Any]:
    nodes = [(one, node, parse_endpoint(node.address)) for one in ordering for node in one.orderers]
    consenters = [
        {
            "Host": endpoint.host,
            "Port": endpoint.port,
            "ClientTLSCert": f"{one.name}/{node.name}.crt",
            "ServerTLSCert": f"{one.name}/{node.name}.crt",
        }
        for one, node, endpoint in nodes
    ]
    batch = consortium.batch
    return {
        "OrdererType": "etcdraft",
        "BatchTimeout": milliseconds(batch.timeout),
        "BatchSize": {
            "MaxMessageCount": batch.messages_max,
            "AbsoluteMaxBytes": batch.absolute_bytes,
            "PreferredMaxBytes": batch.preferred_bytes,
        },
        "EtcdRaft": {
            "Consenters": consenters,
            "Options": {
                # A lone node has nobody to wait for: a short tick makes it leader again a second after a restart.
                "TickInterval": "100ms" if len(nodes) == 1 else "500ms",
                "ElectionTick": 10,
                "HeartbeatTick": 1,
                "MaxInflightBlocks": 5,
                "SnapshotIntervalSize": "64 MB",
            },
        },
        "Organizations": [_org(one, anchors=False) for one in ordering],
        "Capabilities": {"V2_0": True},
        # Only an ordering node seals blocks; "ANY Writers" would let each client of the ordering orgs.
        "Policies": {
            **_implicit(),
            "BlockValidation": _signature(out_of(1, [one.msp_id for one in ordering], "orderer")),
        },
    }


def _org(one: OrgDefinition, *, anchors: bool) -> dict[str, Any]:
    msp = one.msp_id
    members = f"'{msp}.admin', '{msp}.peer', '{msp}.client', '{msp}.orderer'"
    org: dict[str, Any] = {
        "Name": msp,
        "ID": msp,
        "MSPDir": f"{one.name}/msp",
        "Policies": {
            "Readers": _signature(f"OR({members})"),
            "Writers": _signature(f"OR({members})"),
            "Admins": _signature(f"OR('{msp}.admin')"),
            "Endorsement": _signature(f"OR('{msp}.peer')"),
        },
    }
    if one.orderers:
        org["OrdererEndpoints"] = [node.address for node in one.orderers]
    if anchors and one.peers:
        anchored = [parse_endpoint(peer.address) for peer in one.peers]
        org["AnchorPeers"] = [{"Host": endpoint.host, "Port": endpoint.port} for endpoint in anchored]
    return org


def _implicit() -> dict[str, Any]:
    return {
        "Readers": {"Type": "ImplicitMeta", "Rule": "ANY Readers"},
        "Writers": {"Type": "ImplicitMeta", "Rule": "ANY Writers"},
        "Admins": {"Type": "ImplicitMeta", "Rule": "MAJORITY Admins"},
    }


def _signature(rule: str) -> dict[str, str]:
    return {"Type": "Signature", "Rule": rule}
