"""Holds a ledger against the rules: replays every block of one's own peer through the rules and compares, byte for
byte.

Checked are the hash chain of the blocks, each valid transaction's writes, answer and event against what the rules make
of its arguments, the peer's whole state against the replayed one, the invariants, and that the lineage of all points
ends in issuances that are large enough. Whoever has a peer can do this alone, trusting nobody.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm

from chaincode.spec.invariants import NAMES, Journal, check
from chaincode.spec.kernel import keys
from chaincode.spec.kernel.balances import is_expired
from chaincode.spec.kernel.calendar import day_at
from chaincode.spec.kernel.certificates import creator_of
from chaincode.spec.kernel.context import Creator, Transaction
from chaincode.spec.lineage import Amounts
from gateway.ledger.port import Block, BlockTransaction, Json, Ledger
from gateway.ledger.replaying import DIFFERENCES_MAX, NO_FORM, Rules, SpecRules, named
from gateway.ledger.state_comparison import History, read_state

Progress = Callable[[int, int], None]
"""Called with blocks done and blocks to do."""
LINEAGE = "lineage_ends_in_issuances"
"""The check that every point there is came from an issuance that is large enough."""
MARK_BYTES = 32
"""What is kept of each block: SHA-256 of its content's hash and of its transactions' validation codes."""
MARKS_IN_MEMORY_BYTES = 1024 * 1024
"""Those of more blocks are in a temporary file."""
NOTHING_KEPT_MIN = 1_000
"""Places that the journal has come upon anew before those are forgotten at which nothing is left."""
REDEMPTION = keys.redemption("")


@dataclass
class Verification:
    """What came out. `differences` names the first few; `checks` says of each check whether it holds."""

    msp_id: str
    blocks: int = 0
    transactions: int = 0
    invalid_transactions: int = 0
    state_keys: int = 0
    expired_unswept_points: dict[str, int] = field(default_factory=dict)
    """Per class, free points whose last day had passed on that of the last transaction, and that nobody has booked yet:
    no breach, they cannot be spent."""
    checks: dict[str, bool] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every check holds."""
        return all(self.checks.values())


class Replayed:
    """A chain as it was replayed: the state after it, its journal and lineage, and what each block was, so that another
    peer's chain that is the same block by block need not be replayed again. `rules` carry out the transactions: the
    Python spec unless others are given. Its memory is that of what the ledger holds now, however long the chain is."""

    def __init__(self, channel: str, chaincode: str, rules: Rules | None = None) -> None:
        self.channel = channel
        self.chaincode = chaincode
        self.rules = rules or SpecRules()
        self.journal = Journal()
        self.lineage = Amounts()
        self.blocks = 0
        self.transactions = 0
        self.invalid_transactions = 0
        self.last_timestamp = 0
        self._marks = tempfile.SpooledTemporaryFile(MARKS_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by `close`
        self._tidied_at = 0
        self._found: list[str] = []
        self._creators: dict[tuple[str, bytes], Creator] = {}
        self._network_id: str | None = None
        """The hash of block 0, which the consortium and what members signed must name."""

    def follow(self, block: Block) -> str | None:
        """Takes in the next block. One that was replayed before is only compared: a difference is given, then; those
        found in new ones are told by `problems`."""
        codes = ",".join(transaction.validation_code for transaction in block.transactions)
        mark = hashlib.sha256(block.computed_data_hash + codes.encode()).digest()
        if block.number < self.blocks:
            self._marks.seek(block.number * MARK_BYTES)
            return (
                None
                if self._marks.read(MARK_BYTES) == mark
                else f"block {block.number}: not the block that another peer has"
            )
        if block.number == 0:
            self._network_id = block.hash.hex()
        for transaction in block.transactions:
            self._transaction(transaction, f"block {block.number}, transaction {transaction.transaction_id}")
        self._marks.seek(self.blocks * MARK_BYTES)
        self._marks.write(mark)
        self.blocks += 1
        self._tidy()
        return None

    def close(self) -> None:
        """Removes what it has in files. The rules are closed by whoever started them."""
        self._marks.close()

    def problems(self) -> list[str]:
        """The first differences found in all blocks that were replayed."""
        return [*self._found, *self.rules.settle()][:DIFFERENCES_MAX]

    def _transaction(self, transaction: BlockTransaction, label: str) -> None:
        if not transaction.valid:
            self.invalid_transactions += 1
            return
        if transaction.function is None:
            return
        self.transactions += 1
        self.last_timestamp = max(self.last_timestamp, transaction.timestamp)
        self.rules.follow(self._subject(transaction, label), transaction, label)
        if transaction.event:
            try:
                for entry in json.loads(transaction.event)["operations"]:
                    self.journal.post(entry["postings"])
                    self.lineage.take(entry)
            except NO_FORM as error:
                self._tell(f"{label}: its event cannot be read: {named(error)}")
        for write in transaction.writes:
            if write.value is None and write.key.startswith(REDEMPTION):
                self.lineage.forget(write.key.removeprefix(REDEMPTION))

    def _tidy(self) -> None:
        """Forgets the places of the journal at which nothing is left, each time that it has twice as many as were left
        the last time."""
        counters: tuple[Counter[Any], ...] = (self.journal.points, self.journal.held, self.journal.debts)
        if sum(map(len, counters)) < 2 * self._tidied_at + NOTHING_KEPT_MIN:
            return
        for counter in counters:
            for name in [name for name, points in counter.items() if not points]:
                del counter[name]
        self._tidied_at = sum(map(len, counters))

    def _subject(self, transaction: BlockTransaction, label: str) -> Transaction | None:
        """The transaction as the rules see it; None where nobody can say who sent it."""
        name = (transaction.creator_msp_id, transaction.creator_certificate_pem)
        if name not in self._creators:
            try:
                self._creators[name] = creator_of(*name)
            except (ValueError, UnsupportedAlgorithm) as error:
                self._tell(f"{label}: the certificate of its submitter, of {name[0]}, cannot be read: {error}")
                return None
        return Transaction(
            self.channel,
            self.chaincode,
            transaction.transaction_id,
            transaction.timestamp,
            self._creators[name],
            network_id=self._network_id,
        )

    def _tell(self, problem: str) -> None:
        _note(self._found, problem)


def _note(found: list[str], problem: str) -> None:
    """Keeps the problem, if it is one of the first."""
    if len(found) < DIFFERENCES_MAX:
        found.append(problem)


async def verify(ledger: Ledger, replayed: Replayed, progress: Progress | None = None) -> Verification:
    """Verifies the ledger as `ledger`'s own peer has it, up to its height now, and what it commits while its state is
    read. `replayed` is new, or what an earlier call left, of another peer or of fewer blocks."""
    result = Verification(ledger.msp_id)
    if replayed.blocks:
        await ledger.wait_for_block(replayed.blocks - 1)
    chain = _ChainCheck()
    replay: list[str] = []
    height = await ledger.height()

    async def follow(first: int, end: int, also: Callable[[Block], None]) -> None:
        async for block in ledger.blocks(first, end - 1):
            chain.follow(block)
            if difference := replayed.follow(block):
                _note(replay, difference)
            also(block)
            result.blocks += 1
            if progress is not None:
                progress(result.blocks, end)

    await follow(0, height, lambda block: None)
    await asyncio.to_thread(replayed.problems)
    values = await asyncio.to_thread(replayed.rules.state)
    invariants, result.expired_unswept_points = judged(values, replayed)
    history = History(values)
    read = await read_state(ledger, values)
    end = await ledger.height()
    if end > height:
        await follow(height, end, history.follow)
    result.state_keys = read.keys
    replay = [*await asyncio.to_thread(replayed.problems), *replay]
    state = list(islice(history.differences(read.pages), DIFFERENCES_MAX))
    result.transactions = replayed.transactions
    result.invalid_transactions = replayed.invalid_transactions
    result.checks = {
        "blocks_form_a_chain": not chain.differences,
        "replay_gives_every_write": not replay,
        "state_equals_replay": not state,
        **{name: not found for name, found in invariants.items()},
    }
    breaches = [f"{name}: {breach}" for name, found in invariants.items() for breach in found]
    result.differences = [*chain.differences, *replay, *state, *breaches][:DIFFERENCES_MAX]
    return result


class _ChainCheck:
    """Whether blocks form a chain, and what is wrong with it."""

    def __init__(self) -> None:
        self.differences: list[str] = []
        self._previous: Block | None = None

    def follow(self, block: Block) -> None:
        """Takes in the next block."""
        previous, self._previous = self._previous, block
        if block.data_hash != block.computed_data_hash:
            _note(self.differences, f"block {block.number}: its content has another hash than its header says")
        if block.number != (0 if previous is None else previous.number + 1):
            _note(self.differences, f"block {block.number}: out of order")
        elif previous is not None and block.previous_hash != previous.hash:
            _note(self.differences, f"block {block.number}: does not name the block before it")


def judged(values: Mapping[str, bytes], replayed: Replayed) -> tuple[dict[str, list[str]], dict[str, int]]:
    """The breaches of each invariant by its name, and the points of each class that expired and were not swept. Of a
    state that cannot be read no invariant is said to hold."""
    try:
        found = check(values, replayed.journal, now=replayed.last_timestamp)
        found[LINEAGE] = replayed.lineage.breaches(_documents(values, "balance/"), _documents(values, "supply/"))
        return found, _expired_unswept(values, replayed.last_timestamp)
    except NO_FORM as error:
        told = f"a document is of no form that the rules write: {named(error)}"
        return {name: [told] for name in (*NAMES, LINEAGE)}, {}


def _documents(values: Mapping[str, bytes], prefix: str) -> dict[str, Json]:
    """The documents whose keys begin with the prefix, by the rest of their keys."""
    return {key.removeprefix(prefix): json.loads(value) for key, value in values.items() if key.startswith(prefix)}


def _expired_unswept(values: Mapping[str, bytes], last_timestamp: int) -> dict[str, int]:
    if keys.CONSORTIUM not in values:
        return {}
    today = day_at(last_timestamp, json.loads(values[keys.CONSORTIUM])["time_zone"])
    found: dict[str, int] = {}
    for name, (buckets, *_) in _documents(values, "balance/").items():
        class_id = name.partition("/")[0]
        for expires, points, held in buckets:
            if is_expired(expires, today):
                found[class_id] = found.get(class_id, 0) + points - held
    return found
