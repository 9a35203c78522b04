"""The purchases file: CSV with the columns customer, date, units, amount; separated by commas, semicolons or tabs."""

from __future__ import annotations

import csv
import datetime
import enum
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from admin.errors import BadInput

SAMPLE = Path(__file__).parent / "data" / "cdnow_sample.csv"
COLUMNS = ("customer", "date", "units", "amount")
DELIMITERS = (",", ";", "\t")
FAULTS_MAX = 20
"""So many faults are told at once; of the others only how many there are."""
AMOUNT = re.compile(r"(?P<whole>[0-9]+)(\.(?P<cents>[0-9]{1,2})0*)?\Z")
AMOUNT_MINOR_MAX = 99_999_999_999
FIRST_DAY = datetime.date(1970, 1, 2)
LAST_DAY = datetime.date(2099, 12, 31)
_DAY = re.compile(r"([0-9]{4})([-/]?)([0-9]{1,2})\2([0-9]{1,2})([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?\Z")
_WHOLE_AS_DECIMAL = re.compile(r"([0-9]+)\.0+\Z")
"""How spreadsheets and data frames write a whole number in a column of decimals."""


class Encoding(enum.StrEnum):
    """How the file's letters are written; GB18030 reads GBK and GB 2312 as well."""

    utf_8 = "utf-8"
    gb18030 = "gb18030"
    utf_16 = "utf-16"


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

    @property
    def points(self) -> int:
        """What it earns: one point for each whole unit of the currency."""
        return self.amount_minor // 100


def read_purchases(path: Path, encoding: Encoding = Encoding.utf_8) -> list[Purchase]:
    """The purchases in the order (date, customer, line). Raises BadInput with PURCHASES_UNREADABLE, PURCHASES_COLUMNS,
    PURCHASES_ROW or PURCHASES_EMPTY, naming file and line; of PURCHASES_ROW all faults at once, FAULTS_MAX of them in
    full."""
    try:
        text = _decoded(path, path.read_bytes(), encoding)
    except OSError as error:
        raise BadInput("PURCHASES_UNREADABLE", f"{path}: {error.strerror}") from None
    rows = _rows(path, text)
    header = next(rows, None)
    if header is None:
        raise BadInput("PURCHASES_EMPTY", f"{path} is empty; it needs the columns {', '.join(COLUMNS)}")
    places = _places(path, *header)
    faults: list[tuple[int, str]] = []
    spellings: dict[int, Purchase] = {}
    purchases: list[Purchase] = []
    for line, row in rows:
        try:
            purchase = _purchase(len(header[1]), places, row, line)
            first = spellings.setdefault(purchase.number, purchase)
            if first.customer != purchase.customer:
                said = f"customer {purchase.customer} has the number of {first.customer} (line {first.line})"
                raise ValueError(said)
            purchases.append(purchase)
        except ValueError as error:
            faults.append((line, str(error)))
    if faults:
        told = "; ".join(f"line {line}: {said}" for line, said in faults[:FAULTS_MAX])
        more = len(faults) - FAULTS_MAX
        raise BadInput("PURCHASES_ROW", f"{path}, {told}{f'; and {more} more lines' if more > 0 else ''}")
    if not purchases:
        raise BadInput("PURCHASES_EMPTY", f"{path} has no purchases")
    return sorted(purchases, key=lambda purchase: (purchase.day, purchase.customer, purchase.line))


def fingerprint(purchases: Sequence[Purchase]) -> str:
    """SHA-256, in hex, of what a replay of these purchases rests on: the same for the same rows in another form."""
    digest = hashlib.sha256()
    for one in purchases:
        digest.update(f"{one.customer},{one.day},{one.amount_minor}\n".encode())
    return digest.hexdigest()


def _decoded(path: Path, data: bytes, encoding: Encoding) -> str:
    codec = {Encoding.utf_8: "utf-8-sig", Encoding.utf_16: "utf-16"}.get(encoding, encoding.value)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise BadInput("PURCHASES_UNREADABLE", f"{path}, {_undecodable(data, encoding, error.start)}") from None
    if "\0" in text:
        raise BadInput("PURCHASES_UNREADABLE", f"{path}, {_undecodable(data, encoding, data.index(0))}")
    return text


def _undecodable(data: bytes, encoding: Encoding, place: int) -> str:
    """Which encoding the file is in instead, as far as its bytes tell."""
    line = data.count(b"\n", 0, place) + 1
    found = _guessed(data)
    if found is None or found is encoding:
        return f"line {line}: not text in {encoding.value}, nor in another encoding that is read (--encoding)"
    return f"line {line}: not {encoding.value} but, it seems, {found.value}: give --encoding {found.value}"


def _guessed(data: bytes) -> Encoding | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4096]:
        return Encoding.utf_16
    for encoding in (Encoding.utf_8, Encoding.gb18030):
        try:
            data.decode(encoding.value)
        except UnicodeDecodeError:
            continue
        return encoding
    return None


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, by the line that it begins in, its cells without blanks around them."""
    begins = 1
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            why = "a quotation mark opens here and is never closed" if "end of data" in str(error) else str(error)
            raise BadInput("PURCHASES_UNREADABLE", f"{path}, line {begins}: {why}") from None
        if row is None:
            return
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield begins, cells
        begins = reader.line_num + 1


def _delimiter(text: str) -> str:
    """The one that divides the first line into most of the columns."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda one: len({*_names(first.split(one))} & {*COLUMNS}))


def _names(cells: Sequence[str]) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in cells]


def _places(path: Path, line: int, header: Sequence[str]) -> dict[str, int]:
    names = _names(header)
    where = f"{path}, line {line}"
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadInput("PURCHASES_COLUMNS", f"{where}: no column {', '.join(missing)}; found {', '.join(names)[:200]}")
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if twice:
        raise BadInput("PURCHASES_COLUMNS", f"{where}: more than one column {', '.join(twice)}")
    return {name: names.index(name) for name in COLUMNS}


def _purchase(width: int, places: dict[str, int], row: list[str], line: int) -> Purchase:
    """The purchase of a row. Raises ValueError with the first of its faults."""
    if len(row) < width or any(row[width:]):
        raise ValueError(f"{len(row)} fields, expected {width}")
    customer, day = _customer(row[places["customer"]]), _day(row[places["date"]])
    _check_units(row[places["units"]])
    return Purchase(customer, day, _minor(row[places["amount"]]), line)


def _customer(text: str) -> str:
    plain = _WHOLE_AS_DECIMAL.sub(r"\1", text)
    if not re.fullmatch(r"[0-9]{1,15}", plain):
        raise ValueError(f"customer {text!r} is not 1 to 15 digits; give customers with letters numbers of their own")
    return plain


def _day(text: str) -> datetime.date:
    found = _DAY.match(text)
    try:
        if found is None:
            raise ValueError
        day = datetime.date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        raise ValueError(f"date {text!r} is not a day YYYY-MM-DD, alone or with a time HH:MM:SS") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"date {text} is not between {FIRST_DAY} and {LAST_DAY}")
    return day


def _check_units(text: str) -> None:
    plain = _WHOLE_AS_DECIMAL.sub(r"\1", text)
    if not re.fullmatch(r"-?[0-9]{1,9}", plain):
        raise ValueError(f"units {text!r} is not a whole number, 0 or more")
    if plain.startswith("-"):
        raise ValueError(f"units {text!r} is below 0: a return, which cannot be replayed; leave its line out")


def _minor(text: str) -> int:
    found = AMOUNT.match(text)
    if found is None and AMOUNT.match(text.removeprefix("-")):
        raise ValueError(f"amount {text!r} is below 0: a return, which cannot be replayed; leave its line out")
    if found is None:
        raise ValueError(f"amount {text!r} is not a decimal, 0 or more, of two places, such as 1200.50")
    if len(found["whole"]) > 15:
        raise ValueError(f"amount {text[:30]!r} is over the limit of {_decimal(AMOUNT_MINOR_MAX)}")
    minor = int(found["whole"]) * 100 + int((found["cents"] or "").ljust(2, "0"))
    if minor > AMOUNT_MINOR_MAX:
        raise ValueError(f"amount {text!r} is over the limit of {_decimal(AMOUNT_MINOR_MAX)}")
    return minor


def _decimal(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
