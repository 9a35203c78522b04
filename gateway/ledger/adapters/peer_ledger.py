"""What both Fabric adapters share: one transaction's way through its stages, the streams of blocks and events.

A transaction goes through: endorse (tried again while it is likely to help; nothing has been sent) → nothing to write?
done → listen → send (the same bytes may be sent again: Fabric takes a transaction id once) → wait for the commit.
"""

from __future__ import annotations

import abc
import asyncio
import itertools
import json
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
import grpc.aio
from fabric_protos.common import common_pb2, ledger_pb2
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_random_exponential

from chaincode.spec.invoke import APPLY, DRY_RUN
from chaincode.spec.kernel import canonical
from chaincode.spec.kernel.apply import receipts_of
from chaincode.spec.kernel.signatures import SigningPlace
from gateway.ledger.adapters.authorities import authorities_in, configuration_block_of
from gateway.ledger.adapters.blocks import read_block, read_processed, written
from gateway.ledger.adapters.channels import explain
from gateway.ledger.adapters.commits import (
    WRONG_DATE_STATUS,
    CommitWatcher,
    StreamLog,
    StreamRefused,
    describe_stream_problem,
)
from gateway.ledger.adapters.early_blocks import must_join
from gateway.ledger.adapters.hfc_access import HfcAccess
from gateway.ledger.adapters.own_peers import OwnPeers
from gateway.ledger.adapters.proposals import build_seek
from gateway.ledger.adapters.refusals import query_failure
from gateway.ledger.adapters.signing import Signer
from gateway.ledger.encoding import encode_batch
from gateway.ledger.errors import (
    CommitFailed,
    EndorseFailed,
    EvaluateFailed,
    LedgerError,
    OutcomeUnknown,
    Rejected,
    SubmitFailed,
)
from gateway.ledger.evidence import HEADERS_MAX, Authorities, Evidence, Header, LedgerKind
from gateway.ledger.port import (
    Block,
    BlockTransaction,
    Checkpoint,
    Json,
    Ledger,
    LedgerEvent,
    Operation,
    Receipt,
    TransactionResult,
    receipts_in,
)
from gateway.ledger.repetitions import completed

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

QSCC = "qscc"
"""The system chaincode of every peer that answers questions about its blocks."""
RETRY_WAIT = wait_random_exponential(multiplier=0.05, max=1.0)
STREAM_PAUSE_SECONDS = 0.5
RETIRED_SECONDS = 60.0
"""Longer than any single call on a connection."""
CHECK_SECONDS = 4.0
ORDERER_SECONDS = 2.0
RESEND_SECONDS = 2.0
"""Much longer than the way into a block takes, and short beside an orderer's restart."""


@dataclass(frozen=True)
class Patience:
    """How long each stage is tried or waited for, in seconds."""

    evaluate_seconds: float = 20.0
    endorse_seconds: float = 30.0
    submit_seconds: float = 20.0
    commit_seconds: float = 60.0


@dataclass(frozen=True)
class Endorsed:
    """A transaction that enough peers have signed: its id, the chaincode's answer and effects, what is to be sent, and
    how long it took."""

    transaction_id: str
    response: bytes
    results: bytes
    event: bytes | None
    envelope: Any
    seconds: float

    def changes(self, chaincode: str) -> bool:
        """Whether the transaction would change anything or tell of anything."""
        return self.event is not None or next(written(self.results, chaincode), None) is not None


class PeerLedger(Ledger):
    """A ledger on Fabric, seen from the organisation's peers, one at a time (`own_peers`); the subclasses say how
    endorsements are collected and how it is sent."""

    def __init__(
        self,
        *,
        signer: Signer,
        place: SigningPlace,
        access: HfcAccess,
        peers: Sequence[str],
        patience: Patience | None = None,
        begun_at: int = 0,
    ) -> None:
        """`begun_at`: the first block that the own peers have; greater than 0 where they began with a snapshot."""
        self._access = access
        self._begun_at = begun_at
        self._early_turn = itertools.count()
        self._retiring: list[asyncio.Task[None]] = []
        self._signer = signer
        self._place = place
        self._channel = place.channel
        self._chaincode = place.chaincode
        self._patience = patience or Patience()
        self.own_peers = OwnPeers(peers, self._height_of)
        self._orderers = list(access.orderers)
        self._commits = CommitWatcher(lambda first: self._open_stream(first, None, filtered=True))

    def renew(self, access: HfcAccess, merchants: Sequence[str], endorsements: int) -> None:
        """Goes on with the network as it is now: so many of these merchants endorse from now on. Calls in flight end as
        they began. Raises ValueError where the organisation's own peers are others than before."""
        if [peer.name for peer in access.own_peers] != [peer.name for peer in self._access.own_peers]:
            raise ValueError("the organisation's own peers are others than before")
        self._retiring.append(asyncio.create_task(_retire(self._access), name="former connections"))
        self._access = access
        self._orderers = list(access.orderers)

    @property
    def msp_id(self) -> str:
        """As the port says."""
        return self._signer.msp_id

    @property
    def place(self) -> SigningPlace:
        """As the port says: by the first block that the organisation received."""
        return self._place

    @abc.abstractmethod
    async def endorse(self, arguments: Sequence[bytes], timestamp: int | None) -> Endorsed:
        """One attempt to have the call endorsed. Raises Rejected or EndorseFailed."""

    @abc.abstractmethod
    async def _send(self, endorsed: Endorsed) -> None:
        """One attempt to hand the transaction to the ordering service. Raises SubmitFailed when it said no, and
        OutcomeUnknown with `passing` when its answer was lost."""

    @abc.abstractmethod
    async def _query(self, arguments: Sequence[bytes], timestamp: int | None, *, chaincode: str | None = None) -> bytes:
        """One attempt to put a query to the ledger's chaincode, or another, on the own peer. Raises Rejected or
        EvaluateFailed."""

    @abc.abstractmethod
    def _deliver(self, place: int, envelope: Any, *, filtered: bool) -> AsyncGenerator[Any, None]:
        """The `DeliverResponse`s of one of the own peers to a request for blocks."""

    async def submit(self, operation: Operation, *, timestamp: int | None = None) -> Receipt:
        """As the port says."""
        arguments = (str(operation["op"]).encode(), canonical.encode(dict(operation)))
        endorsed = await self._transact(arguments, timestamp)
        (document,) = await completed([json.loads(endorsed[0].response)], [operation], self.transaction)
        return Receipt(document)

    async def submit_many(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> TransactionResult:
        """As the port says."""
        batch = encode_batch(operations, shard)
        endorsed, block_number = await self._transact((APPLY.encode(), batch), timestamp)
        event = json.loads(endorsed.event) if endorsed.event else None
        answer = receipts_of(json.loads(endorsed.response), event, endorsed.transaction_id)
        documents = await completed(answer, operations, self.transaction)
        receipts = receipts_in(documents, block_number)
        return TransactionResult(endorsed.transaction_id, block_number, receipts, endorsed.seconds)

    async def evaluate(self, query: str, arguments: Mapping[str, Json], *, timestamp: int | None = None) -> Json:
        """As the port says."""
        call = (query.encode(), canonical.encode(dict(arguments)))
        answer = await _persist(lambda: self._query(call, timestamp), self._patience.evaluate_seconds)
        return json.loads(answer)

    async def dry_run(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> tuple[Receipt, ...]:
        """As the port says."""
        batch = encode_batch(operations, shard)
        answer = await _persist(
            lambda: self._query((DRY_RUN.encode(), batch), timestamp), self._patience.evaluate_seconds
        )
        documents = await completed(json.loads(answer), operations, self.transaction)
        return tuple(Receipt(document) for document in documents)

    async def transaction(self, transaction_id: str) -> BlockTransaction:
        """As the port says; a query of the peer's own system chaincode, which tells what is in its blocks."""
        call = (b"GetTransactionByID", self._channel.encode(), transaction_id.encode())

        async def attempt() -> bytes:
            try:
                return await self._query(call, None, chaincode=QSCC)
            except EvaluateFailed as error:
                # The answer that named it came from another peer, which was ahead of this one.
                error.passing = error.passing or transaction_id in error.detail
                raise

        return read_processed(await _persist(attempt, self._patience.evaluate_seconds), self._chaincode)

    async def wait_for_block(self, block_number: int) -> None:
        """As the port says."""
        try:
            await self._commits.ready(self._patience.submit_seconds)
            async with asyncio.timeout(self._patience.commit_seconds):
                await self._commits.reached(block_number)
        except TimeoutError:
            detail = f"the peer has not committed block {block_number}"
            raise EvaluateFailed("LEDGER_UNAVAILABLE", detail, passing=True) from None

    async def height(self) -> int:
        """As the port says; a ledger query of hfc's."""
        return await _persist(self._height_now, self._patience.evaluate_seconds)

    async def check(self) -> None:
        """As the port says: a question is endorsed as an operation is, by as many organisations, and an orderer gives a
        block, which it does only while it has a leader."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await _persist(lambda: self.endorse((b"GetConsortium", b"{}"), None), CHECK_SECONDS / 2)
        except Rejected as refusal:
            log.debug("the chaincode answers with a refusal: %s", refusal)
        except TimeoutError:
            raise EndorseFailed(
                "LEDGER_UNAVAILABLE", f"no endorsement within {CHECK_SECONDS:g} s", passing=True
            ) from None
        await self._check_orderers()

    async def _check_orderers(self) -> None:
        """Raises SubmitFailed ORDERER_UNAVAILABLE when none answers. The one that answered last is asked first."""
        said = []
        first = build_seek(self._signer, self._channel, 0, 0, headers_only=True)
        for name in list(self._orderers):
            answer = await self._ask(self._access.orderers[name].delivery, first)
            if answer is None:
                self._orderers.remove(name)
                self._orderers.insert(0, name)
                return
            said.append(f"{name}: {answer}")
        raise SubmitFailed("ORDERER_UNAVAILABLE", "; ".join(said), passing=True)

    async def runs_ahead(self, seconds: float) -> Mapping[str, bool]:
        """As the port says. Peers tell nobody the time, but refuse a request that is dated outside their window: one
        that is dated so late that it is just inside while this clock is right is refused where it runs ahead."""
        if self._access.replay:
            return {}
        late = build_seek(
            self._signer,
            self._channel,
            0,
            0,
            headers_only=True,
            ahead_seconds=self._access.time_window_seconds - seconds,
        )
        names = list(self._access.peers)
        answers = await asyncio.gather(*(self._ask(self._access.peers[name].delivery, late) for name in names))
        return {
            name: answer == WRONG_DATE_STATUS
            for name, answer in zip(names, answers, strict=True)
            if answer in (None, WRONG_DATE_STATUS)
        }

    async def _ask(self, deliver: Callable[[Any], Any], envelope: Any) -> str | None:
        """None when the node gives a block; else what it says."""
        call = deliver(envelope)
        try:
            async with asyncio.timeout(ORDERER_SECONDS):
                # To its end: a call that is broken off is a fault in the node's log.
                answers = [response async for response in call]
            if not answers:
                return "it ended the call without an answer"
            first = answers[0]
            return str(common_pb2.Status.Name(first.status)) if first.WhichOneof("Type") == "status" else None
        except TimeoutError:
            return f"no answer within {ORDERER_SECONDS:g} s"
        except grpc.aio.AioRpcError as error:
            return explain(error)
        finally:
            call.cancel()

    async def _height_now(self) -> int:
        place = await self.own_peers.choose()
        try:
            return await self._height_of(place)
        except EvaluateFailed as error:
            if error.passing:
                self.own_peers.failed(place)
            raise

    async def _height_of(self, place: int) -> int:
        """The height of one of the own peers. Raises EvaluateFailed."""
        try:
            answer = await self._access.query_info(place)
        except grpc.aio.AioRpcError as error:
            passing = error.code() is grpc.StatusCode.UNAVAILABLE
            raise query_failure(explain(error), passing=passing) from None
        if not answer.response.payload:
            raise query_failure(answer.response.message, passing=False)
        return int(ledger_pb2.BlockchainInfo.FromString(answer.response.payload).height)

    async def blocks(self, first: int = 0, last: int | None = None) -> AsyncIterator[Block]:
        """As the port says."""
        end = await self.height() - 1 if last is None else last
        async for block in self.block_stream(first, end):
            yield read_block(block, self._chaincode)

    async def follow(self, first: int = 0) -> AsyncIterator[Block]:
        """As the port says; one stream for as long as it is followed."""
        async for block in self.block_stream(first, None):
            yield read_block(block, self._chaincode)

    async def evidence(self, block_number: int) -> Evidence:
        """As the port says."""
        return Evidence(LedgerKind.FABRIC, block_number, (await self._block(block_number)).SerializeToString())

    async def headers(self, first: int, last: int) -> Sequence[Header]:
        """As the port says; peers send headers without the blocks."""
        end = min(last, first + HEADERS_MAX - 1, await self.height() - 1)
        return [
            Header(block.header.number, block.header.previous_hash, block.header.data_hash)
            async for block in self.block_stream(first, end, headers_only=True)
        ]

    async def authorities(self) -> Authorities:
        """As the port says: from the configuration that the newest block names."""
        newest = await self._block(await self.height() - 1)
        number = configuration_block_of(newest)
        organisations = authorities_in(await self._block(number))
        return Authorities(LedgerKind.FABRIC, self._place, number, self._access.replay, organisations)

    async def _block(self, number: int) -> Any:
        """One `common.Block`. Raises KeyError when the peer has none of this number, EvaluateFailed."""
        if 0 <= number < await self.height():
            (block,) = [block async for block in self.block_stream(number, number)]
            return block
        raise KeyError(f"there is no block {number}")

    async def events(self, after: Checkpoint | None = None, *, from_block: int = 0) -> AsyncIterator[LedgerEvent]:
        """As the port says."""
        first = from_block if after is None else after.block_number
        async for block in self.follow(first):
            for transaction_index, transaction in enumerate(block.transactions):
                if not transaction.valid or transaction.event is None:
                    continue
                for index, entry in enumerate(json.loads(transaction.event)["operations"]):
                    event = LedgerEvent(
                        block_number=block.number,
                        transaction_index=transaction_index,
                        transaction_id=transaction.transaction_id,
                        timestamp=transaction.timestamp,
                        index=index,
                        payload=entry,
                    )
                    if after is None or event.checkpoint > after:
                        yield event

    async def close(self) -> None:
        """As the port says."""
        await self._commits.close()
        await self.own_peers.close()
        await self._access.close()
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)

    async def _transact(self, arguments: Sequence[bytes], timestamp: int | None) -> tuple[Endorsed, int | None]:
        """The whole way of one transaction: what was endorsed and the block it stands in, None when there was nothing
        to send."""
        endorsed = await _persist(lambda: self.endorse(arguments, timestamp), self._patience.endorse_seconds)
        if not endorsed.changes(self._chaincode):
            return endorsed, None
        try:
            await self._commits.ready(self._patience.submit_seconds)
        except TimeoutError as problem:
            detail = f"the peer's stream of blocks does not open, so nothing was sent: {problem}"
            code = "TIMESTAMP_REFUSED" if str(problem).startswith(WRONG_DATE_STATUS) else "LEDGER_UNAVAILABLE"
            raise EndorseFailed(code, detail, transaction_id=endorsed.transaction_id) from None
        return endorsed, await self._send_and_wait(endorsed)

    async def _send_and_wait(self, endorsed: Endorsed) -> int:
        """The number of the block in which the transaction is valid."""
        transaction_id = endorsed.transaction_id
        outcome = self._commits.expect(transaction_id)
        sending = asyncio.create_task(self._hand_over(endorsed))
        resending: asyncio.Task[None] | None = None
        try:
            either: set[asyncio.Future[Any]] = {sending, outcome}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            lost = "" if outcome.done() else sending.result()
            resending = asyncio.create_task(self._hand_over_again(endorsed))
            await asyncio.wait({outcome}, timeout=self._patience.commit_seconds)
            if not outcome.done():
                detail = f"no block with the transaction within {self._patience.commit_seconds:g} s{lost}"
                raise OutcomeUnknown("OUTCOME_UNKNOWN", detail, transaction_id=transaction_id)
            found = outcome.result()
        finally:
            for task in (sending, resending):
                if task is not None:
                    task.cancel()
            self._commits.forget(transaction_id)
        if found.validation_code != "VALID":
            detail = f"transaction {transaction_id} is invalid in block {found.block_number}; nothing happened"
            raise CommitFailed(
                found.validation_code, detail, transaction_id=transaction_id, block_number=found.block_number
            )
        return found.block_number

    async def _hand_over(self, endorsed: Endorsed) -> str:
        """Hands the transaction to the orderers; what was said when it may have reached none. Raises SubmitFailed."""
        doubted = False

        async def attempt() -> None:
            nonlocal doubted
            try:
                await self._send(endorsed)
            except OutcomeUnknown:
                doubted = True
                raise

        try:
            await _persist(attempt, self._patience.submit_seconds)
        except (OutcomeUnknown, SubmitFailed) as problem:
            if not doubted:
                raise
            # It may have reached an orderer all the same; the stream of blocks will tell.
            return f" ({problem.detail})"
        return ""

    async def _hand_over_again(self, endorsed: Endorsed) -> None:
        """Hands the very same transaction over now and then: an orderer that is killed loses what is in no block yet,
        and Fabric takes a transaction id once."""
        while True:
            await asyncio.sleep(RESEND_SECONDS)
            with suppress(LedgerError):  # whatever is said now, an earlier one may have been taken
                await self._send(endorsed)

    async def _open_stream(
        self, first: int | None, last: int | None, *, filtered: bool, headers_only: bool = False
    ) -> AsyncGenerator[Any, None]:
        """The responses of the peer that is asked now, until that is another one: then the caller opens it again,
        behind what it got."""
        place = await self.own_peers.choose()
        seek = build_seek(self._signer, self._channel, first, last, headers_only=headers_only)
        left = asyncio.ensure_future(self.own_peers.left(place))
        try:
            async with aclosing(self._deliver(place, seek, filtered=filtered)) as delivered:
                async for response in _until(left, delivered) if last is None else delivered:
                    match response.WhichOneof("Type"):
                        case "block":
                            self.own_peers.saw(response.block.header.number)
                        case "filtered_block":
                            self.own_peers.saw(response.filtered_block.number)
                        case _ if response.status not in (common_pb2.SUCCESS, common_pb2.BAD_REQUEST):
                            self.own_peers.failed(place)  # a wrong date is this machine's fault
                    yield response
        except grpc.RpcError:
            self.own_peers.failed(place)
            raise
        finally:
            left.cancel()

    async def _open_early_stream(self, first: int, last: int, *, headers_only: bool) -> AsyncGenerator[Any, None]:
        """The responses of another organisation's peer, the next one's each time: for blocks from before the snapshot
        with which the own peers began."""
        others = [peers[0] for peers in self._access.other_organisations]
        seek = build_seek(self._signer, self._channel, first, last, headers_only=headers_only)
        call = others[next(self._early_turn) % len(others)].delivery(seek, filtered=False)
        try:
            async for response in call:
                yield response
        finally:
            call.cancel()

    async def block_stream(
        self, first: int, last: int | None, *, headers_only: bool = False
    ) -> AsyncGenerator[Any, None]:
        """The blocks from `first` to `last`, for ever when None; a broken stream is taken up again behind the last one.

        A reader of blocks that are there gets EvaluateFailed when none comes for as long as a question may take; one
        that waits for new ones goes on trying.
        """
        wanted = first
        progress = time.monotonic()
        state = StreamLog("blocks")
        before: Any | None = None
        while last is None or wanted <= last:
            try:
                if wanted < self._begun_at:
                    end = self._begun_at - 1 if last is None else min(last, self._begun_at - 1)
                    stream = self._open_early_stream(wanted, end, headers_only=headers_only)
                else:
                    stream = self._open_stream(wanted, last, filtered=False, headers_only=headers_only)
                async with aclosing(stream) as responses:
                    async for response in responses:
                        if response.WhichOneof("Type") == "status":
                            if response.status == common_pb2.SUCCESS:
                                continue  # and then the peer ends the stream
                            raise StreamRefused(common_pb2.Status.Name(response.status))
                        if wanted <= self._begun_at and self._begun_at:
                            must_join(before, response.block, self._place.network)
                            before = response.block
                        wanted = response.block.header.number + 1
                        state.runs()
                        yield response.block
                        progress = time.monotonic()
            except (grpc.RpcError, StreamRefused, EvaluateFailed) as problem:
                told = describe_stream_problem(problem)
                if last is not None and told.startswith(WRONG_DATE_STATUS):  # waiting does not mend a clock
                    raise EvaluateFailed("TIMESTAMP_REFUSED", told) from None
                if last is not None and time.monotonic() - progress > self._patience.evaluate_seconds:
                    raise EvaluateFailed("LEDGER_UNAVAILABLE", told, passing=True) from None
                state.broke(told)
                await asyncio.sleep(STREAM_PAUSE_SECONDS)


async def _until(end: asyncio.Future[None], responses: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    """The responses as they come, until `end` is done."""
    while not end.done():
        following = asyncio.ensure_future(anext(responses, None))
        try:
            await asyncio.wait({following, end}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done() or (response := following.result()) is None:
                return
        finally:
            if not following.done():
                following.cancel()
                await asyncio.wait([following])
        yield response


async def _retire(access: HfcAccess) -> None:
    """Ends connections when no call can use them any more, or when cancelled."""
    try:
        await asyncio.sleep(RETIRED_SECONDS)
    finally:
        await access.close()


async def _persist(attempt: Callable[[], Awaitable[Answer]], seconds: float) -> Answer:
    """The attempt's answer; repeated with growing pauses, for so many seconds, while its error is a passing one."""
    async for trial in AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, LedgerError) and error.passing),
        stop=stop_after_delay(seconds),
        wait=RETRY_WAIT,
        reraise=True,
    ):
        with trial:
            return await attempt()
    raise AssertionError("the last trial either returned or raised")
