"""Tables as files to save: CSV, and workbooks (ECMA-376) by openpyxl. No cell of either is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import flask
from openpyxl import Workbook

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_NAME_CHARACTERS_MAX = 31
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def scaled(value: int, digits: int) -> Decimal:
    """Whole units as the decimal number that they stand for."""
    return Decimal(value).scaleb(-digits)


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> flask.Response:
    """A CSV file in UTF-8 with a mark that spreadsheets need."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([plain(cell) for cell in row])
    return _saved(name, "text/csv", "\ufeff" + out.getvalue())


def workbook_file(name: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> flask.Response:
    """A workbook with one sheet; numbers stay numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:SHEET_NAME_CHARACTERS_MAX])
    sheet.append(list(columns))
    for row in rows:
        sheet.append([plain(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return _saved(name, WORKBOOK, out.getvalue())


def _saved(name: str, kind: str, content: str | bytes) -> flask.Response:
    response = flask.Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def plain(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV Injection), by its wide forms neither."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_BEGINNINGS) else value
