"""Takes single operations from many callers and puts them into batches, several of which are on their way at once.

A lone operation leaves at once; while all lanes are taken, what arrives fills the next batches by itself. Each lane has
a shard number of its own, so that two batches never share a counter, position or limit. A batch that fails on its way
is sent again, with the same request ids, so each operation is carried out once; its callers learn the outcome, never a
guess.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import random
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from chaincode.spec.kernel.context import Authority
from chaincode.spec.kernel.footprint import Footprint, Speaker
from chaincode.spec.kernel.limits import BATCH_BYTES_MAX, OPERATIONS_PER_BATCH_MAX, SHARDS_MAX
from chaincode.spec.kernel.signatures import address_of, is_address
from chaincode.spec.operations import OPERATIONS, footprint
from gateway.ledger.encoding import EncodedOperation
from gateway.ledger.errors import TOO_LARGE, CommitFailed, LedgerError, OutcomeUnknown, Rejected
from gateway.ledger.port import Ledger, Operation, Receipt
from gateway.ledger.scheduling.documents import Documents
from gateway.ledger.scheduling.errors import Busy, DeadlinePassed
from gateway.ledger.scheduling.queue import ConflictQueue
from gateway.ledger.scheduling.room import TRIES_MAX, Shortage, refills, shortage_of, unused
from gateway.ledger.scheduling.sizing import BatchSize
from gateway.ledger.scheduling.ticket import State, Ticket

log = logging.getLogger(__name__)

ENVELOPE_BYTES = 64
"""What a batch is longer than the sum of its operations, and one for each comma."""
PAUSE_FIRST_SECONDS = 0.02
PAUSE_MAX_SECONDS = 2.0
CONFLICT_PAUSE_SECONDS = 0.1
"""After a conflict the network is well, so the pause is short, and at random, so that two gateways do not meet again in
step."""
CONFLICTS_BEFORE_SPLIT = 2
"""A batch that met other gateways so often goes on in halves: fewer keys and a shorter way to the commit, so one
gateway's large batches do not starve another's."""


@dataclass(frozen=True)
class Bounds:
    """The scheduler's limits. Past `queued_max` operations or `queued_bytes_max` a caller gets BUSY; bulk work may use
    `bulk_share` of both.

    `lanes` batches are in flight at most, with the shards `first_shard` and following. `batch_seconds` is how long a
    batch's way to the commit may take before batches are made smaller, `endorsement_seconds` how long the peers may
    take to sign one; `patience_seconds`, how long one is tried again while the network is away.
    """

    lanes: int = 4
    first_shard: int = 0
    queued_max: int = 20_000
    queued_bytes_max: int = 64 * 1024 * 1024
    bulk_share: float = 0.5
    batch_seconds: float = 2.0
    endorsement_seconds: float = 1.0
    patience_seconds: float = 120.0

    def __post_init__(self) -> None:
        if not 1 <= self.lanes <= SHARDS_MAX - self.first_shard:
            raise ValueError(f"lanes must be 1 to {SHARDS_MAX - self.first_shard}, not {self.lanes}")


class Scheduler:
    """One gateway's scheduler over its ledger. To be used inside one event loop; `submit_from_thread` is for other
    threads."""

    def __init__(self, ledger: Ledger, bounds: Bounds | None = None, *, chance: random.Random | None = None) -> None:
        self.ledger = ledger
        self.bounds = bounds or Bounds()
        self.counts: Counter[str] = Counter()
        """batches, operations, committed, rejected, conflicts (batches that another gateway's write made invalid),
        endorse_failures, submit_failures, unknown, busy, deadlines, splits, refills (room brought from other lanes)."""
        self._queue = ConflictQueue()
        self._documents = Documents(ledger)
        self._size = BatchSize(
            operations_max=OPERATIONS_PER_BATCH_MAX,
            bytes_max=BATCH_BYTES_MAX - ENVELOPE_BYTES,
            target_seconds=self.bounds.batch_seconds,
            endorsement_seconds=self.bounds.endorsement_seconds,
        )
        self._shards = list(range(self.bounds.first_shard, self.bounds.first_shard + self.bounds.lanes))
        self._flights: set[asyncio.Task[None]] = set()
        self._sequence = 0
        self._closing = False
        self._loop = asyncio.get_running_loop()
        self._chance = chance or random.Random()

    async def submit(
        self,
        operation: Operation,
        *,
        bulk: bool = False,
        timestamp: int | None = None,
        timeout_seconds: float | None = None,
    ) -> Receipt:
        """Carries out one operation in some batch; returns its receipt once that is committed.

        `bulk` work stands back behind interactive. `timeout_seconds` counts while it waits in the queue. Raises
        Rejected when a rule refuses it, Busy, DeadlinePassed, or the error of the last attempt when the network stayed
        away. Cancelled in the queue it is never sent; cancelled in flight it goes on.
        """
        if self._closing:
            raise Busy("the scheduler is closing", 1.0)
        operation = EncodedOperation(operation)
        size = len(operation.encoded) + 1
        self._refuse_beyond(size, bulk)
        touched = await self._asked_footprint(operation)
        self._refuse_beyond(size, bulk)
        self._sequence += 1
        ticket = Ticket(
            operation=operation,
            footprint=touched,
            sequence=self._sequence,
            size=size,
            bulk=bulk,
            timestamp=timestamp,
            deadline=None if timeout_seconds is None else self._loop.time() + timeout_seconds,
            future=self._loop.create_future(),
            shard=self._bound_to(touched),
        )
        self._queue.add(ticket)
        self._fill_lanes()
        return await self._answer(ticket)

    def submit_from_thread(self, operation: Operation, *, bulk: bool = False) -> concurrent.futures.Future[Receipt]:
        """`submit`, for callers in other threads."""
        return asyncio.run_coroutine_threadsafe(self.submit(operation, bulk=bulk), self._loop)

    @property
    def queued(self) -> int:
        """Operations that wait."""
        return len(self._queue)

    @property
    def in_flight(self) -> int:
        """Batches on their way."""
        return len(self._flights)

    async def close(self) -> None:
        """Takes nothing more, and returns when all that was taken has ended. The ledger stays open."""
        self._closing = True
        while self._flights or len(self._queue):
            self._fill_lanes()
            if self._flights:
                await asyncio.wait(set(self._flights), return_when=asyncio.FIRST_COMPLETED)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _answer(self, ticket: Ticket) -> Receipt:
        """The ticket's receipt, within its deadline while it waits."""
        try:
            if ticket.deadline is None:
                receipt = await ticket.future
            else:
                remaining = ticket.deadline - self._loop.time()
                done, _ = await asyncio.wait({ticket.future}, timeout=max(remaining, 0))
                if not done and ticket.state is State.QUEUED:
                    self._queue.drop(ticket)
                    self.counts["deadlines"] += 1
                    raise DeadlinePassed("the operation waited in the queue for too long and was not sent")
                receipt = await ticket.future
        except asyncio.CancelledError:
            if ticket.state is State.QUEUED:
                self._queue.drop(ticket)
            raise
        return receipt.checked()

    def _refuse_beyond(self, size: int, bulk: bool) -> None:
        """Busy when the queue has no room."""
        share = self.bounds.bulk_share if bulk else 1.0
        waiting = self._queue.waiting[True] if bulk else len(self._queue)
        if waiting < self.bounds.queued_max * share and self._queue.size + size <= self.bounds.queued_bytes_max:
            return
        self.counts["busy"] += 1
        seconds = min(max(len(self._queue) * self._size.seconds_per_operation / self.bounds.lanes, 0.1), 60.0)
        raise Busy(f"{len(self._queue)} operations are waiting", round(seconds, 1))

    def _touched(self, operation: Operation) -> Footprint:
        """What the operation touches, without asking anybody, so that operations stand in the queue in the order of
        their arrival.

        Each that changes a balance reads a mark of the account. What a refund, capture or release gives back follows
        from a document that may still be on its way: without it the operation writes the mark, and so keeps its place
        among all others of the account.
        """
        found = _without_shards(self._declared(operation))
        found.reads |= {_mark(key.rpartition("/")[2]) for key in found.writes if key.startswith("balance/")}
        found.writes |= {_mark(key.split("/")[1]) for key in found.needs if key.startswith(_OF_AN_ACCOUNT)}
        return found

    async def _asked_footprint(self, operation: Operation) -> Footprint:
        """The same of an operation whose account only a document tells (a refund of what the organisation itself
        captured), or whose lane (the end of a hold), or whose issuers (a hold at another merchant, which all that relay
        such share the slices with)."""
        found = self._touched(operation)
        wanted = sorted(key for key in found.needs if self._must_know(key, operation))
        for key in wanted:
            await self._documents.learn(key)
        return self._touched(operation) if wanted else found

    def _must_know(self, key: str, operation: Operation) -> bool:
        """Whether an operation's place depends on a document that is not known."""
        if key.startswith(_CLASS):
            return operation["op"] == "Hold" and operation["args"]["acceptor_msp"] != self.ledger.msp_id
        return key.startswith(_HOLD) or (key.startswith(_REDEMPTION) and not is_address(key.split("/")[1]))

    def _bound_to(self, touched: Footprint) -> int | None:
        """The one of the own lanes whose keys an operation writes whatever lane it goes in; None for none, or for
        several."""
        keys = [key.split("/") for key in touched.writes if key.startswith(_OF_A_PAIR)]
        named = {int(shard) for *_, acceptor_msp, shard in keys if acceptor_msp == self.ledger.msp_id}
        shard = named.pop() if len(named) == 1 else -1
        return shard if 0 <= shard - self.bounds.first_shard < self.bounds.lanes else None

    def _declared(self, operation: Operation) -> Footprint:
        """The declaration, with what is known. One of no form has an empty one: the rules refuse it in their own words,
        before they touch anything, so its form is not checked here too."""
        try:
            module, authorization = OPERATIONS[operation["op"]], operation.get("authorization")
            signed = authorization is not None and module.AUTHORITY is not Authority.ORGANISATION
            authoriser = address_of(authorization["public_key"]) if signed and authorization else self.ledger.msp_id
            # The shard of the lane is not known yet and does not matter: keys that carry it are of no other lane.
            speaker = Speaker(self.ledger.msp_id, _ANY_LANE, authoriser, signed, operation["request_id"])
            return footprint(operation["op"], operation["args"], speaker, self._documents.look)
        except (KeyError, TypeError, ValueError, AttributeError):
            return Footprint()

    def _fill_lanes(self) -> None:
        """Sends batches while there are lanes free and operations that may go."""
        for shard in tuple(self._shards):
            if not self._queue.has_ready():
                return
            batch = self._queue.take(self._size.room, shard)
            if not batch:
                continue
            self._shards.remove(shard)
            flight = self._loop.create_task(self._fly(batch, shard), name=f"batch on shard {shard}")
            self._flights.add(flight)
            flight.add_done_callback(self._flights.discard)

    async def _fly(self, batch: list[Ticket], shard: int) -> None:
        """Carries a batch to its end, whatever that is, and gives the lane to the next."""
        try:
            await self._carry(batch, shard)
        except LedgerError as error:
            _fail(batch, error)
        except Exception as error:
            log.exception("a batch of %d operations met a defect", len(batch))
            _fail(batch, error)
        finally:
            self._queue.finish(batch)
            self._shards.append(shard)
            self._fill_lanes()

    async def _carry(self, batch: list[Ticket], shard: int) -> None:
        """Sends a batch until its outcome is known. Raises the last error when the patience is over, or when trying
        again cannot help.

        A transaction whose outcome is not known may still be committed. So it is sent again with the same operations
        and the same time: what was carried out is told as a repetition; and if the rules refuse now what they accepted
        before, something that it read has changed, and it never will be. For the same reason it is not split any more,
        and when all fails its callers are told that the outcome is not known.
        """
        timestamp = int(time.time()) if batch[0].timestamp is None else batch[0].timestamp
        lost: OutcomeUnknown | None = None
        sent: set[str | None] = set()
        give_up = self._loop.time() + self.bounds.patience_seconds
        pause = PAUSE_FIRST_SECONDS
        conflicts = 0
        while True:
            started = time.monotonic()
            try:
                result = await self.ledger.submit_many(
                    [ticket.operation for ticket in batch], shard=shard, timestamp=timestamp
                )
            except LedgerError as error:
                self._note(error)
                if isinstance(error, OutcomeUnknown):
                    lost = error
                    sent.add(error.transaction_id)
                    for ticket in batch:
                        ticket.state = State.UNKNOWN
                elif lost is None and len(batch) > 1 and _may_be_one(error):
                    await self._split(batch, shard)
                    return
                if self._loop.time() > give_up or not _may_help(error):
                    raise lost or error from None
                if isinstance(error, CommitFailed):
                    conflicts += 1
                    if lost is None and len(batch) > 1 and conflicts >= CONFLICTS_BEFORE_SPLIT:
                        await self._split(batch, shard)
                        return
                    await asyncio.sleep(self._chance.uniform(0, CONFLICT_PAUSE_SECONDS))
                    continue
            else:
                self._size.committed(len(batch), time.monotonic() - started, result.endorsement_seconds)
                receipts = [_of_this_batch(receipt, sent) for receipt in result.receipts]
                await self._settle_or_refill(batch, receipts, shard, timestamp)
                return
            await asyncio.sleep(self._chance.uniform(pause / 2, pause))
            pause = min(2 * pause, PAUSE_MAX_SECONDS)

    async def _settle_or_refill(
        self, batch: Sequence[Ticket], receipts: Sequence[Receipt], shard: int, timestamp: int
    ) -> None:
        """Gives each caller its receipt; but those that a slice had no room for are sent again, behind what brings it,
        as long as the others have it."""
        short: dict[tuple[str, str, int], list[tuple[int, Shortage]]] = {}
        for place, (ticket, receipt) in enumerate(zip(batch, receipts, strict=True)):
            shortage = shortage_of(receipt, self.ledger.msp_id)
            if shortage is not None and ticket.refilled[shortage.slice] < TRIES_MAX:
                short.setdefault(shortage.slice, []).append((place, shortage))
        told = list(receipts)
        bringing: list[Ticket] = []
        again: set[int] = set()
        for slice_, wanting in sorted(short.items()):
            shortages = [shortage for _, shortage in wanting]
            try:
                others = await unused(self.ledger, shortages[0])
            except LedgerError as error:
                log.info("what other slices have left is not known: %s", error)
                continue
            everything = any(batch[place].refilled[slice_] for place, _ in wanting)
            brought = self._bringing(refills(shortages, others, timestamp, everything=everything), timestamp)
            bringing += brought
            for place, shortage in wanting:
                batch[place].refilled[slice_] += 1
                if brought:
                    again.add(place)
                else:
                    elsewhere = sum(found[f"{shortage.limit}_millionths"] for found in others.values())
                    told[place] = shortage.refused(told[place], elsewhere)
        ended = [place for place in range(len(batch)) if place not in again]
        self._settle([batch[place] for place in ended], [told[place] for place in ended])
        if again:
            self.counts["refills"] += 1
            await self._carry([*bringing, *sorted(batch[place] for place in again)], shard)

    def _bringing(self, operations: Sequence[Operation], timestamp: int) -> list[Ticket]:
        """Tickets for operations that bring room, which nobody waits for."""
        found = []
        for operation in operations:
            encoded = EncodedOperation(operation)
            size, future = len(encoded.encoded) + 1, self._loop.create_future()
            found.append(Ticket(encoded, Footprint(), 0, size, False, timestamp, None, future))
        return found

    def _note(self, error: LedgerError) -> None:
        """Counts what went wrong."""
        match error:
            case CommitFailed():
                self.counts["conflicts"] += 1
            case OutcomeUnknown():
                self.counts["unknown"] += 1
            case Rejected():
                self.counts["refused_batches"] += 1
            case _:
                self.counts["endorse_failures" if type(error).__name__ == "EndorseFailed" else "submit_failures"] += 1
        self._size.shrink()
        log.info("batch: %s", error)

    async def _split(self, batch: list[Ticket], shard: int) -> None:
        """Sends the halves one after the other: what makes the batch fail is in one of them."""
        self.counts["splits"] += 1
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            try:
                await self._carry(half, shard)
            except LedgerError as error:
                _fail(half, error)

    def _settle(self, batch: Sequence[Ticket], receipts: Sequence[Receipt]) -> None:
        """Gives each caller its receipt."""
        self.counts["batches"] += 1
        for ticket, receipt in zip(batch, receipts, strict=True):
            self._documents.see(receipt)
            ticket.state = State.COMMITTED if receipt.accepted else State.REJECTED
            self.counts[ticket.state.value] += 1
            self.counts["operations"] += 1
            if not ticket.future.done():
                ticket.future.set_result(receipt)


def _of_this_batch(receipt: Receipt, sent: Collection[str | None]) -> Receipt:
    """The receipt; one of a transaction of this batch's, whose outcome was lost, tells no repetition."""
    if not receipt.repeated or receipt.document["tx_id"] not in sent:
        return receipt
    return Receipt({name: value for name, value in receipt.document.items() if name != "repeated"})


def _fail(batch: Sequence[Ticket], error: Exception) -> None:
    for ticket in batch:
        if ticket.state not in (State.COMMITTED, State.REJECTED):
            ticket.state = State.FAILED
        if not ticket.future.done():
            ticket.future.set_exception(error)
            # A caller that went away does not ask for it any more.
            ticket.future.exception()


def _may_help(error: LedgerError) -> bool:
    """Whether the same batch may pass another time: a conflict, a lost outcome, a network that is away; never a
    refusal."""
    return isinstance(error, CommitFailed | OutcomeUnknown) or error.passing


def _may_be_one(error: LedgerError) -> bool:
    """Whether the batch fails for one of its operations, or for all of them together, and so its halves may pass."""
    if error.code == TOO_LARGE:
        return True
    return isinstance(error, Rejected) or (type(error).__name__ == "EndorseFailed" and not error.passing)


_ANY_LANE = 99
"""In keys of the lane that is not known yet: no shard of the ledger's."""
_OF_A_PAIR = ("position/", "limit/")
_SHARDED = ("supply/", *_OF_A_PAIR)
_CLASS = "class/"
_REDEMPTION = "redemption/"
_HOLD = "hold/"
_OF_AN_ACCOUNT = (_REDEMPTION, _HOLD)


def _mark(account: str) -> str:
    """The key by which operations on one account keep their order; not one of the ledger's."""
    return f"account/{account}"


def _without_shards(found: Footprint) -> Footprint:
    """The footprint without the keys that carry the lane's shard; those of shards that an operation or its hold names
    stay."""
    found.writes = {key for key in found.writes if not _is_of_the_lane(key)}
    found.reads = {key for key in found.reads if not _is_of_the_lane(key)}
    return found


def _is_of_the_lane(key: str) -> bool:
    return key.startswith(_SHARDED) and key.endswith(f"/{_ANY_LANE}")
