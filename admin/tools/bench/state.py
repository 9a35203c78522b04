"""How large the ledger's state is after so many purchases: by the rules alone, without peers.

Everybody of `accounts` buys now and then, day after day; points last to the end of a month a year ahead and can be
clawed back for the default days. What is measured is the committed state: its keys and bytes, what of them is points
and what is memory of requests. A last line has the same after two idle months and a sweep of every balance.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from admin.tools.bench.document import Goal, answer
from admin.tools.bench.shop import CLASS, ISSUER, OPENED, Call, entries, opening, purchases, time_of
from chaincode.signing import MemberKey
from chaincode.spec.kernel.apply import apply_batch
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.context import Creator, Transaction
from chaincode.spec.kernel.limits import ITEMS_PER_SWEEP_MAX, OPERATIONS_PER_BATCH_MAX
from chaincode.spec.kernel.memory_state import MemoryState
from chaincode.spec.operations import OPERATIONS

NETWORK = f"{0:064x}"
IDLE_DAYS = 60
Progress = Callable[[str], None]


@dataclass
class Measured:
    """The state after so many accruals."""

    accruals: int
    keys: int
    bytes: int
    balances: int
    bucket_bytes: int
    memory_bytes: int
    memory_keys: int
    receipts: int

    def document(self) -> dict[str, Any]:
        """The figures by their names."""
        return vars(self)


class Ledger:
    """The rules over a state in memory."""

    def __init__(self) -> None:
        self.state = MemoryState()
        self.now = OPENED
        self._transactions = 0

    def carry_out(self, msp_id: str, role: str, calls: list[Call]) -> None:
        """These in one transaction, each of which must be accepted."""
        self._transactions += 1
        transaction = Transaction("jifen", "jifen", f"{self._transactions:064x}", self.now, Creator(msp_id, role, ""))
        outcome = apply_batch(self.state, transaction, entries(calls, self.now), OPERATIONS)
        refused = [receipt for receipt in outcome.receipts if receipt["code"] != "OK"]
        assert not refused, refused[0]
        self.state.commit(outcome.writes)

    def measured(self, accruals: int) -> Measured:
        """What the state comes to."""
        found = Measured(accruals, len(self.state.values), 0, 0, 0, 0, 0, 0)
        for key, value in self.state.values.items():
            found.bytes += len(key) + len(value)
            noun = key.partition("/")[0]
            if noun == "balance":
                document = json.loads(value)
                memory = len(json.dumps(document[3], separators=(",", ":")))
                found.balances += 1
                found.memory_bytes += memory
                found.bucket_bytes += len(value) - memory
            elif noun == "memory":
                found.memory_keys += 1
                found.memory_bytes += len(key) + len(value)
            elif noun == "receipt":
                found.receipts += 1
        return found


def measure(accounts: int, accruals: int, progress: Progress) -> dict[str, Any]:
    """The document of the bench: the state at a tenth, a half and all of the accruals, and after an idle time."""
    ledger = Ledger()
    for msp_id, role, call in opening(NETWORK, {"kind": "MONTH_END", "months": 12}):
        ledger.carry_out(msp_id, role, [call])
    addresses = [MemberKey.derived(f"state {number}").address for number in range(accounts)]
    runs = []
    for done in range(0, accruals, OPERATIONS_PER_BATCH_MAX):
        ledger.now = time_of(done, accounts)
        some = range(done, min(done + OPERATIONS_PER_BATCH_MAX, accruals))
        ledger.carry_out(ISSUER, "gateway", purchases(addresses, some, ledger.now))
        for part in (10, 2, 1):
            if done < accruals // part <= some.stop:
                runs.append(ledger.measured(some.stop).document())
                progress(f"{some.stop:,} accruals: {runs[-1]['keys']:,} keys, {runs[-1]['bytes']:,} bytes")
    ledger.now += IDLE_DAYS * SECONDS_PER_DAY
    for start in range(0, accounts, ITEMS_PER_SWEEP_MAX):
        named = [{"account": one, "class_id": CLASS} for one in addresses[start : start + ITEMS_PER_SWEEP_MAX]]
        ledger.carry_out(ISSUER, "gateway", [("Sweep", f"sweep-{start}", {"balances": named})])
    runs.append({**ledger.measured(accruals).document(), "swept": True})
    _, half, whole, swept = runs
    open_keys = whole["keys"] - whole["balances"] - whole["memory_keys"] - whole["receipts"]
    goals = {
        "keys beside one an account, the consortium's and its receipts": Goal(
            whole["keys"] - accounts - open_keys - whole["receipts"], 0, at_most=True
        ),
        "memory at the end, of that at half": Goal(whole["memory_bytes"] / half["memory_bytes"], 1.05, at_most=True),
        "bytes of memory an account, swept": Goal(swept["memory_bytes"] / accounts, 2, at_most=True),
    }
    return answer(goals, runs)
