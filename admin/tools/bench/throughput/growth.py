"""P5: what a transaction costs a peer in a consortium of two and in one of many organisations."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from admin.tools.bench.throughput.ground import ISSUER, Ground
from admin.tools.bench.throughput.plan import Report
from admin.tools.bench.throughput.watch import Watch
from gateway.ledger.adapters.opening import open_ledger
from gateway.ledger.errors import LedgerError
from gateway.ledger.port import Operation
from network.declaration.model import Batch

TRANSACTIONS = 960
LANES = 32
BLOCK = Batch.model_validate({"timeout": "1s", "messages_max": LANES // 2, "preferred_bytes": 4 << 20})
"""Blocks are cut by count alone. What a block costs is then shared by as many transactions in a large network as in a
small one, which the blocks of a timeout are not, because one machine carries a network of many processes more
slowly."""
IDLE_SECONDS = 5.0
P5_GOAL = 1.3


async def cost_of_a_transaction(ground: Ground, report: Report) -> dict[str, Any]:
    """CPU milliseconds of the busiest peer for each transaction of one operation, less what it uses when nothing
    happens. The busiest one is the gateway's own: it endorses all of them, as each peer of two does."""
    orgs = len(ground.network.merchants)
    report(f"P5: {orgs} organisations")
    watch = Watch(ground.network.folder)
    lanes = [_operations(ground, lane) for lane in range(LANES)]
    async with open_ledger("fabric", ground.network, ISSUER) as ledger:
        await asyncio.gather(*(ledger.submit(lane.pop()) for lane in lanes))
        before = watch.read()
        await asyncio.sleep(IDLE_SECONDS)
        idle = watch.busiest("peer", before, watch.read()) / IDLE_SECONDS
        failures = 0
        before = watch.read()

        async def run(operations: Sequence[Operation]) -> None:
            nonlocal failures
            for operation in operations:
                try:
                    await ledger.submit(operation)
                except LedgerError:
                    failures += 1

        await asyncio.gather(*map(run, lanes))
        after = watch.read()
    seconds = after.at - before.at
    busiest = watch.busiest("peer", before, after)
    return {
        "client": "port",
        "kind": "peer's cost of a transaction",
        "orgs": orgs,
        "endorsements": ground.network.endorsement_k,
        "transactions": TRANSACTIONS,
        "failures": failures,
        "seconds": round(seconds, 2),
        "peer_idle_share": round(idle, 4),
        "peer_milliseconds_per_transaction": round(1000 * (busiest - idle * seconds) / TRANSACTIONS, 3),
        "peers_mean_milliseconds_per_transaction": round(
            1000 * watch.by_kind(before, after)["peer"] / orgs / TRANSACTIONS, 3
        ),
    }


def _operations(ground: Ground, lane: int) -> list[Operation]:
    """The lane's accruals of classes of its own, and one to begin with."""
    classes = ground.node_classes[lane]
    share = TRANSACTIONS // LANES
    return [
        ground.accrue(ground.members[(lane + LANES * turn) % len(ground.members)], classes[turn % len(classes)])
        for turn in range(share + 1)
    ]
