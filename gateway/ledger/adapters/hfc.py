"""The ledger through hfc's own path: this gateway itself asks the peers, sends to an orderer and listens.

For networks whose peers offer no Gateway service, and for organisations that let no other's peer collect their
endorsements. Calls in flight share nothing but connections (see `hfc_access`).
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import grpc
import grpc.aio
from fabric_protos.common import common_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from chaincode.spec.kernel.signatures import SigningPlace
from gateway.ledger.adapters.channels import explain
from gateway.ledger.adapters.hfc_access import HfcAccess
from gateway.ledger.adapters.peer_ledger import Endorsed, Patience, PeerLedger
from gateway.ledger.adapters.proposals import action_of_response, event_of
from gateway.ledger.adapters.refusals import endorsement_failure, is_too_large, query_failure
from gateway.ledger.adapters.signing import Signer
from gateway.ledger.errors import TOO_LARGE, EndorseFailed, LedgerError, OutcomeUnknown, Rejected, SubmitFailed
from gateway.ledger.port import Identity
from network.connection import TlsPair

LAST_GOOD_STATUS = 399
"""Fabric's peers endorse nothing whose chaincode status is 400 or more."""


class HfcLedger(PeerLedger):
    """The adapter `hfc`. `endorsements` is how many organisations' peers the policy asks for."""

    def __init__(
        self,
        *,
        access: HfcAccess,
        identity: Identity,
        place: SigningPlace,
        endorsements: int,
        patience: Patience | None = None,
        tls: TlsPair | None = None,
        begun_at: int = 0,
    ) -> None:
        super().__init__(
            signer=Signer(identity, tls),
            place=place,
            patience=patience,
            access=access,
            peers=[peer.name for peer in access.own_peers],
            begun_at=begun_at,
        )
        self._endorsements = endorsements
        self._turn = itertools.count()

    def renew(self, access: HfcAccess, merchants: Sequence[str], endorsements: int) -> None:
        """As PeerLedger says."""
        super().renew(access, merchants, endorsements)
        self._endorsements = endorsements

    async def endorse(self, arguments: Sequence[bytes], timestamp: int | None) -> Endorsed:
        context = self._access.context()
        proposal, header = self._access.proposal(context, self._chaincode, list(arguments), _dated(timestamp))
        started = time.monotonic()
        responses = await self._collect(context, proposal)
        payloads = {response.payload for response in responses}
        if len(payloads) > 1:
            detail = "the peers' results do not match; one of them may lag behind"
            raise EndorseFailed("ENDORSEMENT_MISMATCH", detail, transaction_id=context.tx_id, passing=True)
        action = action_of_response(responses[0].payload)
        return Endorsed(
            transaction_id=context.tx_id,
            response=action.response.payload,
            results=action.results,
            event=event_of(action),
            envelope=(self._access.utils.build_tx_req((responses, proposal, header)), context),
            seconds=time.monotonic() - started,
        )

    async def _collect(self, context: Any, proposal: Any) -> list[Any]:
        """As many organisations' signed answers as the policy asks for: the own one's and, in turn, others'. A peer
        that fails is replaced by the next organisation's, or at last by another of its own organisation. A rule's
        refusal ends it, and passes where another one endorsed: one of the two lags behind."""
        place = await self.own_peers.choose()
        first, others = self._access.own_peers[place], self._access.other_organisations
        own = [first, *(peer for peer in self._access.own_peers if peer is not first)]
        turn = next(self._turn) % max(1, len(others))
        left = deque([own, *others[turn:], *others[:turn]])
        needed = self._endorsements  # of this call: the network may change while peers are asked
        good: list[Any] = []
        failure: LedgerError | None = None
        refusal: Rejected | None = None
        while len(good) < needed:
            asked = [left.popleft() for _ in range(min(len(left), needed - len(good)))]
            if not asked:
                raise failure or EndorseFailed(
                    "ENDORSE_FAILED",
                    f"the policy asks for {needed} organisations and the profile names {len(others) + 1}",
                    transaction_id=context.tx_id,
                )
            calls = self._access.utils.send_transaction_proposal(proposal, context, [peers[0] for peers in asked])
            for peers, answer in zip(asked, await asyncio.gather(*map(_settled, calls)), strict=True):
                if not isinstance(answer, grpc.aio.AioRpcError) and answer.response.status <= LAST_GOOD_STATUS:
                    good.append(answer)
                    continue
                failure = _endorsement_failure(peers[0].name, answer, context.tx_id)
                if peers[0] is first and _is_gone(answer):
                    self.own_peers.failed(place)
                if isinstance(failure, Rejected):
                    refusal = failure
                elif peers[1:]:
                    left.append(peers[1:])
            if refusal is not None:
                refusal.passing = bool(good)
                raise refusal
        return good

    async def _send(self, endorsed: Endorsed) -> None:
        request, context = endorsed.envelope
        transaction_id = endorsed.transaction_id
        try:
            answers = self._access.utils.send_transaction(self._access.orderers, request, context)
            async for answer in answers:
                if answer.status == common_pb2.SUCCESS:
                    return
                said = f"{common_pb2.Status.Name(answer.status)}: {answer.info}"
                if is_too_large(said):
                    raise SubmitFailed(TOO_LARGE, said, transaction_id=transaction_id)
                if common_pb2.BAD_REQUEST <= answer.status < common_pb2.INTERNAL_SERVER_ERROR:
                    raise SubmitFailed("SUBMIT_FAILED", said, transaction_id=transaction_id)
                raise OutcomeUnknown("OUTCOME_UNKNOWN", said, transaction_id=transaction_id, passing=True)
        except grpc.aio.AioRpcError as error:
            if is_too_large(said := explain(error)):
                raise SubmitFailed(TOO_LARGE, said, transaction_id=transaction_id) from None
            raise OutcomeUnknown("OUTCOME_UNKNOWN", said, transaction_id=transaction_id, passing=True) from None
        raise OutcomeUnknown(
            "OUTCOME_UNKNOWN",
            "the orderer ended the call without an answer",
            transaction_id=transaction_id,
            passing=True,
        )

    async def _query(self, arguments: Sequence[bytes], timestamp: int | None, *, chaincode: str | None = None) -> bytes:
        name = chaincode or self._chaincode
        context = self._access.context()
        proposal, _ = self._access.proposal(context, name, list(arguments), _dated(timestamp))
        place = await self.own_peers.choose()
        (call,) = self._access.utils.send_transaction_proposal(proposal, context, [self._access.own_peers[place]])
        answer = await _settled(call)
        if _is_gone(answer):
            self.own_peers.failed(place)
        if isinstance(answer, grpc.aio.AioRpcError):
            raise query_failure(explain(answer), passing=answer.code() is grpc.StatusCode.UNAVAILABLE)
        if answer.response.status > LAST_GOOD_STATUS:
            raise query_failure(answer.response.message, passing=False)
        return bytes(answer.response.payload)

    async def _deliver(self, place: int, envelope: Any, *, filtered: bool) -> AsyncGenerator[Any, None]:
        call = self._access.own_peers[place].delivery(envelope, filtered=filtered)
        try:
            async for response in call:
                yield response
        finally:
            call.cancel()


async def _settled(call: Any) -> Any:
    """The call's answer, or its gRPC error as a value."""
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        return error


def _is_gone(answer: Any) -> bool:
    """Whether the peer that was asked did not answer at all."""
    return isinstance(answer, grpc.aio.AioRpcError) and answer.code() is grpc.StatusCode.UNAVAILABLE


def _endorsement_failure(peer_name: str, answer: Any, transaction_id: str) -> LedgerError:
    """The error for a peer that did not endorse: gRPC's error or the peer's own answer."""
    if isinstance(answer, grpc.aio.AioRpcError):
        passing = answer.code() is grpc.StatusCode.UNAVAILABLE
        return endorsement_failure(f"{peer_name}: {explain(answer)}", transaction_id=transaction_id, passing=passing)
    return endorsement_failure(answer.response.message, transaction_id=transaction_id, passing=False)


def _dated(timestamp: int | None) -> Timestamp:
    """The protobuf form of Unix seconds; now when None."""
    dated = Timestamp()
    if timestamp is None:
        dated.FromNanoseconds(time.time_ns())
    else:
        dated.FromSeconds(timestamp)
    return dated
