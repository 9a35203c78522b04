"""Tables as files: no cell is a formula, numbers stay numbers."""

from __future__ import annotations

import csv
import io

from openpyxl import load_workbook

from gateway.pages.tables import csv_file, scaled, workbook_file

COLUMNS = ("name", "value")
ROWS = [("=HYPERLINK(A1)", scaled(250, 2)), ("+1", scaled(-5, 6)), ("海港唱片", 7)]


def test_a_csv_file_has_no_formula() -> None:
    answer = csv_file("x.csv", COLUMNS, ROWS)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="x.csv"'
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff")
    found = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert found[0] == list(COLUMNS)
    assert [row[0][0] for row in found[1:3]] == ["'", "'"]
    assert [float(row[1]) for row in found[1:]] == [2.5, -0.000005, 7]


def test_a_workbook_has_no_formula_and_keeps_its_numbers() -> None:
    answer = workbook_file("x.xlsx", "A title that is longer than a sheet's name may be", COLUMNS, ROWS)
    sheet = load_workbook(io.BytesIO(answer.get_data())).active
    assert sheet is not None
    cells = list(sheet.iter_rows(min_row=2))
    assert [row[0].data_type for row in cells] == ["s", "s", "s"]
    assert [row[1].data_type for row in cells] == ["n", "n", "n"]
    assert float(str(cells[0][1].value)) == 2.5
