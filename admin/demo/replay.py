"""The replay: many transactions in flight, and only operations that touch the same member wait for each other.

Jobs of one organisation and day go into one transaction. Each organisation keeps up to `lanes` transactions in flight,
each with a shard number of its own, so that none shares a counter with another. What the ledger's log holds already is
not sent. A lost answer is asked again with the same request ids; the ledger carries each out once.
"""

from __future__ import annotations

import asyncio
import datetime
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_random_exponential

from admin.demo.done import Done
from admin.demo.jobs import Job, Person, Turns, months_of_jobs
from admin.demo.purchases import Purchase
from admin.demo.setting import CLASS_IDS, OPERATOR, limit_for, night, noon, opening, request
from admin.demo.settlement import settle
from admin.errors import Differs
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.limits import ACCOUNTS_PER_EXPIRE_MAX
from gateway.ledger.errors import LedgerError, Rejected
from gateway.ledger.port import Ledger, Receipt, TransactionResult

JOBS_PER_TRANSACTION = 60
PATIENCE_SECONDS = 300.0
"""How long one transaction is tried again while peers, chaincode or orderers are away."""

Ledgers = Mapping[tuple[str, str], Ledger]
"""(MSP id, identity) to ledger."""


@dataclass
class Measures:
    """What a run counts."""

    operations: int = 0
    transactions: int = 0
    retries: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


class Replay:
    """One run over one set of ledgers. `progress` is called with the number of purchases done."""

    def __init__(self, ledgers: Ledgers, progress: Callable[[int], None], lanes: int = 8) -> None:
        self.ledgers = ledgers
        self.place = next(iter(ledgers.values())).place
        self.people: dict[int, Person] = {}
        self.measures = Measures()
        self.window_id = 1
        self.newest_block = -1
        self._progress = progress
        self._lanes = lanes
        self._done = 0
        self._opened = -1
        self._carried_out = Done()

    async def run(self, purchases: list[Purchase]) -> None:
        """Opens the consortium, replays every month, settles every window. Raises Rejected or Differs when the ledger
        answers other than the rules say it must."""
        start = time.monotonic()
        first, limit = purchases[0].day - datetime.timedelta(days=1), limit_for(sum(one.points for one in purchases))
        self._carried_out = await Done.of(next(iter(self.ledgers.values())))
        for msp_id, identity, operations in opening(night(first), self.place.network, limit):
            await self.submit(msp_id, operations, night(first), identity=identity)
        self._opened = self.newest_block
        self._lap("opening", start)
        settling: asyncio.Task[None] | None = None
        start = time.monotonic()
        for day, jobs in months_of_jobs(purchases, self.people):
            await self._month(jobs)
            await self._sweep(day)
            await self._cut(day)
            settling = asyncio.create_task(self._settle_after(settling, self.window_id - 1, day))
        self._lap("purchases", start)
        start = time.monotonic()
        if settling is not None:
            await settling
        self._lap("settlement", start)

    async def submit(
        self,
        msp_id: str,
        operations: list[Json],
        now: int,
        *,
        identity: str = "gateway",
        shard: int = 0,
        after: int | None = None,
    ) -> tuple[Receipt, ...]:
        """Carries out operations in one transaction, each of which must be accepted; asks again until the outcome is
        known.

        They rest on what stands up to block `after` (all that was submitted before, when left out), which another
        organisation's peer may have told: the own one must have got there.
        """
        receipts, _ = await self._submit(
            msp_id, operations, now, identity, shard, self.newest_block if after is None else after
        )
        return receipts

    async def _submit(
        self, msp_id: str, operations: list[Json], now: int, identity: str, shard: int, after: int
    ) -> tuple[tuple[Receipt, ...], int]:
        ledger = self.ledgers[msp_id, identity]
        receipts = [self._carried_out.receipt(msp_id, operation) for operation in operations]
        left = [operation for operation, receipt in zip(operations, receipts, strict=True) if receipt is None]
        blocks = [receipt.block_number for receipt in receipts if receipt is not None]
        made: Iterator[Receipt] = iter(())
        if left:
            result = await self._sent(ledger, left, now, shard, after)
            self.measures.transactions += 1
            # A repetition stands in some block that the own peer has.
            blocks.append(await ledger.height() - 1 if result.block_number is None else result.block_number)
            made = iter(result.receipts)
        self.measures.operations += len(operations)
        block = max(number for number in blocks if number is not None)
        self.newest_block = max(self.newest_block, block)
        return tuple(receipt or next(made) for receipt in receipts), block

    async def _sent(
        self, ledger: Ledger, operations: list[Json], now: int, shard: int, after: int
    ) -> TransactionResult:
        attempts = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, LedgerError) and not isinstance(error, Rejected)),
            wait=wait_random_exponential(multiplier=0.05, max=2.0),
            stop=stop_after_delay(PATIENCE_SECONDS),
            reraise=True,
        )
        async for attempt in attempts:
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    self.measures.retries += 1
                await ledger.wait_for_block(after)
                result = await ledger.submit_many(operations, shard=shard, timestamp=now)
        for receipt in result.receipts:
            if not receipt.accepted:
                raise Rejected(receipt.code, f"{receipt.request_id}: {receipt.detail}")
        return result

    async def _month(self, jobs: list[Job]) -> None:
        """All jobs of a month."""
        turns = Turns(jobs)
        ready: dict[str, dict[datetime.date, list[Job]]] = defaultdict(lambda: defaultdict(list))
        shards = {job.msp_id: list(range(self._lanes)) for job in jobs}
        flying: dict[asyncio.Task[None], tuple[str, int, list[Job]]] = {}

        def enqueue(some: list[Job]) -> None:
            for job in some:
                ready[job.msp_id][job.day].append(job)

        enqueue(turns.first())
        left = len(jobs)
        try:
            while left:
                for msp_id, days in ready.items():
                    while days and shards[msp_id]:
                        day = min(days)
                        batch, rest = days[day][:JOBS_PER_TRANSACTION], days[day][JOBS_PER_TRANSACTION:]
                        if rest:
                            days[day] = rest
                        else:
                            del days[day]
                        shard = shards[msp_id].pop(0)
                        flying[asyncio.create_task(self._carry_out(msp_id, shard, batch))] = (msp_id, shard, batch)
                done, _ = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    msp_id, shard, batch = flying.pop(task)
                    task.result()
                    shards[msp_id].append(shard)
                    left -= len(batch)
                    for job in batch:
                        enqueue(turns.done(job))
        finally:
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)

    async def _carry_out(self, msp_id: str, shard: int, batch: list[Job]) -> None:
        planned = [(job, operation) for job in batch for operation in job.plan(self.place)]
        if planned:
            operations = [operation for _, operation in planned]
            after = max([self._opened, *(person.block for job in batch for person in job.people)])
            receipts, block = await self._submit(msp_id, operations, noon(batch[0].day), "gateway", shard, after)
            for job in batch:
                for person in job.people:
                    person.block = block
            for (job, operation), receipt in zip(planned, receipts, strict=True):
                _hold_against(job, operation, receipt)
        self._done += sum(job.purchase is not None for job in batch)
        self._progress(self._done)

    async def _sweep(self, day: datetime.date) -> None:
        """Books the points that have expired, class by class, on the last evening of a month."""

        async def sweep(class_id: str) -> None:
            people = [person for person in self.people.values() if person.wallet.has_expired(class_id, day)]
            for start in range(0, len(people), ACCOUNTS_PER_EXPIRE_MAX):
                some = people[start : start + ACCOUNTS_PER_EXPIRE_MAX]
                expected = sum(person.wallet.expire(class_id, day) for person in some)
                args = {"accounts": [person.key.address for person in some], "class_id": class_id}
                name = f"expire-{day}-{class_id}-{start // ACCOUNTS_PER_EXPIRE_MAX}"
                operation = request("Expire", name, args, night(day))
                (receipt,) = await self.submit(class_id, [operation], night(day))
                if receipt.result["points"] != expected:
                    raise Differs("REPLAY_DIFFERS", f"{name}: {receipt.result['points']} expired, expected {expected}")

        await asyncio.gather(*(sweep(class_id) for class_id in CLASS_IDS))

    async def _cut(self, day: datetime.date) -> None:
        operation = request("CutWindow", f"cut-{self.window_id}", {"window_id": self.window_id}, night(day))
        await self.submit(OPERATOR, [operation], night(day))
        self.window_id += 1
        self._opened = self.newest_block

    async def _settle_after(self, before: asyncio.Task[None] | None, window_id: int, day: datetime.date) -> None:
        """Settles a window when the one before it is: beside the purchases of the next month."""
        if before is not None:
            await before
        await settle(self.submit, window_id, day)

    def _lap(self, phase: str, start: float) -> None:
        self.measures.seconds[phase] = round(time.monotonic() - start, 2)


def _hold_against(job: Job, operation: Json, receipt: Receipt) -> None:
    """The ledger must have drawn what the demo knew that it would."""
    if operation["op"] == "Redeem":
        draws = [
            (draw["class_id"], draw["expires_on"], draw["points"]) for draw in receipt.result["redemption"]["draws"]
        ]
        if draws != job.draws:
            raise Differs("REPLAY_DIFFERS", f"{receipt.request_id}: drew {draws}, expected {job.draws}")
