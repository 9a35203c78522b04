"""How quickly a chain is replayed, and in how much memory: by `jifen verify` with the rules in Go and in Python, and by
`jifen projection rebuild`, on chains of several lengths.

The chains are one embedded ledger's, as it grows. Everybody of `accounts` buys again and again, so many purchases a
transaction. Points last for some days: each purchase brings points that last longer than all before, and lets older
ones expire, so what there is stays as large as it was. Each replay is a process of its own, measured from its first
block to its answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from admin.tools.bench.document import Goal, answer
from admin.tools.bench.shop import ISSUER, OPENED, OPERATOR, Call, entries, opening, purchases, time_of
from chaincode.signing import MemberKey
from chaincode.spec.kernel.canonical import encode
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.adapters.embedded_store import EmbeddedStore
from network.programs.chaincode import REPLAY, provide_chaincode

POINTS_LAST_DAYS = 30
WORKS = ("verify_go", "verify_python", "rebuild")
QUICK = ("verify_go", "rebuild")
"""Those whose speed has a goal; the rules in Python are an option."""
OPERATIONS_A_SECOND = 10_000
GROWTH_MEBIBYTES_MAX = 16
"""What the longest chain may take more than the shortest one."""
REPLAY_SECONDS_MAX = 7200
Progress = Callable[[str], None]


class Chain:
    """An embedded ledger's file, to which purchases are added."""

    def __init__(self, file: Path, accounts: int, batch: int) -> None:
        self.store = EmbeddedStore(file, "jifen", "jifen")
        self.purchases = 0
        self._batch = batch
        self._addresses = [MemberKey.derived(f"replay {number}").address for number in range(accounts)]
        self._identities = {
            (msp_id, role): embedded_identity(msp_id, role)
            for msp_id, role in ((OPERATOR, "admin"), (ISSUER, "admin"), (ISSUER, "gateway"))
        }
        for msp_id, role, call in opening(self.store.place.network, {"days": POINTS_LAST_DAYS, "kind": "DAYS"}):
            self._carry_out(msp_id, role, [call], OPENED)

    def grow(self, number: int) -> None:
        """Adds purchases until there are so many."""
        while self.purchases < number:
            some = range(self.purchases, min(self.purchases + self._batch, number))
            now = time_of(self.purchases, len(self._addresses))
            self._carry_out(ISSUER, "gateway", purchases(self._addresses, some, now), now)
            self.purchases = some.stop

    def close(self) -> None:
        """Closes the file."""
        self.store.close()

    def _carry_out(self, msp_id: str, role: str, calls: list[Call], now: int) -> None:
        batch = encode({"operations": entries(calls, now), "shard": 0})
        committed = self.store.invoke(self._identities[msp_id, role], now, "Apply", [batch])
        refused = [receipt for receipt in json.loads(committed.response.payload) if receipt is not None]
        assert not refused, refused[0]


def measure(lengths: Sequence[int], accounts: int, batch: int, progress: Progress) -> dict[str, Any]:
    """The document of the bench: each work on the chain at each length, the shortest first."""
    program = provide_chaincode(progress, REPLAY)
    runs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="jifen-bench-") as place:
        folder = Path(place)
        chain = Chain(folder / "ledger.sqlite", accounts, batch)
        try:
            for length in sorted(lengths):
                chain.grow(length)
                for work in WORKS:
                    run = {"work": work, **replayed(work, folder, program), "operations": length}
                    busiest = max(run["cpu_seconds"], run["go_cpu_seconds"])
                    run["operations_per_second"] = round(length / run["seconds"])
                    run["operations_per_cpu_second"] = round(length / busiest)
                    runs.append(run)
                    progress(f"{length:,} purchases, {work}: {run['seconds']:.1f} s, {run['mebibytes']} MiB")
        finally:
            chain.close()
    goals = {}
    for work in WORKS:
        done = [run for run in runs if run["work"] == work]
        if work in QUICK:
            name = f"{work}: operations a CPU second of its busiest process"
            goals[name] = Goal(done[-1]["operations_per_cpu_second"], OPERATIONS_A_SECOND)
        for part in ("mebibytes", "go_mebibytes") if work == "verify_go" else ("mebibytes",):
            name = f"{work}: {part.replace('_', ' ')} more on the longest chain"
            goals[name] = Goal(done[-1][part] - done[0][part], GROWTH_MEBIBYTES_MAX, at_most=True)
    return answer(goals, runs)


def replayed(work: str, folder: Path, program: str) -> dict[str, Any]:
    """The figures of one work on the folder's chain, in a process of its own. `program` is that of the Go rules."""
    command = [sys.executable, "-m", "admin.tools.bench.replay_process", work, str(folder), program]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=REPLAY_SECONDS_MAX, check=True)
    figures: dict[str, Any] = json.loads(ended.stdout)
    return figures
