"""The page of settlement reports, and the files that it offers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from gateway.pages.merchant.reports import ASKED, TEXTS
from gateway.pages.words.reports import REPORT_NAMES
from gateway.security.principals import Role
from gateway.settlement.reports.desk import Reports
from tests.gateway.pages.desks import desk, places
from tests.scenes.beancount_books import bean_check
from tests.scenes.owed_window import ORGS, owe
from tests.scenes.sites import Served
from tests.scenes.workbooks import values


@pytest.fixture(scope="module")
def sites(ledger_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """Northstar owes two others for window 1."""
    with places(tmp_path_factory.mktemp("places"), ledger_template, *ORGS) as found:
        owe(found)
        yield found


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_report_is_a_page_and_files(sites: dict[str, Served], name: str, language: str) -> None:
    clerk = desk(sites["northstar"], Role.FINANCE, language=language)
    asked = f"report={name}&window=1"
    page = clerk.get(f"/merchant/reports?{asked}")
    assert page.status_code == 200
    rows = list(csv.reader(io.StringIO(clerk.get(f"/merchant/reports.csv?{asked}").text[1:])))
    assert len(rows) > 1
    book = load_workbook(io.BytesIO(clerk.get(f"/merchant/reports.xlsx?{asked}").data))
    assert len(book.worksheets) == page.text.count('<section class="card" id="table-')
    assert book.worksheets[0].title in page.text
    numbers = [place for place, column in enumerate(rows[0]) if column not in TEXTS]
    for row, computed in zip(rows[1:], values(book.worksheets[0])[1:], strict=False):
        for place in numbers:
            if row[place]:
                assert Decimal(str(computed[place])) == Decimal(row[place]), rows[0][place]


def test_what_is_owed_is_on_the_page_and_leads_to_its_entries(sites: dict[str, Served]) -> None:
    clerk = desk(sites["northstar"], Role.AUDITOR)
    page = clerk.get("/merchant/reports?report=matrix&window=1").text
    assert re.search(r'<td class="number">12\.03</td>', page)
    assert re.search(r'<td class="number">0%</td>', page), "one merchant owes all: netting saves nothing"
    page = clerk.get("/merchant/reports?report=statement&window=1").text
    assert 'href="/merchant/settlement/1"' in page
    assert "−12.03" in page


def test_a_day_that_is_none_is_told(sites: dict[str, Served]) -> None:
    clerk = desk(sites["northstar"], Role.FINANCE)
    assert clerk.get("/merchant/reports?report=ageing&last_day=2026-02-30").status_code == 400
    assert clerk.get("/merchant/reports?report=nonsense&window=x").status_code == 200


def test_the_journal_is_offered(sites: dict[str, Served], tmp_path: Path) -> None:
    clerk = desk(sites["northstar"], Role.FINANCE)
    assert 'href="/api/v1/reports/journal/northstar"' in clerk.get("/merchant/reports").text
    file = tmp_path / "northstar.beancount"
    answer = clerk.get("/api/v1/reports/journal/northstar")
    file.write_bytes(answer.data)
    assert answer.text == "".join(Reports(sites["northstar"].gateway.projection.books).journal("northstar"))
    assert bean_check(file) == ""


def test_who_may_not_read_settlement_reads_no_reports(sites: dict[str, Served]) -> None:
    assert "Your role does not include this." in desk(sites["northstar"], Role.CASHIER).get("/merchant/reports").text


def test_every_report_has_a_name() -> None:
    assert set(REPORT_NAMES) == {*ASKED, "journal"}
