"""A workbook's formulas computed as a spreadsheet does: sums of a column, and sums and differences of cells of a row."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_SUM = re.compile(r"=SUM\(([A-Z]+)(\d+):\1(\d+)\)\Z")
_TERM = re.compile(r"([+-]?)([A-Z]+)(\d+)")


def computed(sheet: Any, cell: Any) -> Any:
    """The value of a cell; numbers as the decimal numbers that they were written as."""
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    if not isinstance(value, str) or not value.startswith("="):
        return value if isinstance(value, str) else Decimal(str(value))
    found = _SUM.match(value)
    if found:
        column, first, last = found.groups()
        cells = (sheet[f"{column}{row}"] for row in range(int(first), int(last) + 1))
        return sum((computed(sheet, one) for one in cells), Decimal(0))
    assert _TERM.sub("", value[1:]) == "", value
    total = Decimal(0)
    for sign, column, row in _TERM.findall(value[1:]):
        part = computed(sheet, sheet[f"{column}{row}"])
        total += -part if sign == "-" else part
    return total


def values(sheet: Any) -> list[list[Any]]:
    """All rows of a sheet, formulas computed."""
    return [[computed(sheet, cell) for cell in row] for row in sheet.iter_rows()]
