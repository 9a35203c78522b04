"""A statement's entries as files to save."""

from __future__ import annotations

import flask

from gateway.pages.frame.navigation import SETTLEMENT
from gateway.pages.frame.page_view import PageView
from gateway.pages.frame.report_files import csv_text
from gateway.pages.frame.report_tables import tables_of
from gateway.pages.frame.tables import saved
from gateway.pages.merchant.reports import workbook
from gateway.pages.merchant.settlement import READERS
from gateway.pages.words.marking import mark
from gateway.settlement.reports.statement import StatementReport


@SETTLEMENT.page(
    "/merchant/settlement/<window_id>/entries.csv", name="statement-csv", title=mark("Statement"), roles=READERS
)
def statement_csv(view: PageView) -> flask.typing.ResponseReturnValue:
    """Sends every entry between this merchant and others as a table file, oldest first, what disputes moved, and of a
    closed window what each pair carried in and on, so that the values add up to the statement; what this merchant owes
    has a minus."""
    report = report_of(view)
    entries, *_ = tables_of(report, view.speech, view.merchant_name)
    return saved(file_name(report, "csv"), "text/csv", csv_text(entries))


@SETTLEMENT.page(
    "/merchant/settlement/<window_id>/entries.xlsx", name="statement-xlsx", title=mark("Statement"), roles=READERS
)
def statement_xlsx(view: PageView) -> flask.typing.ResponseReturnValue:
    """Sends the same as a workbook, with the sums by pair and the disputes."""
    report = report_of(view)
    return workbook(view, file_name(report, "xlsx"), report)


def report_of(view: PageView) -> StatementReport:
    """Returns this merchant's report of the window in the address."""
    found = view.ask("getStatementReport", window_id=view.path["window_id"], msp_id=view.gateway.msp_id)
    return StatementReport.model_validate(found)


def file_name(report: StatementReport, ending: str) -> str:
    """Names a file by its window, so that files of several lie side by side."""
    return f"jifen-{report.msp_id}-window-{report.window_id}.{ending}"
