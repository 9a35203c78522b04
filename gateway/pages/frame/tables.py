"""Tables as files to save: CSV, and workbooks (ECMA-376) by openpyxl. No cell of either is taken for a formula, times
are times (ISO 8601 in CSV), and however long a table is, only a piece of it is in memory."""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import flask
from openpyxl import Workbook
from openpyxl.styles import numbers
from openpyxl.utils import get_column_letter

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_NAME_CHARACTERS_MAX = 31
SHEET_ROWS_MAX = 1_048_576
"""Of Excel; what is more goes onto further sheets."""
PIECE_ROWS = 500
PIECE_BYTES = 65_536
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def scaled(value: int, digits: int) -> Decimal:
    """Returns whole units as the decimal number that they stand for."""
    return Decimal(value).scaleb(-digits)


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> flask.Response:
    """Makes a CSV file in UTF-8 with a mark that spreadsheets need, sent while its rows are asked for. The first row is
    asked for at once, so that what cannot be told is told on a page."""
    waiting = iter(rows)
    first = list(itertools.islice(waiting, 1))
    return saved(name, "text/csv", csv_pieces(columns, itertools.chain(first, waiting)))


def csv_pieces(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Writes a CSV file piece by piece."""
    beginning, waiting = "\ufeff", itertools.chain([columns], rows)
    while piece := list(itertools.islice(waiting, PIECE_ROWS)):
        out = io.StringIO()
        csv.writer(out).writerows([_text(plain(cell)) for cell in row] for row in piece)
        yield (beginning + out.getvalue()).encode()
        beginning = ""


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.datetime) else value


def workbook_file(
    name: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, text_columns: int = 0
) -> flask.Response:
    """Makes a workbook in a file that is gone when it is sent; numbers stay numbers, and times are the consortium's.
    What people write into the first `text_columns` stays as it is written."""
    book = Workbook(write_only=True)
    for number, part in enumerate(sheet_rows(rows), 1):
        ending = "" if number == 1 else f" ({number})"
        sheet = book.create_sheet(title[: SHEET_NAME_CHARACTERS_MAX - len(ending)] + ending)
        for place in range(1, text_columns + 1):
            column = sheet.column_dimensions[get_column_letter(place)]
            column.number_format, column.width = numbers.FORMAT_TEXT, 20
        sheet.append(list(columns))
        for row in part:
            sheet.append([without_zone(plain(cell)) for cell in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it is sent)
    book.save(file)
    file.seek(0)
    response = saved(name, WORKBOOK, iter(lambda: file.read(PIECE_BYTES), b""))
    response.call_on_close(file.close)
    return response


def sheet_rows(rows: Iterable[Sequence[Any]], rows_max: int = SHEET_ROWS_MAX - 1) -> Iterator[Iterator[Sequence[Any]]]:
    """Returns the rows of each sheet, at least of one; each is to be read before the next is asked for."""
    rows_max = rows_max or SHEET_ROWS_MAX - 1
    waiting = iter(rows)
    yield itertools.islice(waiting, rows_max)
    while first := list(itertools.islice(waiting, 1)):
        yield itertools.chain(first, itertools.islice(waiting, rows_max - 1))


def without_zone(value: Any) -> Any:
    """Workbooks know no time zones."""
    return value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value


def saved(name: str, kind: str, content: Iterator[bytes]) -> flask.Response:
    """Sends bytes as a file to save."""
    response = flask.Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def plain(value: Any) -> Any:
    """Returns a cell that no spreadsheet takes for a formula (OWASP, CSV Injection), by its wide forms neither."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_BEGINNINGS) else value
