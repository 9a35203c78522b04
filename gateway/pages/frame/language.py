"""Words, numbers, days and money in the visitor's language: gettext catalogues and the CLDR through Babel.

English is the language of the sources. Chinese stands in `translations/zh/*.po`, a file for each area, all of them one
catalogue.
"""

from __future__ import annotations

import datetime
import io
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache, cached_property
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, dates, numbers
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from gateway.pages.words.marking import CONTEXT_END, mark_in

LANGUAGES = {"en": "English", "zh": "中文"}
"""Each language by its code, in its own name."""
TAGS = {"en": "en", "zh": "zh-Hans"}
"""For the page's `lang`."""
MILLION = 1_000_000
FINE_DIGITS = 4
MILLIONTH_DIGITS = 6
DAY_SECONDS = 86_400
UTC_OFFSETS = ((0, 0),)
_PAGES = resources.files("gateway.pages")
_SCRIPT_KEYWORDS = {"jifen.word": None, "jifen.words": (1, 2)}


@cache
def translations(language: str) -> NullTranslations:
    """Returns the language's catalogue."""
    if language == "en":
        return NullTranslations()
    whole = Catalog(locale=language)
    for file in sorted(_PAGES.joinpath("translations", language).iterdir(), key=lambda one: one.name):
        if file.name.endswith(".po"):
            part = read_po(io.BytesIO(file.read_bytes()), locale=language)
            for message in part:
                if message.id:
                    whole.add(message.id, message.string, context=message.context)
            whole.mime_headers = part.mime_headers
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return GNUTranslations(compiled)


def preferred(accepted: str) -> str:
    """Returns the language of an Accept-Language header that there is, else English."""
    weighted: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((float(weight or 1), tag.lower().partition("-")[0]))
        except ValueError:
            continue
    known = [tag for weight, tag in sorted(weighted, key=lambda one: -one[0]) if tag in LANGUAGES and weight > 0]
    return known[0] if known else "en"


@cache
def script_words(language: str) -> Mapping[str, str | list[str]]:
    """Returns what scripts say, from the sources' text to the language's; with a number, its forms."""
    found: dict[str, str | list[str]] = {}
    if language == "en":
        return found  # the sources' own
    known = translations(language)
    for text in _script_texts():
        if isinstance(text, tuple):
            forms = [known.ngettext(text[0], text[1], count) for count in (1, 2)]
            found[text[0]] = forms
        else:
            found[text] = known.gettext(text)
    return found


@cache
def _script_texts() -> tuple[str | tuple[str, ...], ...]:
    found: dict[str | tuple[str, ...], None] = {}
    for file in sorted(_PAGES.joinpath("static", "scripts").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".js"):
            for _, message, _, _ in extract("javascript", io.BytesIO(file.read_bytes()), keywords=_SCRIPT_KEYWORDS):
                found[message] = None
    return tuple(found)


@dataclass(frozen=True)
class Speech:
    """One language, one time zone and one currency: what a page says and how. The zone is the ledger's table of
    `offsets`, whatever its name is."""

    language: str
    time_zone: str = "UTC"
    currency: str = "CNY"
    offsets: tuple[tuple[int, ...], ...] = UTC_OFFSETS

    @cached_property
    def locale(self) -> Locale:
        """Babel's."""
        return Locale.parse({"zh": "zh_Hans_CN"}.get(self.language, "en"))

    def gettext(self, text: str, /, **values: object) -> str:
        """Says the text in the language; `%(name)s` is filled in."""
        found = translations(self.language).gettext(text) if text else ""
        if found == text:
            found = text.rpartition(CONTEXT_END)[2]
        return found % values if values else found

    def pgettext(self, context: str, text: str, /, **values: object) -> str:
        """Says the text in the language, as it is said in this context."""
        return self.gettext(mark_in(context, text), **values)

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """Says the text for so many."""
        return translations(self.language).ngettext(one, many, count) % {"count": self.number(count), **values}

    def number(self, value: int) -> str:
        """Writes a whole number with its groups."""
        return numbers.format_decimal(value, locale=self.locale)

    def exact(self, value: Decimal) -> str:
        """Writes a number with all its digits, at least two behind the point where there is one."""
        pattern = "#,##0" if value.as_tuple().exponent == 0 else "#,##0.00####"
        return numbers.format_decimal(value, pattern, locale=self.locale).replace("-", "−")

    def percent(self, basis_points: int) -> str:
        """Writes hundredths of a percent as a percentage, with no more digits than it has."""
        return numbers.format_percent(_scaled(basis_points, 4), "#,##0.##%", locale=self.locale)

    def points(self, value: int, decimals: int = 0) -> str:
        """Writes points of a class, whose smallest units they are counted in."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return numbers.format_decimal(_scaled(value, decimals), pattern, locale=self.locale)

    def signed(self, value: int, decimals: int = 0) -> str:
        """Returns the same as `points`, with a sign."""
        return ("+" if value > 0 else "−" if value < 0 else "") + self.points(abs(value), decimals)

    def money(self, millionths: int, digits: int | None = None) -> str:
        """Writes millionths of the settlement currency, rounded half to even to so many digits, those of its smallest
        coin when left out. Nothing has no minus, however it came about."""
        places = self.coin_digits if digits is None else digits
        return self._amount(
            _rounded(millionths, places) + 0, "0" * places
        )  # a minus before nothing goes by the addition

    def price(self, millionths: int) -> str:
        """Writes the same as `money`, with as many digits as it needs: what one point is worth is often less than the
        smallest coin."""
        coins = "0" * self.coin_digits
        return self._amount(_scaled(millionths, MILLIONTH_DIGITS), coins.ljust(MILLIONTH_DIGITS, "#"))

    def digits_for(self, amounts: Iterable[int]) -> int:
        """Returns the digits with which these millionths are shown whole, so that their sums add up as shown: the
        smallest coin's, else four, else all six."""
        rows = tuple(amounts)
        for digits in sorted({self.coin_digits, FINE_DIGITS}):
            if all(one % 10 ** (MILLIONTH_DIGITS - digits) == 0 for one in rows):
                return digits
        return MILLIONTH_DIGITS

    def digits_of_sum(self, parts: Iterable[int]) -> int:
        """Returns the digits with which these millionths and their sum add up as shown: the smallest coin's where they
        do, rounded, else as `digits_for`."""
        rows, coin = tuple(parts), self.coin_digits
        adds_up = sum(_rounded(one, coin) for one in rows) == _rounded(sum(rows), coin)
        return coin if adds_up else self.digits_for(rows)

    @property
    def coin_digits(self) -> int:
        """The digits behind the point of the currency's smallest coin."""
        return int(numbers.get_currency_precision(self.currency))

    def _amount(self, value: Decimal, digits: str) -> str:
        pattern = re.sub(r"0\.00", f"0.{digits}" if digits else "0", self.locale.currency_formats["standard"].pattern)
        text = numbers.format_currency(value, self.currency, pattern, locale=self.locale, currency_digits=False)
        return str(text).replace("-", "−")  # the sign that points have, as in `signed`

    def day(self, day: str | None) -> str:
        """Writes a day of the ledger's, `2026-11-22`."""
        if day is None:
            return ""
        return str(dates.format_date(datetime.date.fromisoformat(day), "medium", locale=self.locale))

    def month(self, month: str) -> str:
        """Writes a month, `2026-11`."""
        return str(dates.format_skeleton("yMMM", datetime.datetime.fromisoformat(f"{month}-01"), locale=self.locale))

    def short_day(self, day: str) -> str:
        """Writes a day without its year, for a chart's axis."""
        return str(dates.format_skeleton("MMMd", datetime.datetime.fromisoformat(day), locale=self.locale))

    def time(self, seconds: int | None, form: str = "medium") -> str:
        """Writes a time in Unix seconds, in the consortium's time zone."""
        if seconds is None:
            return ""
        return str(dates.format_datetime(self._local(seconds), form, locale=self.locale))

    def today(self, seconds: int) -> datetime.date:
        """Returns the day of a time, in the consortium's time zone."""
        return self._local(seconds).date()

    @property
    def script_zone(self) -> str:
        """The zone's name where browsers know it, else UTC: scripts have no table of offsets."""
        try:
            return ZoneInfo(self.time_zone).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return "UTC"

    def moment(self, seconds: int) -> datetime.datetime:
        """Returns a time in Unix seconds as the consortium's clocks show it, with their offset from UTC, for files; in
        UTC where that offset is a day or more."""
        offset = self._offset(seconds)
        zone = datetime.timezone(datetime.timedelta(seconds=offset)) if abs(offset) < DAY_SECONDS else datetime.UTC
        return datetime.datetime.fromtimestamp(seconds, zone)

    def _local(self, seconds: int) -> datetime.datetime:
        """Returns the time on the consortium's clocks, without a zone."""
        return datetime.datetime.fromtimestamp(seconds + self._offset(seconds), datetime.UTC).replace(tzinfo=None)

    def _offset(self, seconds: int) -> int:
        starts = [row[0] for row in self.offsets]
        return self.offsets[max(bisect_right(starts, seconds) - 1, 0)][1]


def _rounded(millionths: int, digits: int) -> Decimal:
    return _scaled(millionths, MILLIONTH_DIGITS).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def _scaled(value: int, digits: int) -> Decimal:
    return Decimal(value).scaleb(-digits)


def typed_points(text: str, decimals: int) -> int | None:
    """Returns the points that somebody typed, in smallest units; None for what is no amount. Full-width figures and
    groups of three count too, as in the scripts' `jifen.figures`."""
    plain = unicodedata.normalize("NFKC", text).replace("。", ".")
    match = _AMOUNT.fullmatch("".join(plain.split()))
    if match is None or len(match["parts"] or "") > decimals:
        return None
    return int(match["whole"].replace(",", "") + (match["parts"] or "").ljust(decimals, "0"))


def plain_points(points: int, decimals: int) -> str:
    """Writes points as they are typed into a field: (12345, 2) is "123.45"."""
    return f"{_scaled(points, decimals):f}"


_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,16}|[0-9]{1,3}(?:,[0-9]{3}){1,5})(?:\.(?P<parts>[0-9]+))?")
_GROUPS_OF_FOUR = re.compile(".{1,4}")


def grouped(address: str) -> str:
    """Writes an address in groups of four, as people compare them."""
    return " ".join(_GROUPS_OF_FOUR.findall(address))


def short(address: str) -> str:
    """Writes the two ends of an address or hash."""
    return address if len(address) <= 16 else f"{address[:8]}…{address[-6:]}"
