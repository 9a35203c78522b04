"""Flow counters: split by writing gateway and shard, so that two lanes never meet on a key (no global counter)."""

from __future__ import annotations

from collections.abc import Mapping

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.state import View, exact

FLOWS = ("issued", "redeemed_own", "redeemed_elsewhere", "expired", "reversed", "restored", "indebted", "repaid")
"""Points of a class. What was clawed back and not there counts as reversed and indebted; what later accruals pay of it,
as issued and repaid."""
COMING, GOING = (
    ("issued", "restored", "indebted"),
    ("redeemed_own", "redeemed_elsewhere", "expired", "reversed", "repaid"),
)
"""Outstanding are the flows that come less those that go: what is in all balances."""


def outstanding(flows: Mapping[str, int]) -> int:
    """The points of a class that are in balances."""
    return sum(flows[flow] for flow in COMING) - sum(flows[flow] for flow in GOING)


def count(view: View, context: Context, class_id: str, flow: str, points: int) -> None:
    """Adds `points` to a flow counter of the class in the submitting gateway's shard. Nothing is written for 0
    points."""
    if points == 0:
        return
    key = keys.supply(class_id, context.msp_id, context.shard)
    counters = view.get(key) or dict.fromkeys(FLOWS, 0)
    counters[flow] = exact(counters[flow] + points)
    view.put(key, counters)
