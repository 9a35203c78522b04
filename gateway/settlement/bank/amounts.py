"""Amounts as files of banks write them, and minor units.

Read amounts are integers of 1/100,000 of the currency's unit, the finest that ISO 20022 can write; so statements of
currencies with any number of decimals are added up exactly.
"""

from __future__ import annotations

import re

from network.declaration.currencies import MINOR_UNITS_MILLIONTHS

FRACTION_DIGITS_MAX = 5
DIGITS_MAX = 18
"""Of a whole amount (ActiveOrHistoricCurrencyAndAmount)."""
_DECIMALS = dict(zip(MINOR_UNITS_MILLIONTHS, (0, 2, 3, 4), strict=True))
_AMOUNT = re.compile(r"\+?([0-9]*)(?:\.([0-9]*))?\Z")


def decimals_of(minor_unit_millionths: int) -> int:
    """Returns the digits behind the point of a currency whose minor unit is so many millionths (fen, 10,000: 2)."""
    return _DECIMALS[minor_unit_millionths]


def amount_text(amount_minor: int, decimals: int) -> str:
    """Writes minor units with exactly so many decimals: 70012 with 2 is `700.12`. Requires: not negative."""
    assert amount_minor >= 0, amount_minor
    if not decimals:
        return str(amount_minor)
    whole, rest = divmod(amount_minor, 10**decimals)
    return f"{whole}.{rest:0{decimals}}"


def read_amount(text: str) -> int:
    """Reads an amount as 1/100,000 of the unit. Raises ValueError for what is no amount: a sign, a currency's symbol,
    commas, more digits than ISO 20022 takes."""
    found = _AMOUNT.match(text.strip())
    whole, fraction = (found[1], found[2] or "") if found else ("", "")
    if not whole and not fraction:
        raise ValueError(f"no amount: {text[:40]!r}")
    if len((whole + fraction).lstrip("0")) > DIGITS_MAX or len(fraction.rstrip("0")) > FRACTION_DIGITS_MAX:
        raise ValueError(f"more digits than an amount has: {text[:40]!r}")
    return int((whole or "0") + fraction[:FRACTION_DIGITS_MAX].ljust(FRACTION_DIGITS_MAX, "0"))


def to_minor(read: int, decimals: int) -> int:
    """Returns what `read_amount` gave as minor units. Raises ValueError where it is no whole number of them."""
    minor, rest = divmod(read, int(10 ** (FRACTION_DIGITS_MAX - decimals)))
    if rest:
        raise ValueError(f"an amount with more than {decimals} decimals")
    return minor
