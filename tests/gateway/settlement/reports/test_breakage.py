"""Breakage: the standard's own example, what others computed, and a run-off that can be followed by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaincode.spec.kernel.calendar import day_number
from gateway.projection.models import NEVER
from gateway.projection.queries.books import Lot
from gateway.settlement.reports.breakage import ClassBreakage, RunOff, allocated, class_breakage, recognised
from gateway.settlement.reports.roll_forward import NOTHING
from gateway.settlement.reports.terms import ClassTerms

TERMS = ClassTerms(class_id="a", name="A", issuer_msp="a", decimals=0, unit_value_millionths=10_000)
FEN = 10_000


def test_example_52_of_ifrs_15() -> None:
    goods, points = allocated(100_000, 100_000, 9_500)
    assert (goods, points) == (91_324, 8_676)
    first = recognised(points, 4_500, 9_500)
    second = recognised(points, 8_500, 9_700) - first
    assert (first, second) == (4_110, 3_493)


@pytest.mark.parametrize(("estimate", "second"), [(9_900, 3_552), (9_200, 4_140)])
def test_changed_estimates_are_caught_up_in_their_period(estimate: int, second: int) -> None:
    """KPMG's variants of it, on an allocation of 9,000."""
    first = recognised(9_000, 4_500, 9_700)
    assert first == 4_175
    assert recognised(9_000, 8_500, estimate) - first == second


@given(st.integers(1, 10**12), st.lists(st.integers(0, 10**6), min_size=1), st.integers(0, 10**6))
def test_periods_add_up_to_the_allocation(allocation: int, redeemed: list[int], more: int) -> None:
    """However often it is told, nothing is rounded twice."""
    expected = sum(redeemed) + more
    told = [recognised(allocation, sum(redeemed[:count]), expected) for count in range(len(redeemed) + 1)]
    assert told == sorted(told)
    assert 0 <= told[-1] <= allocation
    assert told[-1] == allocation or more or not expected


def cohort(month: str, issued: int, lapsed: int, left_before: int) -> tuple[Lot, list[RunOff]]:
    """Points that were issued a year before the 15th of a month, of which some were left until the month before it, and
    some were never spent."""
    last = day_number(f"{month}-15")
    lot = Lot("a", last, issued, 0, lapsed, 0)
    return lot, [
        ("a", last, last - 365, issued),
        ("a", last, last - 200, left_before - issued),
        ("a", last, last, lapsed - left_before),
        ("a", last, last + 20, -lapsed),
    ]


HISTORY = [cohort("2025-01", 1000, 100, 200), cohort("2025-02", 1000, 300, 400), cohort("2025-03", 500, 50, 200)]
OPEN = Lot("a", day_number("2025-05-20"), 900, 0, 0, 700)
OPEN_RUN_OFF = [("a", OPEN.expires_day, OPEN.expires_day - 300, 700)]


def told(history: list[tuple[Lot, list[RunOff]]], day: str, *more: Lot) -> ClassBreakage:
    """The report of a class with this history and the open lot."""
    lots = [*(lot for lot, _ in history), OPEN, *more]
    run_off = [row for _, rows in history for row in rows] + OPEN_RUN_OFF
    issued = sum(lot.issued for lot in lots)
    expired = sum(lot.expired for lot in lots)
    spent = issued - expired - sum(lot.points for lot in lots)
    flows = {**NOTHING, "issued": issued, "redeemed_own": spent, "expired": expired}
    return class_breakage(TERMS, flows, lots, run_off, day_number(day), FEN)


def test_what_lapsed_from_as_many_months_before_is_expected_to_lapse() -> None:
    """Of what was left a month before their end: 100 of 200, 300 of 400, 50 of 200; together 450 of 800."""
    found = told(HISTORY, "2025-04-30")  # one month is ahead
    assert found.has_history
    lapses = [case.expected_lapse_points for case in (found.estimate, found.low, found.high)]
    assert lapses == [394, 175, 525]  # 700 x 450/800 = 393.75, x 1/4, x 3/4
    estimate = found.estimate
    assert estimate.expected_redeemed_points == found.redeemed_points + 700 - 394
    assert estimate.recognised_minor + estimate.deferred_minor == found.allocated_minor == 3400
    assert found.redeemed_points == 2250
    assert estimate.recognised_minor == 2993  # 3400 x 2250 / 2556 = 2992.96
    assert estimate.breakage_minor == 743


def test_without_history_nothing_is_expected_to_lapse() -> None:
    found = told(HISTORY[:2], "2025-04-30")
    assert not found.has_history
    assert found.estimate == found.low == found.high
    assert found.estimate.expected_lapse_points == 0


def test_in_the_middle_of_a_month_more_time_is_taken_to_be_ahead() -> None:
    """Two months before their end as much was left as one month before; the open month itself is no history."""
    found = told(HISTORY, "2025-04-29")
    assert found.estimate.expected_lapse_points == 394
    assert not told(HISTORY, "2025-03-30").has_history
    assert told(HISTORY, "2025-03-31").has_history


def test_points_without_a_last_day_never_lapse() -> None:
    before = told(HISTORY, "2025-04-30")
    found = told(HISTORY, "2025-04-30", Lot("a", NEVER, 1000, 0, 0, 1000))
    assert found.estimate.expected_lapse_points == before.estimate.expected_lapse_points
    assert found.estimate.recognised_minor < found.allocated_minor
