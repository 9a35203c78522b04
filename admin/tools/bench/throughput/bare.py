"""The Gateway service as bare as can be: endorse, submit, commit status, one transaction at a time. What the port is
compared with."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import Any

import grpc.aio
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2, gateway_pb2_grpc
from fabric_protos.peer import transaction_pb2

from chaincode.spec.kernel.canonical import encode
from gateway.ledger.adapters.channels import explain, open_channel
from gateway.ledger.adapters.proposals import build_proposal
from gateway.ledger.adapters.refusals import OTHER_RESULT
from gateway.ledger.adapters.signing import Signer, read_identity
from gateway.ledger.errors import CommitFailed, EndorseFailed
from gateway.ledger.port import Operation
from network.connection import NetworkConnection

TRIES_MAX = 50
"""So often an endorsement is asked for while another organisation's peer has not the block yet that the own one has."""


class BareGateway:
    """One identity's stub, without a scheduler, without a stream of blocks."""

    def __init__(self, network: NetworkConnection, org_name: str) -> None:
        identity = network.org(org_name).identity("gateway")
        self._signer = Signer(read_identity(identity), identity.tls)
        self._network = network
        self._connection = open_channel(network.gateway_peer(org_name), identity.tls)
        self._stub = gateway_pb2_grpc.GatewayStub(self._connection)

    async def submit(self, operation: Operation) -> float:
        """Seconds from the call to the commit. Raises EndorseFailed, CommitFailed, and what grpc raises."""
        started = time.monotonic()
        channel, chaincode = self._network.channel, self._network.chaincode
        arguments: Sequence[bytes] = (str(operation["op"]).encode(), encode(dict(operation)))
        proposal = build_proposal(self._signer, channel, chaincode, arguments)
        identifier = {"transaction_id": proposal.transaction_id, "channel_id": channel}
        request = gateway_pb2.EndorseRequest(**identifier, proposed_transaction=proposal.signed)
        for tries in itertools.count(1):
            try:
                endorsed = await self._stub.Endorse(request)
                break
            except grpc.aio.AioRpcError as error:
                said = explain(error)
                if OTHER_RESULT not in said or tries == TRIES_MAX:
                    raise EndorseFailed("ENDORSE_FAILED", said, transaction_id=proposal.transaction_id) from None
        payload = endorsed.prepared_transaction.payload
        envelope = common_pb2.Envelope(payload=payload, signature=self._signer.sign(payload))
        await self._stub.Submit(gateway_pb2.SubmitRequest(**identifier, prepared_transaction=envelope))
        status = gateway_pb2.CommitStatusRequest(**identifier, identity=self._signer.creator).SerializeToString()
        answer: Any = await self._stub.CommitStatus(
            gateway_pb2.SignedCommitStatusRequest(request=status, signature=self._signer.sign(status))
        )
        if answer.result != transaction_pb2.VALID:
            raise CommitFailed(
                transaction_pb2.TxValidationCode.Name(answer.result),
                "the transaction is invalid",
                transaction_id=proposal.transaction_id,
                block_number=answer.block_number,
            )
        return time.monotonic() - started

    async def close(self) -> None:
        """Ends the connection."""
        await self._connection.close()
