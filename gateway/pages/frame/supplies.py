"""What is outstanding of a class over time, for charts."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from gateway.pages.frame.context import Row

CHART_POINTS_MAX = 366


def outstanding_by_day(opening: int, rows: Sequence[Row]) -> tuple[list[str], list[int]]:
    """Returns what was outstanding at the end of each day from the first change to the last; of a long time, of evenly
    chosen days."""
    if not rows:
        return [], []
    changes = {row["day"]: row["outstanding"] for row in rows}
    first, last = (datetime.date.fromisoformat(rows[place]["day"]) for place in (0, -1))
    days, values, value = [], [], opening
    for number in range((last - first).days + 1):
        day = (first + datetime.timedelta(days=number)).isoformat()
        value = changes.get(day, value)
        days.append(day)
        values.append(value)
    step = -(-len(days) // CHART_POINTS_MAX)
    # Counted from the end, so that the newest day is always there.
    return days[::-step][::-1], values[::-step][::-1]
