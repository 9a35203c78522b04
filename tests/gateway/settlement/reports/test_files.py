"""Reports as files: what a workbook computes is what the CSV file says, in whose language it may be."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from gateway.pages.frame.language import Speech
from gateway.pages.frame.report_files import csv_text, write_workbook
from gateway.pages.frame.report_tables import Report, ReportTable, tables_of
from gateway.settlement.reports.desk import Reports
from tests.scenes.workbooks import values

REPORTS: dict[str, Callable[[Reports], Report]] = {
    "matrix": lambda reports: reports.matrix(1),
    "statement": lambda reports: reports.statement(1, "northstar"),
    "roll-forward": lambda reports: reports.roll_forward_days(),
    "ageing": lambda reports: reports.ageing(),
    "breakage": lambda reports: reports.breakage(),
    "exposure": lambda reports: reports.exposure(),
}


def in_csv(table: ReportTable) -> list[list[str]]:
    """The rows of a table's file."""
    return list(csv.reader(io.StringIO(b"".join(csv_text(table)).decode("utf-8-sig"))))


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_workbook_computes_what_the_report_says(reports: Reports, name: str, language: str) -> None:
    speech = Speech(language)
    tables = tables_of(REPORTS[name](reports), speech)
    assert tables[0].rows, "there is something to compute"
    file = io.BytesIO()
    write_workbook(tables, speech, file)
    sheets = load_workbook(file).worksheets
    assert [one.title for one in sheets] == [speech.gettext(one.title)[:31] for one in tables]
    for sheet, table in zip(sheets, tables, strict=True):
        rows, cells = values(sheet), in_csv(table)
        if language == "zh":
            assert all(any("\u4e00" <= letter <= "\u9fff" for letter in head) for head in rows[0]), rows[0]
        assert cells[0] == [one.name for one in table.columns]
        for row, line in zip(rows[1 : len(cells)], cells[1:], strict=True):
            for value, cell in zip(row, line, strict=True):
                if isinstance(value, Decimal):
                    assert value == Decimal(cell), (table.name, line)
        totals = rows[len(cells) :]
        assert len(totals) == bool(table.rows and any(one.sums for one in table.columns))
        for total in totals:
            for place, column in enumerate(table.columns):
                if column.sums:
                    assert total[place] == sum(Decimal(line[place]) for line in cells[1:])


def test_a_statement_adds_up_to_what_the_merchant_gets(reports: Reports) -> None:
    """With what disputes moved and what rounding carried, which are no entries."""
    report = reports.statement(1, "harbor")
    (entries, pairs, _) = tables_of(report, Speech("en"))
    assert sum(row[6] for row in entries.rows) == sum(row[-1] for row in pairs.rows)
    assert sum(row[6] for row in entries.rows) == Decimal(report.net_millionths).scaleb(-6)
