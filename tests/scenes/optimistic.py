"""A ledger in memory that commits as Fabric does: endorsed against the state of that moment, valid only if what was
read has not changed by the time it is ordered."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace

from chaincode.cases.world import PLACE
from chaincode.spec.invoke import Response, invoke
from chaincode.spec.kernel.apply import receipts_of
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Creator, Transaction
from chaincode.spec.kernel.memory_state import MemoryState
from chaincode.spec.kernel.signatures import SigningPlace
from gateway.ledger.errors import CommitFailed, LedgerError, OutcomeUnknown, Rejected
from gateway.ledger.evidence import Authorities, Evidence, Header
from gateway.ledger.port import (
    Block,
    BlockTransaction,
    Checkpoint,
    Ledger,
    LedgerEvent,
    Operation,
    Receipt,
    TransactionResult,
    receipts_in,
)
from gateway.ledger.repetitions import completed

ENDORSE_SECONDS = 0.002
ORDER_SECONDS = 0.005


class _Versions:
    """Reads of a state, with the versions seen."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.seen: dict[str, int] = {}
        self.ranges: list[tuple[str, str, list[str]]] = []

    def get(self, key: str) -> bytes | None:
        self.seen[key] = self._channel.versions.get(key, 0)
        return self._channel.state.get(key)

    def get_many(self, keys: list[str]) -> dict[str, bytes | None]:
        return {key: self.get(key) for key in keys}

    def range(self, start: str, end: str):  # type: ignore[no-untyped-def]
        rows = list(self._channel.state.range(start, end))
        self.seen.update({key: self._channel.versions.get(key, 0) for key, _ in rows})
        self.ranges.append((start, end, [key for key, _ in rows]))
        return iter(rows)

    def still_hold(self) -> bool:
        changed = any(self._channel.versions.get(key, 0) != version for key, version in self.seen.items())
        phantom = any(
            [key for key, _ in self._channel.state.range(start, end)] != keys for start, end, keys in self.ranges
        )
        return not changed and not phantom


class Channel:
    """The committed state that several ledgers share."""

    def __init__(self, state: MemoryState, now: int) -> None:
        self.state = state
        self.versions: dict[str, int] = {}
        self.now = now
        self.height = 1
        self.invalid = 0
        self.transactions: dict[str, BlockTransaction] = {}
        self.order: list[str] = []
        """request_ids as they were committed."""
        self.log: list[tuple[Transaction, list[str]]] = []
        """Each valid transaction, and the request_ids that it carried out, in their order."""

    def commit(self, response: Response) -> int:
        self.state.commit(response.writes)
        for key in response.writes:
            self.versions[key] = self.versions.get(key, 0) + 1
        self.height += 1
        return self.height - 1


class OptimisticLedger(Ledger):
    """One gateway's ledger on a channel. `faults` are raised by the next submissions, in turn (None: all is well):
    before the commit, or after it when they say so by being in `after`."""

    def __init__(self, channel: Channel, msp_id: str = "northstar") -> None:
        self.channel = channel
        self._msp_id = msp_id
        self.faults: list[LedgerError | None] = []
        self.after: set[int] = set()
        self.batches: list[int] = []
        self.order_seconds = ORDER_SECONDS
        self.refuses: Callable[[int], LedgerError | None] = lambda size: None
        """What is said of a transaction of so many bytes."""
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def msp_id(self) -> str:
        return self._msp_id

    @property
    def place(self) -> SigningPlace:
        return PLACE

    async def submit(self, operation: Operation, *, timestamp: int | None = None) -> Receipt:
        return (await self.submit_many([operation], timestamp=timestamp)).receipts[0]

    async def submit_many(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> TransactionResult:
        self.batches.append(len(operations))
        await self.gate.wait()
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and id(fault) not in self.after:
            raise fault
        reads = _Versions(self.channel)
        batch = encode({"operations": [dict(operation) for operation in operations], "shard": shard})
        refused = self.refuses(len(batch))
        if refused is not None:
            raise refused
        creator = Creator(self._msp_id, "gateway", "")
        transaction = Transaction("jifen", "jifen", secrets.token_hex(32), self.channel.now, creator)
        try:
            response = invoke(reads, transaction, "Apply", [batch])
        except Refusal as refusal:
            raise Rejected(refusal.code, refusal.detail) from None
        await asyncio.sleep(ENDORSE_SECONDS + self.order_seconds)
        if not reads.still_hold():
            self.channel.invalid += 1
            raise CommitFailed("MVCC_READ_CONFLICT", "", transaction_id=transaction.tx_id, block_number=0)
        number = self.channel.commit(response)
        event = json.loads(response.event) if response.event else None
        self.channel.transactions[transaction.tx_id] = BlockTransaction(
            transaction.tx_id,
            "VALID",
            self.channel.now,
            self._msp_id,
            b"",
            function="Apply",
            arguments=(batch,),
            response=response.payload,
            event=response.event,
        )
        answer = receipts_of(json.loads(response.payload), event, transaction.tx_id)
        receipts = await completed(answer, operations, self.transaction)
        self.channel.order += [receipt["request_id"] for receipt in receipts if "repeated" not in receipt]
        accepted = [one["request_id"] for one in receipts if one["code"] == "OK" and "repeated" not in one]
        self.channel.log.append((replace(transaction, shard=shard), accepted))
        if fault is not None:
            fault.transaction_id = transaction.tx_id
            raise fault
        return TransactionResult(transaction.tx_id, number, receipts_in(receipts, number))

    async def evaluate(self, query: str, arguments: Mapping[str, Json], *, timestamp: int | None = None) -> Json:
        creator = Creator(self._msp_id, "gateway", "")
        transaction = Transaction("jifen", "jifen", "q", timestamp or self.channel.now, creator)
        try:
            answer = invoke(self.channel.state, transaction, query, [encode(dict(arguments))])
        except Refusal as refusal:
            raise Rejected(refusal.code, refusal.detail) from None
        return json.loads(answer.payload)

    async def dry_run(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> tuple[Receipt, ...]:
        raise NotImplementedError

    def events(self, after: Checkpoint | None = None, *, from_block: int = 0) -> AsyncIterator[LedgerEvent]:
        raise NotImplementedError("not asked for in these tests")

    def blocks(self, first: int = 0, last: int | None = None) -> AsyncIterator[Block]:
        raise NotImplementedError("not asked for in these tests")

    def follow(self, first: int = 0) -> AsyncIterator[Block]:
        raise NotImplementedError("not asked for in these tests")

    async def evidence(self, block_number: int) -> Evidence:
        raise NotImplementedError("not asked for in these tests")

    async def headers(self, first: int, last: int) -> Sequence[Header]:
        raise NotImplementedError("not asked for in these tests")

    async def authorities(self) -> Authorities:
        raise NotImplementedError("not asked for in these tests")

    async def transaction(self, transaction_id: str) -> BlockTransaction:
        return self.channel.transactions[transaction_id]

    async def wait_for_block(self, block_number: int) -> None:
        return

    async def height(self) -> int:
        return self.channel.height

    async def close(self) -> None:
        return


def lost(after_commit: bool, ledger: OptimisticLedger) -> OutcomeUnknown:
    """A lost outcome: of a transaction that was committed, or of one that never was."""
    fault = OutcomeUnknown("OUTCOME_UNKNOWN", "lost", transaction_id="x", passing=True)
    if after_commit:
        ledger.after.add(id(fault))
    return fault
