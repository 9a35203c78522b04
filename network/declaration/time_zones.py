"""A time zone as the ledger wants it: a table of offsets, taken once from the IANA time zone database."""

from __future__ import annotations

import datetime
import zoneinfo
from bisect import bisect_right
from collections.abc import Sequence

FIRST_YEAR, LAST_YEAR = 1970, 2100
COMPARED_SECONDS = 2 * 366 * 86_400
"""How far ahead a table is held against the database: further on, two releases of it may differ."""


def offsets(name: str) -> list[list[int]]:
    """Gives `[[from_unix_second, offset_seconds], ...]` of an IANA zone from 1970 to 2100, to the exact second of each
    change. Raises `zoneinfo.ZoneInfoNotFoundError` for an unknown name."""
    zone = zoneinfo.ZoneInfo(name)

    def at(second: int) -> int:
        offset = datetime.datetime.fromtimestamp(second, zone).utcoffset()
        assert offset is not None
        return int(offset.total_seconds())

    end = int(datetime.datetime(LAST_YEAR, 1, 1, tzinfo=datetime.UTC).timestamp())
    rows = [[0, at(0)]]
    day = 86_400
    for start in range(0, end, day):
        if at(start + day) != rows[-1][1]:
            low, high = start, start + day
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if at(middle) == rows[-1][1] else (low, middle)
            rows.append([high, at(high)])
    return rows


def fault_of_table(name: str, table: Sequence[Sequence[int]], now: int) -> str | None:
    """Says why `table` is not that of the IANA zone `name`, from `now` on for two years; None when it is."""
    try:
        known = offsets(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return f"{name[:64]} is no time zone of the IANA list, such as Asia/Shanghai"
    changes = [row[0] for row in (*known, *table) if now < row[0] <= now + COMPARED_SECONDS]
    for second in (now, *changes):
        expected, given = _offset_at(known, second), _offset_at(table, second)
        if given != expected:
            when = datetime.datetime.fromtimestamp(second, datetime.UTC).date()
            return f"{name} is {expected} seconds ahead of UTC on {when}, and the table says {given}"
    return None


def _offset_at(table: Sequence[Sequence[int]], second: int) -> int:
    return table[max(bisect_right([row[0] for row in table], second) - 1, 0)][1]
