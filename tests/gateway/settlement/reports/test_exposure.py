"""Limits in use, and whether cover lasts for the two whose failure costs most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.settlement.reports.exposure import Debts, alert_of, cover_two, used_of


@pytest.mark.parametrize(
    ("used", "limit", "share", "alert"),
    [
        (0, 1000, 0, 0),
        (799, 1000, 7990, 0),
        (79_999, 100_000, 7999, 0),
        (800, 1000, 8000, 8000),
        (899, 1000, 8990, 8000),
        (900, 1000, 9000, 9000),
        (99_999, 100_000, 9999, 9000),
        (1000, 1000, 10_000, 10_000),
        (1001, 1000, 10_010, 10_000),
        (0, 0, None, 0),
        (1, 0, 10_000, 10_000),
    ],
)
def test_levels(used: int, limit: int, share: int | None, alert: int) -> None:
    assert used_of(used, limit) == share
    assert alert_of(share) == alert


def test_the_two_whose_failure_costs_most() -> None:
    owed = {("A", "B"): 700, ("A", "C"): 100, ("B", "C"): 300, ("C", "A"): 50, ("D", "C"): 250}
    posted = {"A": 450, "B": 100, "D": 0}
    debts = Debts(owed, posted)
    assert [debts.uncovered(name) for name in "ABCD"] == [300, 0, 0, 250]  # B is owed 700 by A
    # A and B: A owes C 100 - 50 - 450 < 0; B owes C 300 and has 100: 200. A and D: 300 + 250.
    assert cover_two(debts, 550).model_dump() == {
        "msp_ids": ["A", "D"],
        "uncovered_millionths": 550,
        "fund_millionths": 550,
        "lasts": True,
    }
    assert not cover_two(debts, 549).lasts


def test_one_failure_is_named_where_a_second_costs_nothing() -> None:
    found = cover_two(Debts({("A", "B"): 700}, {"A": 100}), 0)
    assert (found.msp_ids, found.uncovered_millionths, found.lasts) == (["A"], 600, False)
    assert cover_two(Debts({("A", "B"): 100}, {"A": 100}), 0).msp_ids == []
    assert cover_two(Debts({}, {}), 0).lasts


NAMES = "ABCD"


@given(
    st.dictionaries(
        st.sampled_from([(one, other) for one in NAMES for other in NAMES if one != other]), st.integers(0, 1000)
    ),
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, 1000)),
)
def test_two_failures_cost_what_the_others_lose(owed: dict[tuple[str, str], int], posted: dict[str, int]) -> None:
    """Counted in the long way, for every pair."""
    worst = 0
    for first in NAMES:
        for second in NAMES:
            failed, cost = {first, second}, 0
            for one in failed:
                owes = sum(value for (who, whom), value in owed.items() if who == one and whom not in failed)
                gets = sum(value for (who, whom), value in owed.items() if whom == one and who not in failed)
                cost += max(owes - gets - posted.get(one, 0), 0)
            worst = max(worst, cost)
    assert cover_two(Debts(owed, posted), 0).uncovered_millionths == worst
