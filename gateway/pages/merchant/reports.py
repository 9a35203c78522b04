"""Settlement reports: on a page, and as files to save."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import flask

from gateway.pages.frame.context import Context
from gateway.pages.frame.navigation import SETTLEMENT
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.report_files import SHARES, csv_text, write_workbook
from gateway.pages.frame.report_tables import PERCENT_DIGITS, Column, Report, ReportTable, tables_of
from gateway.pages.frame.settlement import chosen_window
from gateway.pages.frame.tables import PIECE_BYTES, WORKBOOK, saved
from gateway.pages.merchant.settlement import READERS
from gateway.pages.words.marking import mark
from gateway.pages.words.reports import REPORT_NAMES
from gateway.settlement.reports.ageing import AgeingReport
from gateway.settlement.reports.breakage import BreakageReport
from gateway.settlement.reports.exposure import ExposureReport
from gateway.settlement.reports.matrix import MatrixReport
from gateway.settlement.reports.roll_forward import RollForward
from gateway.settlement.reports.statement import StatementReport


@dataclass(frozen=True)
class Asked:
    """How a report is asked for: the endpoint, the form of its answer, and which of the form's fields it takes."""

    endpoint: str
    kind: type[Report]
    takes: tuple[str, ...] = ()


ASKED: Mapping[str, Asked] = {
    "matrix": Asked("getMatrixReport", MatrixReport, ("window_id",)),
    "statement": Asked("getStatementReport", StatementReport, ("window_id", "msp_id")),
    "roll-forward": Asked("getRollForward", RollForward, ("first_day", "last_day")),
    "ageing": Asked("getAgeingReport", AgeingReport, ("day",)),
    "breakage": Asked("getBreakageReport", BreakageReport, ("day",)),
    "exposure": Asked("getExposureReport", ExposureReport),
}
TEXTS = frozenset(
    [
        "acceptor",
        "at",
        "case",
        "class",
        "due_at",
        "first",
        "issuer",
        "lasts",
        "merchant",
        "month",
        "op",
        "order_ref",
        "overdue",
        "pay_by",
        "payee",
        "payer",
        "redemption_id",
        "second",
        "status",
        "transaction_id",
    ]
)
ON_PAGE_ROWS_MAX = 500
"""More of a table are in its files alone."""


class ReportsContext(Context, template="merchant/reports.html"):
    """`report`: which one; `tables` with the first rows of each as `cells`; `texts`: columns that
    hold no numbers; `files`: what stands behind the `?` of its files' addresses;
    `window`, `first_day`, `last_day`: as the form has them; `block_number`: the last block in it."""

    report: str
    reports: Mapping[str, str]
    tables: list[ReportTable]
    texts: frozenset[str]
    cells: list[list[list[str]]]
    cut: bool
    files: str
    window: int
    first_day: str
    last_day: str
    block_number: int


@SETTLEMENT.page(
    "/merchant/reports", name="reports", title=mark("Reports"), label=mark("Reports"), roles=READERS, icon="blocks"
)
def reports(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows one report, each of its tables as the files have it."""
    name, report = asked_of(view)
    tables = tables_of(report, view.speech, view.merchant_name)
    return view.render(
        ReportsContext(
            report=name,
            reports={one: REPORT_NAMES[one] for one in ASKED},
            tables=tables,
            texts=TEXTS,
            cells=[
                [[shown(view, column, cell) for column, cell in zip(table.columns, row, strict=True)] for row in rows]
                for table in tables
                for rows in [table.rows[:ON_PAGE_ROWS_MAX]]
            ],
            cut=any(len(table.rows) > ON_PAGE_ROWS_MAX for table in tables),
            files=urlencode({**view.query, "report": name}),
            window=window_of(view),
            first_day=view.query.get("first_day", ""),
            last_day=view.query.get("last_day", ""),
            block_number=report.block_number,
        )
    )


@SETTLEMENT.page("/merchant/reports.csv", name="reports-csv", title=mark("Reports"), roles=READERS)
def reports_csv(view: PageView) -> flask.typing.ResponseReturnValue:
    """Sends a report's first table as a CSV file."""
    name, report = asked_of(view)
    first, *_ = tables_of(report, view.speech, view.merchant_name)
    return saved(f"jifen-{name}.csv", "text/csv", csv_text(first))


@SETTLEMENT.page("/merchant/reports.xlsx", name="reports-xlsx", title=mark("Reports"), roles=READERS)
def reports_xlsx(view: PageView) -> flask.typing.ResponseReturnValue:
    """Sends all of a report's tables as a workbook."""
    name, report = asked_of(view)
    return workbook(view, f"jifen-{name}.xlsx", report)


def workbook(view: PageView, name: str, report: Report) -> flask.Response:
    """Sends a report's tables as a workbook, from a file that is gone when it is sent."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it is sent)
    write_workbook(tables_of(report, view.speech, view.merchant_name), view.speech, file)
    file.seek(0)
    response = saved(name, WORKBOOK, iter(lambda: file.read(PIECE_BYTES), b""))
    response.call_on_close(file.close)
    return response


def asked_of(view: PageView) -> tuple[str, Report]:
    """Returns the report that the query names, the matrix where it names none. Raises GatewayError as its endpoint."""
    name = view.query.get("report", "matrix")
    name = name if name in ASKED else "matrix"
    asked = ASKED[name]
    last_day = view.query.get("last_day") or None
    given = {
        "window_id": window_of(view),
        "msp_id": view.gateway.msp_id,
        "first_day": view.query.get("first_day") or None,
        "last_day": last_day,
        "day": last_day,
    }
    found = view.ask(asked.endpoint, **{one: given[one] for one in asked.takes})
    return name, asked.kind.model_validate(found)


def window_of(view: PageView) -> int:
    """Returns the window that the query names, the open one where it names none."""
    return chosen_window(view, int(view.ask("getCurrentWindow")["window_id"]))


def shown(view: PageView, column: Column, cell: Any) -> str:
    """Returns a cell as people read it; nothing is cut or rounded, so that sums add up as shown."""
    if isinstance(cell, Decimal):
        return (
            view.speech.percent(int(cell.scaleb(PERCENT_DIGITS))) if column.name in SHARES else view.speech.exact(cell)
        )
    if isinstance(cell, datetime.datetime):
        return view.speech.time(int(cell.timestamp()), "short")
    return "" if cell is None else str(column.said(cell, view.speech))
