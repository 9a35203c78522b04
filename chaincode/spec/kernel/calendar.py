"""Days as the consortium counts them. A day is an integer, days since 1970-01-01; a date is its text `YYYY-MM-DD`,
years 1970 to 9999; a time is whole Unix seconds.

The time zone is a table of offsets on the ledger (from which second on, how many seconds ahead of UTC), so that no
endorser's own time zone data can give another day.
"""

from __future__ import annotations

import calendar
import datetime
import re
from bisect import bisect_right
from functools import lru_cache
from typing import overload

from chaincode.spec.kernel.canonical import Json

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_EPOCH = datetime.date(1970, 1, 1)
SECONDS_PER_DAY = 86_400
LAST_DAY = (datetime.date(9999, 12, 31) - _EPOCH).days


@lru_cache(maxsize=16_384)
def is_date(text: str) -> bool:
    """Whether `text` is a day of the calendar from 1970-01-01 to 9999-12-31."""
    if not _FORM.match(text) or text < "1970":
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def day_at(now: int, time_zone: Json) -> int:
    """The day on which second `now` falls in `time_zone` (`{"name", "offsets": [[from_seconds, offset_seconds],
    ...]}`). Before the first row the first row's offset holds."""
    offsets = time_zone["offsets"]
    place = max(bisect_right([row[0] for row in offsets], now) - 1, 0)
    return _kept((now + offsets[place][1]) // SECONDS_PER_DAY)


def day_of(now: int, time_zone: Json) -> str:
    """The date of `day_at`."""
    return date_of(day_at(now, time_zone))


def _kept(day: int) -> int:
    return min(max(day, 0), LAST_DAY)


@overload
def date_of(day: int) -> str: ...
@overload
def date_of(day: int | None) -> str | None: ...
@lru_cache(maxsize=16_384)
def date_of(day: int | None) -> str | None:
    """The date of a day; None, never, stays None."""
    return None if day is None else (_EPOCH + datetime.timedelta(days=day)).isoformat()


@overload
def day_number(date: str) -> int: ...
@overload
def day_number(date: str | None) -> int | None: ...
@lru_cache(maxsize=16_384)
def day_number(date: str | None) -> int | None:
    """The day of a date; None, never, stays None."""
    return None if date is None else (datetime.date.fromisoformat(date) - _EPOCH).days


def add_days(day: int, days: int) -> int:
    """The day `days` after `day`, at most 9999-12-31."""
    return _kept(day + days)


def month_number(day: int) -> int:
    """The month of `day`, counted from 1970-01."""
    date = _EPOCH + datetime.timedelta(days=day)
    return (date.year - _EPOCH.year) * 12 + date.month - 1


def month_end(day: int, months: int) -> int:
    """The last day of the month that comes `months` after that of `day`, at most 9999-12-31."""
    date = _EPOCH + datetime.timedelta(days=day)
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if year > 9999:
        return LAST_DAY
    return (datetime.date(year, month + 1, calendar.monthrange(year, month + 1)[1]) - _EPOCH).days


def expiry(issued: int, validity: Json) -> int | None:
    """The last day on which points issued on day `issued` can be spent under a class's `validity`; None is never."""
    match validity["kind"]:
        case "DAYS":
            return add_days(issued, validity["days"])
        case "MONTH_END":
            return month_end(issued, validity["months"])
        case "DATE":
            return day_number(str(validity["date"]))
    return None
