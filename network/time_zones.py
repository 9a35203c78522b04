"""A time zone as the ledger wants it: a table of offsets, taken once from the IANA time zone database."""

from __future__ import annotations

import datetime
import zoneinfo

FIRST_YEAR, LAST_YEAR = 1970, 2100


def offsets(name: str) -> list[list[int]]:
    """`[[from_unix_second, offset_seconds], ...]` of an IANA zone from 1970 to 2100, to the exact second of each change. Raises
    `zoneinfo.ZoneInfoNotFoundError` for an unknown name."""
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
