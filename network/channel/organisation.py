"""An organisation as the channel's configuration describes it: its MSP with NodeOUs, its policies, its anchor peers."""

from __future__ import annotations

from typing import Any

from fabric_protos.common import configtx_pb2
from fabric_protos.msp import msp_config_pb2
from fabric_protos.peer import configuration_pb2

from network.channel.configuration import ANCHOR_PEERS, MSP
from network.channel.policies import Named, config_policy, signature_policy_of
from network.declaration.endpoints import parse_endpoint
from network.exchange.definition import OrgDefinition

ADMINS = "Admins"
MEMBER_ROLES = ("admin", "peer", "client", "orderer")


def organisation_group(definition: OrgDefinition) -> Any:
    """Gives the group of an organisation, as the channel's first block would hold it."""
    policies = {
        "Readers": MEMBER_ROLES,
        "Writers": MEMBER_ROLES,
        ADMINS: ("admin",),
        "Endorsement": ("peer",),
    }
    group = configtx_pb2.ConfigGroup(mod_policy=ADMINS)
    for name, roles in policies.items():
        named = Named(1, tuple((definition.msp_id, role) for role in roles))
        held = configtx_pb2.ConfigPolicy(policy=config_policy(signature_policy_of(named)), mod_policy=ADMINS)
        group.policies[name].CopyFrom(held)
    group.values[MSP].CopyFrom(value(msp_config(definition)))
    if definition.peers:
        group.values[ANCHOR_PEERS].CopyFrom(value(anchor_peers([peer.address for peer in definition.peers])))
    return group


def value(message: Any) -> Any:
    """Gives a message as a value of a configuration, which the organisation's own admins may change."""
    return configtx_pb2.ConfigValue(value=message.SerializeToString(), mod_policy=ADMINS)


def anchor_peers(addresses: list[str]) -> Any:
    """Gives the anchor peers at these addresses (`host:port`)."""
    found = [parse_endpoint(address) for address in addresses]
    nodes = [configuration_pb2.AnchorPeer(host=endpoint.host, port=endpoint.port) for endpoint in found]
    return configuration_pb2.AnchorPeers(anchor_peers=nodes)


def anchor_addresses(group: Any) -> list[str]:
    """Gives the addresses of the anchor peers in an organisation's group."""
    if ANCHOR_PEERS not in group.values:
        return []
    found = configuration_pb2.AnchorPeers.FromString(group.values[ANCHOR_PEERS].value).anchor_peers
    return [f"{one.host}:{one.port}" for one in found]


def msp_config(definition: OrgDefinition) -> Any:
    """Gives the MSP of an organisation: its two roots, and NodeOUs that tell clients, peers, admins and ordering nodes
    apart by certificate."""
    root, tls_root = definition.root.encode(), definition.tls_root.encode()
    units = {
        role: msp_config_pb2.FabricOUIdentifier(certificate=root, organizational_unit_identifier=role)
        for role in ("client", "peer", "admin", "orderer")
    }
    described = msp_config_pb2.FabricMSPConfig(
        name=definition.msp_id,
        root_certs=[root],
        tls_root_certs=[tls_root],
        crypto_config=msp_config_pb2.FabricCryptoConfig(
            signature_hash_family="SHA2", identity_identifier_hash_function="SHA256"
        ),
        fabric_node_ous=msp_config_pb2.FabricNodeOUs(
            enable=True,
            client_ou_identifier=units["client"],
            peer_ou_identifier=units["peer"],
            admin_ou_identifier=units["admin"],
            orderer_ou_identifier=units["orderer"],
        ),
    )
    return msp_config_pb2.MSPConfig(type=0, config=described.SerializeToString())
