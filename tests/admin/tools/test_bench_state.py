"""The bench of the state's size: it runs, and its goals hold for a small ledger as for a large one."""

from __future__ import annotations

from admin.tools.bench.state import measure


def test_a_small_ledger_meets_the_goals() -> None:
    told: list[str] = []
    found = measure(50, 5_000, told.append)
    assert [run["accruals"] for run in found["runs"]] == [500, 2_500, 5_000, 5_000]
    assert all(goal["met"] for goal in found["goals"].values()), found["goals"]
    assert len(told) == 3
