"""The ledger through the Gateway service of a Fabric peer (2.4 and newer), over grpc.aio.

hfc gives the connection profile's reading and the ledger queries. The service collects the endorsements that the policy asks for and hands the transaction to the orderers; one lasting stream
of filtered blocks tells of all commits. Which organisations endorse is named in the request (`endorsers`).
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
import grpc.aio
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2, gateway_pb2_grpc
from fabric_protos.peer import events_pb2_grpc

from gateway.ledger.channels import explain, open_channel
from gateway.ledger.endorsers import Endorsers, away
from gateway.ledger.errors import OutcomeUnknown, SubmitFailed
from gateway.ledger.hfc_access import HfcAccess
from gateway.ledger.peer_ledger import Endorsed, Patience, PeerLedger
from gateway.ledger.port import Identity
from gateway.ledger.proposals import build_proposal, chaincode_action, event_of
from gateway.ledger.refusals import endorsement_failure, query_failure
from gateway.ledger.signing import Signer
from network.connection import NodeConnection, TlsPair

PASSING_CODES = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED)
CALL_SECONDS = 30.0
"""Longest single call to the Gateway service; the stages' patience counts beyond it."""
REFUSED_BY_ORDERER = (
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.UNIMPLEMENTED,
)
"""With these answers to Submit the transaction is certainly in no orderer's hands."""


class FabricLedger(PeerLedger):
    """The adapter `fabric`. To be made inside the event loop that uses it."""

    def __init__(
        self,
        *,
        peer: NodeConnection,
        identity: Identity,
        access: HfcAccess,
        channel: str,
        chaincode: str,
        endorsers: Endorsers,
        patience: Patience | None = None,
        tls: TlsPair | None = None,
    ) -> None:
        super().__init__(
            signer=Signer(identity, tls), channel=channel, chaincode=chaincode, patience=patience, access=access
        )
        self._peer_msp_id = peer.msp_id
        self._endorsers = endorsers
        self._connection = open_channel(peer, tls)
        self._gateway = gateway_pb2_grpc.GatewayStub(self._connection)
        self._blocks = events_pb2_grpc.DeliverStub(self._connection)

    async def close(self) -> None:
        """As the port says."""
        await super().close()
        await self._connection.close()

    async def _endorse(self, arguments: Sequence[bytes], timestamp: int | None) -> Endorsed:
        proposal = build_proposal(self._signer, self._channel, self._chaincode, arguments, timestamp)
        named = self._endorsers.next()
        request = gateway_pb2.EndorseRequest(
            transaction_id=proposal.transaction_id,
            channel_id=self._channel,
            proposed_transaction=proposal.signed,
            endorsing_organizations=named,
        )
        started = time.monotonic()
        try:
            answer = await self._gateway.Endorse(request, timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            passing = error.code() in PASSING_CODES
            failure = endorsement_failure(explain(error), transaction_id=proposal.transaction_id, passing=passing)
            if failure.code == "ENDORSE_FAILED" and (silent := away(error, named)):
                # The others, or the service's own choice, may do it at once.
                self._endorsers.avoid(silent)
                failure.passing = True
            raise failure from None
        payload = answer.prepared_transaction.payload
        action = chaincode_action(payload)
        return Endorsed(
            transaction_id=proposal.transaction_id,
            response=action.response.payload,
            results=action.results,
            event=event_of(action),
            envelope=common_pb2.Envelope(payload=payload, signature=self._signer.sign(payload)),
            seconds=time.monotonic() - started,
        )

    async def _send(self, endorsed: Endorsed) -> None:
        request = gateway_pb2.SubmitRequest(
            transaction_id=endorsed.transaction_id, channel_id=self._channel, prepared_transaction=endorsed.envelope
        )
        try:
            await self._gateway.Submit(request, timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            if error.code() in REFUSED_BY_ORDERER:
                raise SubmitFailed("SUBMIT_FAILED", explain(error), transaction_id=endorsed.transaction_id) from None
            raise OutcomeUnknown(
                "OUTCOME_UNKNOWN", explain(error), transaction_id=endorsed.transaction_id, passing=True
            ) from None

    async def _query(self, arguments: Sequence[bytes], timestamp: int | None) -> bytes:
        proposal = build_proposal(self._signer, self._channel, self._chaincode, arguments, timestamp)
        request = gateway_pb2.EvaluateRequest(
            transaction_id=proposal.transaction_id,
            channel_id=self._channel,
            proposed_transaction=proposal.signed,
            target_organizations=[self._peer_msp_id],
        )
        try:
            answer = await self._gateway.Evaluate(request, timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise query_failure(explain(error), passing=error.code() in PASSING_CODES) from None
        return bytes(answer.result.payload)

    async def _deliver(self, envelope: Any, *, filtered: bool) -> AsyncIterator[Any]:
        call = (self._blocks.DeliverFiltered if filtered else self._blocks.Deliver)()
        try:
            await call.write(envelope)
            await (
                call.done_writing()
            )  # the peer ends a stream that has come to its end; one that is broken off it logs as a fault
            while (response := await call.read()) is not grpc.aio.EOF:
                yield response
        finally:
            call.cancel()
