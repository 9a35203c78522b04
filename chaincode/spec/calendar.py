"""Days as the consortium counts them. A date is text `YYYY-MM-DD`, years 1970 to 9999; a time is whole Unix seconds.

The time zone is a table of offsets on the ledger (from which second on, how many seconds ahead of UTC), so that no endorser's
own time zone data can give another day.
"""

from __future__ import annotations

import calendar
import datetime
import re
from bisect import bisect_right
from functools import lru_cache

from chaincode.spec.canonical import Json

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_EPOCH = datetime.date(1970, 1, 1)
SECONDS_PER_DAY = 86_400
LAST_DATE = "9999-12-31"


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


def day_of(now: int, time_zone: Json) -> str:
    """The day on which second `now` falls in `time_zone` (`{"name", "offsets": [[from_seconds, offset_seconds], ...]}`). Before
    the first row the first row's offset holds."""
    offsets = time_zone["offsets"]
    place = max(bisect_right([row[0] for row in offsets], now) - 1, 0)
    return date_of_number((now + offsets[place][1]) // SECONDS_PER_DAY)


@lru_cache(maxsize=16_384)
def date_of_number(days: int) -> str:
    """The date `days` after 1970-01-01, kept within 1970-01-01 and 9999-12-31."""
    last = (datetime.date(9999, 12, 31) - _EPOCH).days
    return (_EPOCH + datetime.timedelta(days=min(max(days, 0), last))).isoformat()


@lru_cache(maxsize=16_384)
def add_days(date: str, days: int) -> str:
    """The date `days` after `date`, at most 9999-12-31."""
    return date_of_number((datetime.date.fromisoformat(date) - _EPOCH).days + days)


def month_end(date: str, months: int) -> str:
    """The last day of the month that comes `months` after that of `date`, at most 9999-12-31."""
    day = datetime.date.fromisoformat(date)
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year > 9999:
        return LAST_DATE
    return datetime.date(year, month + 1, calendar.monthrange(year, month + 1)[1]).isoformat()


def expiry(issued_on: str, validity: Json) -> str | None:
    """The last day on which points issued on `issued_on` can be spent under a class's `validity`; None is never."""
    match validity["kind"]:
        case "DAYS":
            return add_days(issued_on, validity["days"])
        case "MONTH_END":
            return month_end(issued_on, validity["months"])
        case "DATE":
            return str(validity["date"])
    return None
