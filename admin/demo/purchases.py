"""The purchases file: CSV with the columns customer, date, units, amount."""

from __future__ import annotations

import csv
import datetime
import re
from dataclasses import dataclass
from pathlib import Path

from admin.errors import BadInput

SAMPLE = Path(__file__).parent / "data" / "cdnow_sample.csv"
COLUMNS = ("customer", "date", "units", "amount")
AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?\Z")
FIRST_DAY = datetime.date(1970, 1, 2)
LAST_DAY = datetime.date(2099, 12, 31)


@dataclass(frozen=True)
class Purchase:
    """One row. `line` counts from 1 with the header; `amount_minor` is in hundredths of the currency."""

    customer: str
    day: datetime.date
    amount_minor: int
    line: int

    @property
    def number(self) -> int:
        """The customer's digits as a number."""
        return int(self.customer)


def read_purchases(path: Path) -> list[Purchase]:
    """The purchases in the order (date, customer, line). Raises BadInput with PURCHASES_UNREADABLE, PURCHASES_COLUMNS, PURCHASES_ROW or
    PURCHASES_EMPTY, naming file and line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = next(rows, None)
            if header is None:
                raise BadInput("PURCHASES_EMPTY", f"{path} is empty; it needs the columns {', '.join(COLUMNS)}")
            missing = [name for name in COLUMNS if name not in header]
            if missing:
                raise BadInput("PURCHASES_COLUMNS", f"{path}, line 1: no column {', '.join(missing)}")
            purchases = [_purchase(path, header, row, rows.line_num) for row in rows if row]
    except OSError as error:
        raise BadInput("PURCHASES_UNREADABLE", f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput("PURCHASES_UNREADABLE", f"{path}: {error}") from None
    if not purchases:
        raise BadInput("PURCHASES_EMPTY", f"{path} has no purchases")
    spellings: dict[int, Purchase] = {}
    for purchase in purchases:
        first = spellings.setdefault(purchase.number, purchase)
        if first.customer != purchase.customer:
            raise BadInput(
                "PURCHASES_ROW",
                f"{path}, line {purchase.line}: customer {purchase.customer} has the number of {first.customer}"
                f" (line {first.line})",
            )
    return sorted(purchases, key=lambda purchase: (purchase.day, purchase.customer, purchase.line))


def _purchase(path: Path, header: list[str], row: list[str], line: int) -> Purchase:
    where = f"{path}, line {line}"
    if len(row) != len(header):
        raise BadInput("PURCHASES_ROW", f"{where}: {len(row)} fields, expected {len(header)}")
    fields = dict(zip(header, row, strict=True))
    customer, date, units, amount = (fields[name].strip() for name in COLUMNS)
    if not re.fullmatch(r"[0-9]{1,15}", customer):
        raise BadInput("PURCHASES_ROW", f"{where}: customer {customer!r} is not 1 to 15 digits")
    try:
        day = datetime.date.fromisoformat(date)
    except ValueError:
        raise BadInput("PURCHASES_ROW", f"{where}: date {date!r} is not a day YYYY-MM-DD") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadInput("PURCHASES_ROW", f"{where}: date {date} is not between {FIRST_DAY} and {LAST_DAY}")
    if not re.fullmatch(r"[0-9]{1,9}", units):
        raise BadInput("PURCHASES_ROW", f"{where}: units {units!r} is not a whole number, 0 or more")
    if not AMOUNT.match(amount):
        raise BadInput("PURCHASES_ROW", f"{where}: amount {amount!r} is not a decimal, 0 or more, of two places")
    whole, _, cents = amount.partition(".")
    return Purchase(customer, day, int(whole) * 100 + int(cents.ljust(2, "0") or 0), line)
