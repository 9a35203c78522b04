"""Every door of the network, tried by an identity that is to be let in nowhere: endorsing and evaluating at peers, the
ordering nodes' broadcast, the streams of blocks of both, the ordering nodes' participation API."""

from __future__ import annotations

import hashlib
import secrets
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2, gateway_pb2_grpc
from fabric_protos.msp import identities_pb2
from fabric_protos.orderer import ab_pb2, ab_pb2_grpc
from fabric_protos.peer import chaincode_pb2, events_pb2_grpc, peer_pb2_grpc, proposal_pb2

from network.channel.signatures import NONCE_BYTES, signed
from network.connection import NetworkConnection, NodeConnection, TlsPair
from network.declaration.endpoints import Endpoint
from network.folders import OrgFolder
from network.nodes.peer_admin import PROBE_ARGUMENT, PROBE_FUNCTION

CALL_SECONDS = 10.0
NEWEST = ab_pb2.SeekPosition(newest=ab_pb2.SeekNewest())
LAST_GOOD_STATUS = 399


@dataclass(frozen=True)
class Visitor:
    """Who tries: an identity by its MSP id, certificate and key (PEM). `tls` is a TLS certificate that nodes take which
    ask clients for one: it must be the identity that is refused, not the connection."""

    name: str
    msp_id: str
    certificate: bytes
    private_key: bytes
    tls: TlsPair | None = None

    @property
    def creator(self) -> bytes:
        """Gives the identity as messages name it."""
        identity = identities_pb2.SerializedIdentity(mspid=self.msp_id, id_bytes=self.certificate)
        return bytes(identity.SerializeToString())


@dataclass(frozen=True)
class Trial:
    """One identity at one door of one node: what it was told, and whether it was refused."""

    visitor: str
    door: str
    node: str
    refused: bool
    told: str


def visitors_of(folder: OrgFolder, msp_id: str) -> list[Visitor]:
    """Gives every identity of an organisation: people's, services' and nodes'."""
    homes = sorted([*folder.identities.glob("*/msp"), *folder.nodes.glob("*/msp")])
    return [
        Visitor(
            home.parent.name,
            msp_id,
            (home / "signcerts/cert.pem").read_bytes(),
            (home / "keystore/key.pem").read_bytes(),
        )
        for home in homes
        if (home / "signcerts/cert.pem").is_file()
    ]


def tried(visitor: Visitor, view: NetworkConnection, peers: list[NodeConnection]) -> Iterator[Trial]:
    """Tries the doors of these peers, and of all ordering nodes that `view` knows."""
    for peer in peers:
        with _channel(peer, visitor.tls) as channel:
            yield _trial(visitor, "endorse", peer, lambda channel=channel: _endorse(visitor, view, channel))  # type: ignore[misc]
            yield _trial(visitor, "evaluate", peer, lambda channel=channel: _evaluate(visitor, view, channel))  # type: ignore[misc]
            stub = events_pb2_grpc.DeliverStub(channel)
            yield _trial(visitor, "deliver", peer, lambda stub=stub: _deliver(visitor, view, stub))  # type: ignore[misc]
    for orderer in view.orderers:
        with _channel(orderer, visitor.tls) as channel:
            stub = ab_pb2_grpc.AtomicBroadcastStub(channel)
            yield _trial(visitor, "broadcast", orderer, lambda stub=stub: _broadcast(visitor, view, stub))  # type: ignore[misc]
            yield _trial(visitor, "deliver", orderer, lambda stub=stub: _deliver(visitor, view, stub))  # type: ignore[misc]


def tried_participation(visitor: Visitor, orderer: NodeConnection, listener: Endpoint) -> Trial:
    """Tries the participation API of an ordering node, whose admin listener is at `listener`."""

    def ask() -> str | None:
        with tempfile.TemporaryDirectory(prefix="jifen-door-") as place, requests.Session() as session:
            files = (Path(place) / "cert.pem", Path(place) / "key.pem")
            for file, content in zip(files, (visitor.certificate, visitor.private_key), strict=True):
                file.touch(mode=0o600)
                file.write_bytes(content)
            session.trust_env = False
            try:
                session.get(
                    listener.url("/participation/v1/channels"),
                    cert=(str(files[0]), str(files[1])),
                    verify=str(orderer.tls_root),
                    timeout=CALL_SECONDS,
                )
            except (requests.RequestException, ssl.SSLError) as error:
                return type(error).__name__
        return None

    return _trial(visitor, "participation", orderer, ask)


def open_stream(visitor: Visitor, view: NetworkConnection, node: NodeConnection) -> tuple[Any, Iterator[Any]]:
    """Opens a stream of blocks without an end at a peer or ordering node; gives its connection, to be closed, and what
    it answers: blocks as they come, and a status when it ends."""
    channel = _channel(node, visitor.tls)
    stub: Any = ab_pb2_grpc.AtomicBroadcastStub if node in view.orderers else events_pb2_grpc.DeliverStub
    end = ab_pb2.SeekPosition(specified=ab_pb2.SeekSpecified(number=2**64 - 1))
    request = _seek(visitor, view, end, ab_pb2.SeekInfo.BLOCK_UNTIL_READY)
    return channel, stub(channel).Deliver(iter([request]))


def _trial(visitor: Visitor, door: str, node: NodeConnection, ask: Callable[[], str | None]) -> Trial:
    """Tries; `ask` gives why it was refused, None where it was let in."""
    try:
        told = ask()
    except grpc.RpcError as error:
        said = getattr(error, "details", None)  # of what grpc raises for a call, which is not in its types
        told = str(said() if callable(said) else error)
    return Trial(visitor.name, door, node.name, told is not None, told or "it was let in")


def _channel(node: NodeConnection, tls: TlsPair | None) -> grpc.Channel:
    credentials = grpc.ssl_channel_credentials(
        node.tls_root.read_bytes(),
        tls.private_key.read_bytes() if tls else None,
        tls.certificate.read_bytes() if tls else None,
    )
    options = (("grpc.ssl_target_name_override", node.tls_name), ("grpc.enable_http_proxy", 0))
    return grpc.secure_channel(node.address, credentials, options)


def _endorse(visitor: Visitor, view: NetworkConnection, channel: grpc.Channel) -> str | None:
    _, proposal = _proposal(visitor, view)
    answer = peer_pb2_grpc.EndorserStub(channel).ProcessProposal(proposal, timeout=CALL_SECONDS)
    return answer.response.message if answer.response.status > LAST_GOOD_STATUS else None


def _evaluate(visitor: Visitor, view: NetworkConnection, channel: grpc.Channel) -> str | None:
    transaction_id, proposal = _proposal(visitor, view)
    request = gateway_pb2.EvaluateRequest(
        transaction_id=transaction_id, channel_id=view.channel, proposed_transaction=proposal
    )
    gateway_pb2_grpc.GatewayStub(channel).Evaluate(request, timeout=CALL_SECONDS)
    return None


def _broadcast(visitor: Visitor, view: NetworkConnection, stub: Any) -> str | None:
    """Sends what nobody could have ordered, a change of the configuration that is none: who may send is asked first."""
    header = _header(visitor, view, common_pb2.CONFIG_UPDATE, secrets.token_bytes(NONCE_BYTES))
    answer = next(stub.Broadcast(iter([_envelope(visitor, header, b"nothing")]), timeout=CALL_SECONDS))
    return f"FORBIDDEN: {answer.info}" if answer.status == common_pb2.FORBIDDEN else None


def _deliver(visitor: Visitor, view: NetworkConnection, stub: Any) -> str | None:
    request = _seek(visitor, view, NEWEST, ab_pb2.SeekInfo.BLOCK_UNTIL_READY)
    answer = next(stub.Deliver(iter([request]), timeout=CALL_SECONDS))
    return common_pb2.Status.Name(answer.status) if answer.WhichOneof("Type") == "status" else None


def _seek(visitor: Visitor, view: NetworkConnection, stop: Any, behavior: int) -> Any:
    info = ab_pb2.SeekInfo(start=NEWEST, stop=stop, behavior=behavior)
    header = _header(visitor, view, common_pb2.DELIVER_SEEK_INFO, secrets.token_bytes(NONCE_BYTES))
    return _envelope(visitor, header, info.SerializeToString())


def _envelope(visitor: Visitor, header: Any, content: bytes) -> Any:
    payload = common_pb2.Payload(header=header, data=content).SerializeToString()
    return common_pb2.Envelope(payload=payload, signature=signed(visitor.private_key, payload))


def _proposal(visitor: Visitor, view: NetworkConnection) -> tuple[str, Any]:
    nonce = secrets.token_bytes(NONCE_BYTES)
    transaction_id = hashlib.sha256(nonce + visitor.creator).hexdigest()
    called = chaincode_pb2.ChaincodeID(name=view.chaincode)
    extension = proposal_pb2.ChaincodeHeaderExtension(chaincode_id=called).SerializeToString()
    header = _header(visitor, view, common_pb2.ENDORSER_TRANSACTION, nonce, transaction_id, extension)
    invocation = chaincode_pb2.ChaincodeInvocationSpec(
        chaincode_spec=chaincode_pb2.ChaincodeSpec(
            type=chaincode_pb2.ChaincodeSpec.GOLANG,
            chaincode_id=called,
            input=chaincode_pb2.ChaincodeInput(args=[PROBE_FUNCTION.encode(), PROBE_ARGUMENT.encode()]),
        )
    )
    content = proposal_pb2.Proposal(
        header=header.SerializeToString(),
        payload=proposal_pb2.ChaincodeProposalPayload(input=invocation.SerializeToString()).SerializeToString(),
    ).SerializeToString()
    return transaction_id, proposal_pb2.SignedProposal(
        proposal_bytes=content, signature=signed(visitor.private_key, content)
    )


def _header(
    visitor: Visitor,
    view: NetworkConnection,
    kind: int,
    nonce: bytes,
    transaction_id: str = "",
    extension: bytes = b"",
) -> Any:
    header = common_pb2.ChannelHeader(type=kind, channel_id=view.channel, tx_id=transaction_id, extension=extension)
    if visitor.tls is not None:
        shown = x509.load_pem_x509_certificate(visitor.tls.certificate.read_bytes())
        header.tls_cert_hash = shown.fingerprint(hashes.SHA256())
    header.timestamp.FromNanoseconds(time.time_ns())
    return common_pb2.Header(
        channel_header=header.SerializeToString(),
        signature_header=common_pb2.SignatureHeader(creator=visitor.creator, nonce=nonce).SerializeToString(),
    )
