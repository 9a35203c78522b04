"""What a program needs in order to use a running network: addresses, TLS roots, identities, the facts of the channel.

`load(folder)` reads the folder of a network that runs on this machine and gives every org in it, each with its
identities; or an org's own folder. `load_org(folder)` reads the folder of one org alone: what that org knows. Its own
identities are there, the other orgs' are not, and its peers' and orderers' addresses are those that the others
published.

Nothing here holds a secret: identities are paths to PEM files inside the org's own folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from network.errors import NetworkError

CONNECTION_FILE = "connection.json"
NETWORK_FILE = "network.json"
PROFILE_FILE = "profile.json"
SNAPSHOT_FILE = Path("known") / "snapshot.json"
CREDENTIAL_STORE = Path("client") / "hfc"


@dataclass(frozen=True)
class NodeConnection:
    """A peer or an orderer: `address` is `host:port`; `tls_root` the PEM file of the CA that signed its TLS
    certificate; `tls_name` a name in that certificate (for `grpc.ssl_target_name_override`)."""

    name: str
    msp_id: str
    address: str
    tls_root: Path
    tls_name: str


@dataclass(frozen=True)
class TlsPair:
    """A TLS certificate and its key, as PEM files."""

    certificate: Path
    private_key: Path


@dataclass(frozen=True)
class IdentityConnection:
    """A Fabric identity: `role` is the attribute `jifen.role`, or `admin` for the NodeOU admin; the files are PEM.
    `tls` is what it shows to peers and orderers that ask clients for a TLS certificate, None in a network whose do
    not."""

    name: str
    msp_id: str
    role: str
    certificate: Path
    private_key: Path
    tls: TlsPair | None = None


@dataclass(frozen=True)
class AuthorityConnection:
    """An org's certificate authorities, two behind one `url` (https): `name` signs identities, `tls_name` TLS
    certificates. `tls_root` is the PEM file to verify the server with."""

    name: str
    tls_name: str
    url: str
    tls_root: Path


@dataclass(frozen=True)
class SnapshotConnection:
    """What an org's peers began with: the first block that they have is number `height`; `certified_by` are the orgs that
    vouched for everything before, `last_block_hash` is the hash of the block before in hex."""

    height: int
    last_block_hash: str
    certified_by: tuple[str, ...]


@dataclass(frozen=True)
class OrgConnection:
    """One org. `merchant` says that it has peers of its own (and so endorses). `identities` is empty where the files
    are not on this machine. `chaincode_implementation` is `go` or `python`, empty for an org without a peer."""

    name: str
    display_name: str
    msp_id: str
    domain: str
    merchant: bool
    folder: Path | None
    peers: tuple[NodeConnection, ...]
    orderers: tuple[NodeConnection, ...]
    identities: Mapping[str, IdentityConnection]
    authority: AuthorityConnection | None
    chaincode_implementation: str
    gateway_org: str
    begun_with: SnapshotConnection | None = None
    """The snapshot with which its peers began; None where they have every block, or where its files are elsewhere."""

    def identity(self, name: str) -> IdentityConnection:
        """Gives the identity `name` (`admin`, `gateway`, …). Raises KeyError with the names there are."""
        if name not in self.identities:
            raise KeyError(
                f"org {self.name} has no identity {name} here; it has {', '.join(self.identities) or 'none'}"
            )
        return self.identities[name]


@dataclass(frozen=True)
class Currency:
    """The settlement currency: ISO 4217 code, and how many millionths of its unit one minor unit is (fen: 10,000)."""

    code: str
    minor_unit_millionths: int


@dataclass(frozen=True)
class NetworkConnection:
    """A network as seen from `folder`. `network_id` is the hash of the channel's first block in hex; `endorsement_k` is
    k of OutOf(k, every merchant org's peer); `replay` says that peers accept transaction timestamps far from their
    clock (`proposal_time_window_seconds` is the exact figure)."""

    name: str
    folder: Path
    channel: str
    chaincode: str
    network_id: str
    time_zone: str
    currency: Currency
    endorsement_k: int
    proposal_time_window_seconds: int
    replay: bool
    orgs: Mapping[str, OrgConnection]
    orderers: tuple[NodeConnection, ...]
    operators: tuple[str, ...] = field(default=())

    @property
    def merchants(self) -> tuple[OrgConnection, ...]:
        """Gives the orgs that have peers, in the order of the declaration."""
        return tuple(org for org in self.orgs.values() if org.merchant)

    @property
    def peers(self) -> tuple[NodeConnection, ...]:
        """Gives all peers, in the order of the declaration."""
        return tuple(peer for org in self.orgs.values() for peer in org.peers)

    def org(self, name: str) -> OrgConnection:
        """Gives the org called `name` (or with that MSP id). Raises KeyError with the names there are."""
        for org in self.orgs.values():
            if name in (org.name, org.msp_id):
                return org
        raise KeyError(f"no org {name}; there are {', '.join(self.orgs)}")

    def gateway_peer(self, org_name: str) -> NodeConnection:
        """Gives the peer whose Gateway service the org uses first."""
        return self.gateway_peers(org_name)[0]

    def gateway_peers(self, org_name: str) -> tuple[NodeConnection, ...]:
        """Gives the peers that serve the org, the first one before the others: its own, else those of its declared
        `gateway_org`."""
        org = self.org(org_name)
        return org.peers or self.org(org.gateway_org).peers

    def profile(self, org_name: str | None = None, identity_name: str = "gateway") -> dict[str, Any]:
        """Gives the connection profile that hfc's `Client(net_profile=…)` reads, as seen by one org, or by all. Where
        nodes ask clients for a TLS certificate it names that of the first org's `identity_name`."""
        seen = [self.org(org_name)] if org_name else list(self.orgs.values())
        identity = seen[0].identities.get(identity_name)
        tls = identity.tls if identity else None
        organizations = {
            org.name: {
                "mspid": org.msp_id,
                "peers": [peer.name for peer in org.peers],
                "orderers": [orderer.name for orderer in org.orderers],
                "certificateAuthorities": [org.authority.name] if org in seen and org.authority else [],
                "users": {
                    identity.name: {"cert": str(identity.certificate), "private_key": str(identity.private_key)}
                    for identity in (org.identities.values() if org in seen else ())
                },
            }
            for org in self.orgs.values()
        }
        authorities = {
            org.authority.name: {
                "url": org.authority.url,
                "caName": org.authority.name,
                "tlsCACerts": {"path": str(org.authority.tls_root)},
            }
            for org in seen
            if org.authority
        }
        # hfc writes the users' keys there as well, for everybody to read; the steps make the folder, and let its owner
        # alone in.
        store = (seen[0].folder or self.folder) / CREDENTIAL_STORE
        client = {"organization": seen[0].name, "credentialStore": {"path": str(store)}}
        return {
            "name": self.name,
            "version": "1.0",
            "client": client,
            "organizations": organizations,
            "orderers": {node.name: _profile_node(node, tls) for node in self.orderers},
            "peers": {node.name: _profile_node(node, tls) for node in self.peers},
            "certificateAuthorities": authorities,
        }


def load(folder: Path | str) -> NetworkConnection:
    """Reads the network in `folder`, with every org whose folder lies in it; of an org's own folder, what that org
    knows. Raises NetworkError NETWORK_NOT_FOUND when there is none, NETWORK_NOT_READY when it was never wholly up."""
    root = Path(folder).resolve()
    if (root / CONNECTION_FILE).is_file():
        return load_org(root)
    if not (root / NETWORK_FILE).is_file():
        raise NetworkError("NETWORK_NOT_FOUND", f"{root} holds no network; `jifen network up` makes one")
    names: list[str] = json.loads((root / NETWORK_FILE).read_text(encoding="utf-8"))["orgs"]
    views = {name: load_org(root / "orgs" / name) for name in names}
    first = next(iter(views.values()))
    orgs = {name: view.orgs[name] for name, view in views.items()}
    orderers = tuple(node for org in orgs.values() for node in org.orderers)
    return NetworkConnection(**{**vars(first), "folder": root, "orgs": orgs, "orderers": orderers})


def load_org(folder: Path | str) -> NetworkConnection:
    """Reads the network as the org knows it whose own folder this is. Raises NetworkError NETWORK_NOT_READY when the
    org's steps have not come to the end."""
    root = Path(folder).resolve()
    file = root / CONNECTION_FILE
    if not file.is_file():
        raise NetworkError("NETWORK_NOT_READY", f"{root} has no {CONNECTION_FILE}: its steps have not come to the end")
    return connection_of(root, json.loads(file.read_text(encoding="utf-8")))


def connection_of(root: Path, document: Mapping[str, Any]) -> NetworkConnection:
    """Gives the network that the content of a `connection.json` in `root` describes."""
    orgs = {item["name"]: _org(root, item) for item in document["orgs"]}
    return NetworkConnection(
        name=document["name"],
        folder=root,
        channel=document["channel"],
        chaincode=document["chaincode"],
        network_id=document["network_id"],
        time_zone=document["time_zone"],
        currency=Currency(**document["currency"]),
        endorsement_k=document["endorsement_k"],
        proposal_time_window_seconds=document["proposal_time_window_seconds"],
        replay=document["replay"],
        orgs=orgs,
        orderers=tuple(node for org in orgs.values() for node in org.orderers),
        operators=tuple(document["operators"]),
    )


def _org(root: Path, item: dict[str, Any]) -> OrgConnection:
    identities = {
        name: IdentityConnection(
            name,
            item["msp_id"],
            one["role"],
            root / one["certificate"],
            root / one["private_key"],
            TlsPair(root / one["tls_certificate"], root / one["tls_private_key"]) if "tls_certificate" in one else None,
        )
        for name, one in item["identities"].items()
    }
    authority = item["authority"]
    return OrgConnection(
        name=item["name"],
        display_name=item["display_name"],
        msp_id=item["msp_id"],
        domain=item["domain"],
        merchant=bool(item["peers"]),
        folder=root if identities else None,
        peers=tuple(_node(root, item["msp_id"], one) for one in item["peers"]),
        orderers=tuple(_node(root, item["msp_id"], one) for one in item["orderers"]),
        identities=identities,
        authority=AuthorityConnection(
            authority["name"], authority["tls_name"], authority["url"], root / authority["tls_root"]
        )
        if authority
        else None,
        chaincode_implementation=item["chaincode_implementation"],
        gateway_org=item["gateway_org"],
        begun_with=_snapshot(root / SNAPSHOT_FILE) if identities else None,
    )


def _snapshot(file: Path) -> SnapshotConnection | None:
    if not file.is_file():
        return None
    noted = json.loads(file.read_text(encoding="utf-8"))
    return SnapshotConnection(noted["height"], noted["last_block_hash"], tuple(noted["certified_by"]))


def _node(root: Path, msp_id: str, one: dict[str, str]) -> NodeConnection:
    return NodeConnection(one["name"], msp_id, one["address"], root / one["tls_root"], one["tls_name"])


def _profile_node(node: NodeConnection, tls: TlsPair | None) -> dict[str, Any]:
    shown = {"clientCert": {"path": str(tls.certificate)}, "clientKey": {"path": str(tls.private_key)}} if tls else {}
    return {
        "url": node.address,
        "grpcOptions": {"grpc.ssl_target_name_override": node.tls_name, "grpc.max_send_message_length": 100 << 20},
        "tlsCACerts": {"path": str(node.tls_root)},
        **shown,
    }
