"""Tables as files: no cell is a formula, numbers stay numbers."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from gateway.core.errors import GatewayError
from gateway.pages.frame.tables import PIECE_ROWS, csv_file, scaled, workbook_file

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


def test_rows_are_asked_for_while_the_file_is_sent() -> None:
    asked = 0

    def rows() -> Iterator[tuple[str, int]]:
        nonlocal asked
        for asked in range(1, 10 * PIECE_ROWS + 1):
            yield "x", asked

    pieces = csv_file("x.csv", COLUMNS, rows()).iter_encoded()
    assert asked == 1, "so much as tells whether there is anything to send"
    sent = 0
    for sent, piece in enumerate(pieces, 1):
        assert asked <= sent * PIECE_ROWS
        assert piece.count(b"\r\n") <= PIECE_ROWS
    assert (asked, sent) == (10 * PIECE_ROWS, 11)


def test_what_cannot_be_told_is_told_before_anything_is_sent() -> None:
    def rows() -> Iterator[tuple[str]]:
        raise GatewayError("PROJECTION_REBUILDING", "later")
        yield ("never",)

    with pytest.raises(GatewayError):
        csv_file("x.csv", COLUMNS, rows())


def test_times_are_times() -> None:
    moment = datetime.datetime(2026, 11, 27, 18, 3, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
    text = csv_file("x.csv", ("at",), [(moment,)]).get_data(as_text=True)
    assert text.splitlines()[1] == "2026-11-27T18:03:05+08:00"
    sheet = load_workbook(io.BytesIO(workbook_file("x.xlsx", "x", ("at",), [(moment,)]).get_data())).active
    assert sheet is not None
    assert sheet["A2"].value == datetime.datetime(2026, 11, 27, 18, 3, 5)
