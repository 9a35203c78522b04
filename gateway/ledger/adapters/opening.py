"""Opens the adapter that a name asks for, for one identity of one organisation of a network."""

from __future__ import annotations

from chaincode.spec.kernel.signatures import SigningPlace
from gateway.ledger.adapters.endorsers import Endorsers
from gateway.ledger.adapters.fabric import FabricLedger
from gateway.ledger.adapters.hfc import HfcLedger
from gateway.ledger.adapters.hfc_access import HfcAccess
from gateway.ledger.adapters.peer_ledger import Patience, PeerLedger
from gateway.ledger.adapters.signing import read_identity
from gateway.ledger.port import Ledger
from network.connection import NetworkConnection

ADAPTERS = ("fabric", "hfc")


def open_ledger(
    adapter: str,
    network: NetworkConnection,
    org_name: str,
    *,
    identity_name: str = "gateway",
    patience: Patience | None = None,
) -> Ledger:
    """A ledger on the network, used as `identity_name` of the organisation. To be called inside the event loop that
    uses it.

    `adapter` is one of ADAPTERS; connections are opened with the first call. Raises KeyError for an unknown
    organisation or identity, OSError when a PEM file cannot be read, ValueError for another adapter.
    """
    if adapter not in ADAPTERS:
        raise ValueError(f"no adapter {adapter}; there are {', '.join(ADAPTERS)}")
    org = network.org(org_name)
    connection = org.identity(identity_name)
    identity = read_identity(connection)
    place = SigningPlace(network.channel, network.chaincode, network.network_id)
    access = HfcAccess(network, org, identity_name)
    snapshot = network.org(network.gateway_peer(org.name).msp_id).begun_with
    begun_at = snapshot.height if snapshot else 0
    if adapter == "fabric":
        peers = network.gateway_peers(org.name)
        merchants = [merchant.msp_id for merchant in network.merchants]
        return FabricLedger(
            peers=peers,
            endorsers=Endorsers(peers[0].msp_id, merchants, network.endorsement_k),
            identity=identity,
            access=access,
            place=place,
            patience=patience,
            tls=connection.tls,
            begun_at=begun_at,
        )
    return HfcLedger(
        access=access,
        identity=identity,
        place=place,
        endorsements=network.endorsement_k,
        patience=patience,
        tls=connection.tls,
        begun_at=begun_at,
    )


def renew(ledger: Ledger, network: NetworkConnection, org_name: str, identity_name: str) -> None:
    """Has a ledger that was opened for this identity go on with the network as it is now. To be called inside the event
    loop that uses it. Raises ValueError where the organisation's own peers are others than before, KeyError and OSError
    as `open_ledger`."""
    assert isinstance(ledger, PeerLedger), "an embedded ledger is on no network"
    access = HfcAccess(network, network.org(org_name), identity_name)
    ledger.renew(access, [merchant.msp_id for merchant in network.merchants], network.endorsement_k)
