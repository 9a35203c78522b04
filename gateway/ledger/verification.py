"""Holds a ledger against the rules: replays every block of one's own peer through the Python spec and compares, byte for byte.

Checked are the hash chain of the blocks, each valid transaction's writes, answer and event against what the rules make of its arguments,
the peer's whole state against the replayed one, and the invariants. Whoever has a peer can do this alone, trusting nobody.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm

from chaincode.spec import keys
from chaincode.spec.balances import is_expired, lots_of
from chaincode.spec.calendar import day_of
from chaincode.spec.certificates import creator_of
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Creator, Transaction
from chaincode.spec.invariants import NAMES, Journal, check
from chaincode.spec.invoke import invoke
from chaincode.spec.limits import PAGE_ROWS_MAX
from chaincode.spec.memory import MemoryState
from chaincode.spec.state import after_prefix
from gateway.ledger.port import Block, BlockTransaction, Ledger

Progress = Callable[[int, int], None]
"""Called with blocks done and blocks to do."""


@dataclass
class Verification:
    """What came out. `differences` names the first few; `checks` says of each check whether it holds."""

    msp_id: str
    blocks: int = 0
    transactions: int = 0
    invalid_transactions: int = 0
    state_keys: int = 0
    expired_unswept_points: dict[str, int] = field(default_factory=dict)
    """Per class, points in lots that had expired on the day of the last transaction and were not swept: no breach, they cannot be spent."""
    checks: dict[str, bool] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every check holds."""
        return all(self.checks.values())


DIFFERENCES_MAX = 20
_NO_FORM = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What is raised at a document that no rule wrote. Organisations that agree on one can bring it into the state: it is a difference then, and not the report's end."""


class Replayed:
    """A chain as it was replayed: the state after it, its journal, and what each block was, so that another peer's chain that is the
    same block by block need not be replayed again."""

    def __init__(self, channel: str, chaincode: str) -> None:
        self.channel = channel
        self.chaincode = chaincode
        self.state = MemoryState()
        self.journal = Journal()
        self.blocks: list[tuple[bytes, tuple[str, ...]]] = []
        self.transactions = 0
        self.invalid_transactions = 0
        self.problems: list[str] = []
        self.last_timestamp = 0
        self._creators: dict[tuple[str, bytes], Creator] = {}

    def follow(self, block: Block) -> list[str]:
        """Takes in the next block; gives the differences found in it. One that was replayed before is only compared."""
        mark = (block.computed_data_hash, tuple(transaction.validation_code for transaction in block.transactions))
        if block.number < len(self.blocks):
            same = self.blocks[block.number] == mark
            return [] if same else [f"block {block.number}: not the block that another peer has"]
        found = [
            f"block {block.number}, transaction {transaction.transaction_id}: {problem}"
            for transaction in block.transactions
            for problem in self._transaction(transaction)
        ]
        self.blocks.append(mark)
        self.problems += found
        return found

    def _transaction(self, transaction: BlockTransaction) -> list[str]:
        if not transaction.valid:
            self.invalid_transactions += 1
            return []
        if transaction.function is None:
            return []
        self.transactions += 1
        self.last_timestamp = max(self.last_timestamp, transaction.timestamp)
        name = (transaction.creator_msp_id, transaction.creator_certificate_pem)
        written = {write.key: write.value for write in transaction.writes}
        if name not in self._creators:
            try:
                self._creators[name] = creator_of(*name)
            except (ValueError, UnsupportedAlgorithm) as error:
                self.state.commit(written)
                return [f"the certificate of its submitter, of {transaction.creator_msp_id}, cannot be read: {error}"]
        subject = Transaction(
            self.channel, self.chaincode, transaction.transaction_id, transaction.timestamp, self._creators[name]
        )
        try:
            response = invoke(self.state, subject, transaction.function, list(transaction.arguments))
        except Refusal as refusal:
            return [f"the rules refuse it: {refusal}"]
        except _NO_FORM as error:
            return [f"the rules cannot read the state before it: {_named(error)}"]
        finally:
            self.state.commit(written)
        found = [
            f"{key} is {_shown(written.get(key))}, the rules write {_shown(response.writes.get(key))}"
            for key in sorted(set(written) | set(response.writes))
            if key not in written or key not in response.writes or written[key] != response.writes[key]
        ]
        if response.payload != transaction.response:
            found.append("its answer is not that of the rules")
        if response.event != transaction.event:
            found.append("its event is not that of the rules")
        if transaction.event:
            try:
                for entry in json.loads(transaction.event)["operations"]:
                    self.journal.post(entry["postings"])
            except _NO_FORM as error:
                found.append(f"its event cannot be read: {_named(error)}")
        return found


async def verify(ledger: Ledger, replayed: Replayed, progress: Progress | None = None) -> Verification:
    """Verifies the ledger as `ledger`'s own peer has it, up to its height now. `replayed` is new, or what an earlier call left, of
    another peer or of fewer blocks."""
    result = Verification(ledger.msp_id)
    height = await ledger.height()
    chain: list[str] = []
    replay: list[str] = list(replayed.problems)
    previous: Block | None = None
    async for block in ledger.blocks(0, height - 1):
        if block.data_hash != block.computed_data_hash:
            chain.append(f"block {block.number}: its content has another hash than its header says")
        if block.number != (0 if previous is None else previous.number + 1):
            chain.append(f"block {block.number}: out of order")
        elif previous is not None and block.previous_hash != previous.hash:
            chain.append(f"block {block.number}: does not name the block before it")
        replay += replayed.follow(block)
        previous = block
        result.blocks += 1
        if progress is not None:
            progress(result.blocks, height)
    state = await _compare_state(ledger, replayed, result)
    invariants, result.expired_unswept_points = judged(replayed)
    result.transactions = replayed.transactions
    result.invalid_transactions = replayed.invalid_transactions
    result.checks = {
        "blocks_form_a_chain": not chain,
        "replay_gives_every_write": not replay,
        "state_equals_replay": not state,
        **{name: not found for name, found in invariants.items()},
    }
    breaches = [f"{name}: {breach}" for name, found in invariants.items() for breach in found]
    result.differences = [*chain, *replay, *state, *breaches][:DIFFERENCES_MAX]
    return result


def judged(replayed: Replayed) -> tuple[dict[str, list[str]], dict[str, int]]:
    """The breaches of each invariant by its name, and the points of each class that expired and were not swept. Of a state that cannot be read no
    invariant is said to hold."""
    try:
        return check(replayed.state.values, replayed.journal), _expired_unswept(replayed)
    except _NO_FORM as error:
        return {name: [f"a document is of no form that the rules write: {_named(error)}"] for name in NAMES}, {}


async def _compare_state(ledger: Ledger, replayed: Replayed, result: Verification) -> list[str]:
    """Every key of the peer's state against the replayed one."""
    expected = dict(replayed.state.values)
    found = []
    after: str | None = None
    while True:
        page = await ledger.evaluate("ReadState", {"after": after, "rows": PAGE_ROWS_MAX})
        for key, text in page["rows"]:
            result.state_keys += 1
            value = expected.pop(key, None)
            if value != text.encode("utf-8"):
                found.append(f"state: {key} is {_shown(text.encode())}, replay gives {_shown(value)}")
        after = page["next"]
        if after is None:
            break
    return found + [f"state: {key} is missing, replay gives {_shown(value)}" for key, value in expected.items()]


def _expired_unswept(replayed: Replayed) -> dict[str, int]:
    consortium = replayed.state.get(keys.CONSORTIUM)
    if consortium is None:
        return {}
    today = day_of(replayed.last_timestamp, json.loads(consortium)["time_zone"])
    found: dict[str, int] = {}
    for key, value in replayed.state.range("balance/", after_prefix("balance/")):
        for lot in lots_of(json.loads(value)):
            if is_expired(lot, today):
                class_id = key.split("/")[1]
                found[class_id] = found.get(class_id, 0) + lot["points"] - lot["held"]
    return found


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _shown(value: bytes | None) -> str:
    return "nothing" if value is None else value.decode("utf-8", "replace")[:200]
