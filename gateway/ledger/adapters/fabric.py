"""The ledger through the Gateway service of a Fabric peer (2.4 and newer), over grpc.aio.

hfc gives the connection profile's reading and the ledger queries. The service collects the endorsements that the policy
asks for and hands the transaction to the orderers; one lasting stream of filtered blocks tells of all commits. Which
organisations endorse is named in the request (`endorsers`).
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2, gateway_pb2_grpc
from fabric_protos.peer import events_pb2_grpc

from chaincode.spec.kernel.signatures import SigningPlace
from gateway.ledger.adapters.channels import explain, open_channel
from gateway.ledger.adapters.endorsers import Endorsers, away, refused_by_all
from gateway.ledger.adapters.hfc_access import HfcAccess
from gateway.ledger.adapters.peer_ledger import Endorsed, Patience, PeerLedger
from gateway.ledger.adapters.proposals import build_proposal, chaincode_action, event_of
from gateway.ledger.adapters.refusals import endorsement_failure, is_too_large, query_failure
from gateway.ledger.adapters.signing import Signer
from gateway.ledger.errors import TOO_LARGE, OutcomeUnknown, Rejected, SubmitFailed
from gateway.ledger.port import Identity
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


@dataclass(frozen=True)
class _Peer:
    """The way to one of the own peers."""

    connection: grpc.aio.Channel
    gateway: Any
    blocks: Any

    @classmethod
    def at(cls, node: NodeConnection, tls: TlsPair | None) -> _Peer:
        """The way to this node, which is shown `tls` where it asks clients for a certificate."""
        connection = open_channel(node, tls)
        return cls(connection, gateway_pb2_grpc.GatewayStub(connection), events_pb2_grpc.DeliverStub(connection))


class FabricLedger(PeerLedger):
    """The adapter `fabric`, on the organisation's `peers`. To be made inside the event loop that uses it."""

    def __init__(
        self,
        *,
        peers: Sequence[NodeConnection],
        identity: Identity,
        access: HfcAccess,
        place: SigningPlace,
        endorsers: Endorsers,
        patience: Patience | None = None,
        tls: TlsPair | None = None,
        begun_at: int = 0,
    ) -> None:
        super().__init__(
            signer=Signer(identity, tls),
            place=place,
            patience=patience,
            access=access,
            peers=[peer.name for peer in peers],
            begun_at=begun_at,
        )
        self._peer_msp_id = peers[0].msp_id
        self._endorsers = endorsers
        self._ways = [_Peer.at(peer, tls) for peer in peers]

    def renew(self, access: HfcAccess, merchants: Sequence[str], endorsements: int) -> None:
        """As PeerLedger says."""
        super().renew(access, merchants, endorsements)
        self._endorsers = Endorsers(self._peer_msp_id, merchants, endorsements)

    async def close(self) -> None:
        """As the port says."""
        await super().close()
        for way in self._ways:
            await way.connection.close()

    async def _call(self, method: str, request: Any) -> Any:
        """The Gateway service's answer, from the peer that is asked now. Raises AioRpcError; a peer that did not answer
        is not asked again."""
        place = await self.own_peers.choose()
        way = self._ways[place]
        try:
            return await getattr(way.gateway, method)(request, timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            # The service itself says UNAVAILABLE, too, of others that it does not reach; then the way to it is there.
            gone = error.code() is grpc.StatusCode.UNAVAILABLE and (
                way.connection.get_state() is not grpc.ChannelConnectivity.READY
            )
            if gone or error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                self.own_peers.failed(place)
            raise

    async def endorse(self, arguments: Sequence[bytes], timestamp: int | None) -> Endorsed:
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
            answer = await self._call("Endorse", request)
        except grpc.aio.AioRpcError as error:
            passing = error.code() in PASSING_CODES
            failure = endorsement_failure(explain(error), transaction_id=proposal.transaction_id, passing=passing)
            if failure.code in ("ENDORSE_FAILED", "CHAINCODE_UNAVAILABLE") and (silent := away(error, named)):
                # The others, or the service's own choice, may do it at once.
                self._endorsers.avoid(silent)
                failure.passing = True
            if isinstance(failure, Rejected):
                failure.passing = not refused_by_all(error, named or [self.msp_id])
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
            await self._call("Submit", request)
        except grpc.aio.AioRpcError as error:
            said, transaction_id = explain(error), endorsed.transaction_id
            if is_too_large(said):
                raise SubmitFailed(TOO_LARGE, said, transaction_id=transaction_id) from None
            if error.code() in REFUSED_BY_ORDERER:
                raise SubmitFailed("SUBMIT_FAILED", said, transaction_id=transaction_id) from None
            raise OutcomeUnknown("OUTCOME_UNKNOWN", said, transaction_id=transaction_id, passing=True) from None

    async def _query(self, arguments: Sequence[bytes], timestamp: int | None, *, chaincode: str | None = None) -> bytes:
        name = chaincode or self._chaincode
        proposal = build_proposal(self._signer, self._channel, name, arguments, timestamp)
        request = gateway_pb2.EvaluateRequest(
            transaction_id=proposal.transaction_id,
            channel_id=self._channel,
            proposed_transaction=proposal.signed,
            target_organizations=[self._peer_msp_id],
        )
        try:
            answer = await self._call("Evaluate", request)
        except grpc.aio.AioRpcError as error:
            raise query_failure(explain(error), passing=error.code() in PASSING_CODES) from None
        return bytes(answer.result.payload)

    async def _deliver(self, place: int, envelope: Any, *, filtered: bool) -> AsyncGenerator[Any, None]:
        blocks = self._ways[place].blocks
        call = (blocks.DeliverFiltered if filtered else blocks.Deliver)()
        try:
            await call.write(envelope)
            await (
                call.done_writing()
            )  # the peer ends a stream that has come to its end; one that is broken off it logs as a fault
            while (response := await call.read()) is not grpc.aio.EOF:
                yield response
        finally:
            call.cancel()
