"""Reports as files to save: a CSV file for each table, a workbook (ECMA-376) with a sheet for each.

In workbooks numbers are numbers and times are times; totals, and what follows from other cells of its row, are formulas,
so whoever opens one sees them computed again. CSV has stable names of columns and the numbers as they are.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from gateway.pages.frame.language import Speech
from gateway.pages.frame.report_tables import Column, ReportTable
from gateway.pages.frame.tables import (
    SHEET_NAME_CHARACTERS_MAX,
    SHEET_ROWS_MAX,
    csv_pieces,
    plain,
    sheet_rows,
    without_zone,
)
from gateway.pages.words.marking import mark

NUMBER_FORMAT, SHARE_FORMAT, TIME_FORMAT = "#,##0.00####", "0.00%", "yyyy-mm-dd hh:mm:ss"
SHARES = ("efficiency", "share", "used", "alert")
"""Columns whose cells are parts of one."""
FIRST_ROW = 2
MARGIN_ROWS = 2
"""Head and total of a sheet."""
WIDTH = 18
BOLD = Font(bold=True)


def csv_text(table: ReportTable) -> Iterator[bytes]:
    """Writes one table as CSV."""
    return csv_pieces([one.name for one in table.columns], table.rows)


def write_workbook(tables: Sequence[ReportTable], speech: Speech, file: IO[bytes]) -> None:
    """Writes all tables as a workbook, in the reader's language. What has more rows than a sheet goes onto further
    ones, each with its total."""
    book = Workbook(write_only=True)
    for table in tables:
        for number, rows in enumerate(sheet_rows(table.rows, SHEET_ROWS_MAX - MARGIN_ROWS), 1):
            ending = "" if number == 1 else f" ({number})"
            title = speech.gettext(table.title)[: SHEET_NAME_CHARACTERS_MAX - len(ending)] + ending
            _write_sheet(book.create_sheet(title), table.columns, rows, speech)
    book.save(file)


def _write_sheet(sheet: Any, columns: Sequence[Column], rows: Iterator[Sequence[Any]], speech: Speech) -> None:
    sheet.freeze_panes = "A2"
    letters = {one.name: get_column_letter(place) for place, one in enumerate(columns, 1)}
    for letter in letters.values():
        sheet.column_dimensions[letter].width = WIDTH
    sheet.append([_cell(sheet, speech.gettext(one.text), BOLD) for one in columns])
    last = FIRST_ROW - 1
    for last, row in enumerate(rows, FIRST_ROW):
        sheet.append([_value(sheet, column, value, letters, last) for column, value in zip(columns, row, strict=True)])
    if last >= FIRST_ROW and any(one.sums for one in columns):
        total = [
            _number(sheet, f"=SUM({letters[one.name]}{FIRST_ROW}:{letters[one.name]}{last})", BOLD)
            if one.sums
            else None
            for one in columns
        ]
        total[0] = total[0] or _cell(sheet, speech.gettext(mark("Sum")), BOLD)
        sheet.append(total)


def _value(sheet: Any, column: Column, value: Any, letters: dict[str, str], row: int) -> Any:
    if column.formula is not None:
        places = {name: f"{letter}{row}" for name, letter in letters.items()}
        return _number(sheet, "=" + column.formula.format(**places))
    if isinstance(value, datetime.datetime):
        cell = _cell(sheet, without_zone(value))
        cell.number_format = TIME_FORMAT
        return cell
    if isinstance(value, Decimal):
        return _number(sheet, value, share=column.name in SHARES)
    return plain(value)


def _number(sheet: Any, value: Any, font: Font | None = None, *, share: bool = False) -> Any:
    cell = _cell(sheet, value, font)
    cell.number_format = SHARE_FORMAT if share else NUMBER_FORMAT
    return cell


def _cell(sheet: Any, value: Any, font: Font | None = None) -> Any:
    cell = WriteOnlyCell(sheet, value)
    if font is not None:
        cell.font = font
    return cell
