"""hfc's objects for one identity of one organisation: its user, peers and orderers, from the connection profile.

hfc's `Client` keeps the state of the running call on itself, so two calls in flight mix. What is used here instead are
its parts below the client (`Peer`, `Orderer`, `User`, `Channel`, `TXContext`), which keep nothing of a call: each call
has a transaction context of its own.
"""

from __future__ import annotations

from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset import rwset_pb2  # noqa: F401  (loaded before hfc, whose twins are bound to it)
from fabric_protos.peer import chaincode_pb2, proposal_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.ledger.adapters.channels import CHANNEL_OPTIONS
from network import hfc
from network.connection import NetworkConnection, OrgConnection


class MemoryStore:
    """Where hfc would keep a user between runs. It keeps nothing: the key stays in the organisation's own folder."""

    def get_value(self, key: str) -> None:
        """Nothing was kept."""

    def set_value(self, key: str, value: object) -> None:
        """Nothing is kept."""


class HfcAccess:
    """hfc for one identity. `own_peers` are those that serve the organisation, `other_organisations` lists the peers of
    each of the others that endorse; `replay` says that peers take any date. To be made inside the event loop that uses
    it. Raises OSError when a PEM file cannot be read."""

    def __init__(self, network: NetworkConnection, org: OrgConnection, identity_name: str) -> None:
        profile = network.profile(org.name, identity_name)
        self._parts = parts = hfc.parts()
        self.utils: Any = parts.utils
        self.channel: Any = parts.Channel(network.channel, None)
        self._channel_name = network.channel
        self.replay = network.replay
        self.time_window_seconds = network.proposal_time_window_seconds
        self.peers = {name: self._node(parts.Peer, name, info) for name, info in profile["peers"].items()}
        self.orderers = {name: self._node(parts.Orderer, name, info) for name, info in profile["orderers"].items()}
        self.own_peers = [self.peers[peer.name] for peer in network.gateway_peers(org.name)]
        peers_of = {one.name: [self.peers[peer.name] for peer in one.peers] for one in network.merchants}
        own_name = network.org(network.gateway_peer(org.name).msp_id).name
        del peers_of[own_name]
        self.other_organisations = list(peers_of.values())
        identity = org.identity(identity_name)
        self.user: Any = parts.create_user(
            name=identity.name,
            org=org.name,
            state_store=MemoryStore(),
            msp_id=identity.msp_id,
            key_path=str(identity.private_key),
            cert_path=str(identity.certificate),
        )

    def context(self) -> Any:
        """A transaction context, good for one call: nonce, transaction id, the right to sign."""
        request = self._parts.TXProposalRequest()
        return self._parts.create_tx_context(self.user, self.user.cryptoSuite, request)

    def proposal(self, context: Any, chaincode: str, arguments: list[bytes], timestamp: Timestamp) -> tuple[Any, Any]:
        """hfc's proposal and header for a call, dated as asked (hfc's own `send_tx_proposal` knows only the
        present)."""
        extension = proposal_pb2.ChaincodeHeaderExtension(chaincode_id=chaincode_pb2.ChaincodeID(name=chaincode))
        channel_header = self.utils.build_channel_header(
            common_pb2.ENDORSER_TRANSACTION,
            context.tx_id,
            self._channel_name,
            timestamp,
            context.epoch,
            extension=extension.SerializeToString(),
        )
        header = self.utils.build_header(context.identity, channel_header, context.nonce)
        invocation = chaincode_pb2.ChaincodeInvocationSpec(
            chaincode_spec=chaincode_pb2.ChaincodeSpec(
                type=chaincode_pb2.ChaincodeSpec.GOLANG,
                chaincode_id=chaincode_pb2.ChaincodeID(name=chaincode),
                input=chaincode_pb2.ChaincodeInput(args=arguments),
            )
        )
        return self.utils.build_cc_proposal(invocation, header, None), header

    async def query_info(self, place: int) -> Any:
        """hfc's ledger query of the channel's height and last hashes: the `ProposalResponse` of one of the own
        peers."""
        (answer,), _, _ = self.channel.query_info(self.context(), [self.own_peers[place]])
        return await answer

    async def close(self) -> None:
        """Ends the connections."""
        for node in (*self.peers.values(), *self.orderers.values()):
            await node._channel.close()

    @staticmethod
    def _node(kind: Any, name: str, info: dict[str, Any]) -> Any:
        bundle = {**info, "grpcOptions": {**info["grpcOptions"], **dict(CHANNEL_OPTIONS)}}
        node = kind(name=name)
        if not node.init_with_bundle(bundle):
            raise ValueError(f"the connection profile does not describe {name} as hfc reads it")
        return node
