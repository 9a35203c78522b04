"""Lines over days are drawn whatever time they span."""

from __future__ import annotations

import pytest

from gateway.pages.frame.pictures import line_chart


@pytest.mark.parametrize("last", ["2026-01-01", "2026-01-02", "2026-01-09", "2026-03-01", "2027-01-01", "2046-01-01"])
def test_a_line_is_drawn_over_a_day_as_over_years(last: str) -> None:
    days = sorted({"2026-01-01", last})
    drawn = line_chart(days, [5] * len(days), 'what "it" is', str, lambda day: f"on {day}")
    assert f"on {days[0]}" in drawn
    assert "on 2026" in drawn
    assert "&#34;it&#34;" in drawn
    assert "<path" in drawn
