"""Writes a payment order as Chinese banks take batches of payments: a table file of 账号, 户名, 开户行联行号, 金额 and
用途, at most ROWS_MAX payments each. 用途 holds the payment's name, which comes back in the bank's statement.
"""

from __future__ import annotations

import csv
import enum
import io
from collections.abc import Iterator

from gateway.settlement.bank.amounts import amount_text
from gateway.settlement.bank.charsets import Charset, write_text
from gateway.settlement.bank.instructions import Instruction, PaymentOrder

COLUMNS = ("账号", "户名", "开户行联行号", "金额", "用途")
ROWS_MAX = 5_000
MEDIA_TYPE = "text/csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CsvEncoding(enum.StrEnum):
    """How the file's characters become bytes."""

    GB18030 = "gb18030"
    UTF8 = "utf-8-sig"
    """With the mark by which spreadsheets know it."""


def write_bank_csv(order: PaymentOrder, encoding: CsvEncoding = CsvEncoding.GB18030) -> list[tuple[str, bytes]]:
    """Returns the order as files, each with its name: one, or several that are numbered."""
    parts = [order.instructions[at : at + ROWS_MAX] for at in range(0, len(order.instructions), ROWS_MAX)]
    name = f"{order.message_id}-window-{order.window_id}"
    if len(parts) == 1:
        return [(f"{name}.csv", _table(parts[0], order, encoding))]
    return [
        (f"{name}-{number}-of-{len(parts)}.csv", _table(part, order, encoding))
        for number, part in enumerate(parts, start=1)
    ]


def _table(instructions: tuple[Instruction, ...], order: PaymentOrder, encoding: CsvEncoding) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in instructions:
        writer.writerow(_harmless(cell) for cell in _cells(one, order))
    return out.getvalue().encode(encoding)


def _cells(one: Instruction, order: PaymentOrder) -> Iterator[str]:
    yield one.payee.account
    yield write_text(one.payee.name, Charset.UNICODE, one.payee_msp)
    yield one.payee.cnaps or one.payee.bic or ""
    yield amount_text(one.amount_minor, order.terms.decimals)
    yield one.text


def _harmless(cell: str) -> str:
    """Returns a cell that no spreadsheet takes for a formula (CWE-1236)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
