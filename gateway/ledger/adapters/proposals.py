"""Fabric's envelopes: what a client builds and signs to propose, to order and to listen."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.peer import chaincode_event_pb2, chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2

from gateway.ledger.adapters.signing import Signer

NONCE_BYTES = 24
NO_END = 2**64 - 1
"""The block number that stands for "go on for ever" in a request for blocks."""


@dataclass(frozen=True)
class Proposal:
    """A proposal and its signature; `transaction_id` follows from the nonce and the creator."""

    transaction_id: str
    signed: Any
    """A `SignedProposal` message."""


def build_proposal(
    signer: Signer, channel: str, chaincode: str, arguments: Sequence[bytes], timestamp: int | None = None
) -> Proposal:
    """A signed proposal to call `chaincode` with `arguments`, the first of which is the function's name.

    `timestamp`: Unix seconds, part of what is signed; now when left out.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    transaction_id = hashlib.sha256(nonce + signer.creator).hexdigest()
    header = common_pb2.ChannelHeader(
        type=common_pb2.ENDORSER_TRANSACTION,
        channel_id=channel,
        tx_id=transaction_id,
        extension=proposal_pb2.ChaincodeHeaderExtension(
            chaincode_id=chaincode_pb2.ChaincodeID(name=chaincode)
        ).SerializeToString(),
    )
    if timestamp is None:
        header.timestamp.FromNanoseconds(time.time_ns())
    else:
        header.timestamp.FromSeconds(timestamp)
    invocation = chaincode_pb2.ChaincodeInvocationSpec(
        chaincode_spec=chaincode_pb2.ChaincodeSpec(
            type=chaincode_pb2.ChaincodeSpec.GOLANG,
            chaincode_id=chaincode_pb2.ChaincodeID(name=chaincode),
            input=chaincode_pb2.ChaincodeInput(args=arguments),
        )
    )
    proposal = proposal_pb2.Proposal(
        header=_header(signer, header, nonce),
        payload=proposal_pb2.ChaincodeProposalPayload(input=invocation.SerializeToString()).SerializeToString(),
    ).SerializeToString()
    return Proposal(
        transaction_id, proposal_pb2.SignedProposal(proposal_bytes=proposal, signature=signer.sign(proposal))
    )


def _header(signer: Signer, channel_header: Any, nonce: bytes) -> bytes:
    header: bytes = common_pb2.Header(
        channel_header=channel_header.SerializeToString(),
        signature_header=common_pb2.SignatureHeader(creator=signer.creator, nonce=nonce).SerializeToString(),
    ).SerializeToString()
    return header


def build_seek(
    signer: Signer,
    channel: str,
    first: int | None,
    last: int | None,
    *,
    headers_only: bool = False,
    ahead_seconds: float = 0,
) -> Any:
    """A signed envelope that asks a peer for the blocks `first` (the newest one when None) to `last` (no end when
    None). `headers_only`: without their content, except where that is the channel's configuration. `ahead_seconds`:
    dated so much later than now."""
    start = ab_pb2.SeekPosition(newest=ab_pb2.SeekNewest())
    if first is not None:
        start = ab_pb2.SeekPosition(specified=ab_pb2.SeekSpecified(number=first))
    seek = ab_pb2.SeekInfo(
        start=start,
        stop=ab_pb2.SeekPosition(specified=ab_pb2.SeekSpecified(number=NO_END if last is None else last)),
        behavior=ab_pb2.SeekInfo.BLOCK_UNTIL_READY,
        content_type=ab_pb2.SeekInfo.HEADER_WITH_SIG if headers_only else ab_pb2.SeekInfo.BLOCK,
    )
    header = common_pb2.ChannelHeader(
        type=common_pb2.DELIVER_SEEK_INFO, channel_id=channel, tls_cert_hash=signer.tls_certificate_hash
    )
    header.timestamp.FromNanoseconds(time.time_ns() + int(1e9 * ahead_seconds))
    payload = common_pb2.Payload(data=seek.SerializeToString())
    payload.header.ParseFromString(_header(signer, header, secrets.token_bytes(NONCE_BYTES)))
    data = payload.SerializeToString()
    return common_pb2.Envelope(payload=data, signature=signer.sign(data))


def chaincode_action(transaction_envelope_payload: bytes) -> Any:
    """The `ChaincodeAction` (response, read and write sets, event) inside the payload of an endorsed transaction."""
    payload = common_pb2.Payload.FromString(transaction_envelope_payload)
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload).action
    return action_of_response(action.proposal_response_payload)


def action_of_response(proposal_response_payload: bytes) -> Any:
    """The `ChaincodeAction` inside the payload that endorsers sign."""
    response = proposal_response_pb2.ProposalResponsePayload.FromString(proposal_response_payload)
    return proposal_pb2.ChaincodeAction.FromString(response.extension)


def event_of(action: Any) -> bytes | None:
    """The payload of the chaincode's event in a `ChaincodeAction`, None where it told of nothing."""
    return bytes(chaincode_event_pb2.ChaincodeEvent.FromString(action.events).payload) if action.events else None
