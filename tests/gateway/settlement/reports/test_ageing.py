"""Ageing: which last day is in which band."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaincode.spec.kernel.calendar import day_number
from gateway.projection.models import NEVER
from gateway.projection.queries.books import Lot
from gateway.settlement.reports.ageing import BANDS, ageing_report, band_of
from gateway.settlement.reports.terms import ClassTerms, ReportHead

HEAD = ReportHead(currency="CNY", minor_unit_millionths=10_000, block_number=1)
TERMS = ClassTerms(class_id="a", name="A", issuer_msp="a", decimals=0, unit_value_millionths=8_000)
TODAY = "2026-03-01"


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (-1, "LAPSED"),
        (0, "DAYS_0_30"),
        (30, "DAYS_0_30"),
        (31, "DAYS_31_90"),
        (90, "DAYS_31_90"),
        (91, "DAYS_91_180"),
        (180, "DAYS_91_180"),
        (181, "DAYS_181_365"),
        (365, "DAYS_181_365"),
        (366, "LATER"),
    ],
)
def test_bands(days: int, band: str) -> None:
    assert band_of(day_number(TODAY) + days, day_number(TODAY)) == band
    assert band_of(NEVER, day_number(TODAY)) == "NEVER"


@given(st.lists(st.tuples(st.integers(0, 40_000) | st.just(NEVER), st.integers(0, 10**9))))
def test_bands_add_up_to_what_is_left(lots: list[tuple[int, int]]) -> None:
    found = ageing_report(HEAD, [TERMS], [Lot("a", day, points, 0, 0, points) for day, points in lots], TODAY)
    (row,) = found.classes
    assert [one.band for one in row.bands] == [name for name, *_ in BANDS]
    assert row.points == sum(one.points for one in row.bands) == sum(points for _, points in lots)
    assert row.millionths == sum(found.total_millionths) == row.points * 8_000
