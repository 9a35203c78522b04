"""One run from purchases to answer: replay, read the answer from the ledger, verify it from every organisation's own
peer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from admin.demo import answer
from admin.demo.purchases import Purchase
from admin.demo.replay import Ledgers, Replay
from admin.demo.setting import MERCHANTS
from chaincode.spec.kernel.canonical import Json
from gateway.ledger.verification import Replayed, verify


class Progress(Protocol):
    """Told how far a phase is."""

    def __call__(self, phase: str, done: int, total: int) -> None: ...


@dataclass(frozen=True)
class Run:
    """`document` is what `--json` prints; `differences` say in words what a failed check found. `last_time` is that of
    the last transaction."""

    document: Json
    differences: list[str]
    last_time: int


async def run(adapter: str, ledgers: Ledgers, purchases: list[Purchase], progress: Progress, lanes: int) -> Run:
    """Replays `purchases` on `ledgers`. Raises the ledger's errors, Rejected or Differs; a failed check stands in the
    document."""
    started = time.monotonic()
    replay = Replay(ledgers, lambda done: progress("purchases", done, len(purchases)), lanes)
    await replay.run(purchases)
    replayed_seconds = time.monotonic() - started
    own = [ledgers[merchant.msp_id, "gateway"] for merchant in MERCHANTS]
    height = max([await ledger.height() for ledger in own])
    for ledger in own:
        await ledger.wait_for_block(height - 1)  # a peer that is behind gets its blocks by gossip
    ledger = own[0]
    counts = await answer.counts(ledger, len(purchases))
    classes = await answer.classes(ledger)
    windows = await answer.windows(ledger, replay.window_id - 1)
    verifying = time.monotonic()
    replayed = Replayed("jifen", "jifen")
    checks: dict[str, dict[str, bool]] = {}
    differences: list[str] = []
    for merchant, ledger in zip(MERCHANTS, own, strict=True):
        found = await verify(ledger, replayed, partial(progress, f"verify {merchant.msp_id}"))
        checks[merchant.msp_id] = found.checks
        differences += [f"{merchant.msp_id}: {difference}" for difference in found.differences]
    seconds = {**replay.measures.seconds, "verify": round(time.monotonic() - verifying, 2)}
    document = {
        "counts": counts,
        "classes": classes,
        "windows": windows,
        "ledger": adapter,
        "operations": replay.measures.operations,
        "transactions": replay.measures.transactions,
        "blocks": height,
        "retries": replay.measures.retries,
        "invalid_transactions": replayed.invalid_transactions,
        "seconds": {**seconds, "replay": round(replayed_seconds, 2)},
        "operations_per_second": round(replay.measures.operations / replayed_seconds, 1),
        "checks": checks,
    }
    return Run(document, differences, replayed.last_timestamp)


def passed(document: Json) -> bool:
    """Whether every check of every organisation holds."""
    return all(all(checks.values()) for checks in document["checks"].values())
