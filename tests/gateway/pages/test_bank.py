"""The bank's page: who sees it, what is offered, and that every verdict has words."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.pages.merchant.bank import PROPOSED
from gateway.pages.words.bank import CHARSETS, ENCODINGS, ORDER_FORMATS, VERDICTS
from gateway.pages.words.bank import REASONS as WORDS_OF_REASONS
from gateway.security.principals import Role
from gateway.settlement.bank.bank_csv import CsvEncoding
from gateway.settlement.bank.charsets import Charset
from gateway.settlement.bank.matching import Verdict
from gateway.settlement.bank.pain002 import REASONS
from tests.gateway.pages.desks import desk, places
from tests.scenes.owed_window import ORGS, owe
from tests.scenes.sites import Served


@pytest.fixture(scope="module")
def sites(ledger_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """Northstar owes two others."""
    with places(tmp_path_factory.mktemp("places"), ledger_template, *ORGS) as found:
        owe(found)
        yield found


def test_who_has_to_pay_is_offered_the_window_and_its_sum(sites: dict[str, Served]) -> None:
    page = desk(sites["northstar"], Role.FINANCE).get("/merchant/bank").text
    owed = sites["northstar"].gateway.bank.order(1)[0].total_minor
    assert f"Window 1: CN¥{owed // 100}.{owed % 100:02}" in page
    assert "data-bank-statements" in page


def test_who_is_paid_reads_statements_alone(sites: dict[str, Served]) -> None:
    page = desk(sites["harbor"], Role.FINANCE, language="zh").get("/merchant/bank").text
    assert "目前没有应付款" in page
    assert "data-bank-order" not in page
    said = re.search(r"data-bank-statements='([^']+)'", page)
    assert said is not None
    assert json.loads(html.unescape(said[1]))["verdicts"]["MATCHED"] == ["付款编号与金额一致", "good"]


def test_the_page_is_for_finance(sites: dict[str, Served]) -> None:
    page = desk(sites["northstar"], Role.AUDITOR, Role.CASHIER).get("/merchant/bank").text
    assert "Your role does not include this." in page
    assert "data-bank" not in page


def test_everything_that_can_be_chosen_or_said_has_words() -> None:
    assert set(VERDICTS) == {verdict.value for verdict in Verdict}
    assert dict(WORDS_OF_REASONS) == dict(REASONS)
    assert set(CHARSETS) == {charset.value for charset in Charset}
    assert set(ENCODINGS) == {encoding.value for encoding in CsvEncoding}
    assert set(ORDER_FORMATS) == {"pain.001", "csv"}
    assert set(PROPOSED) == {"RecordPayment", "ConfirmPayment", "RejectPayment", "RetractPayment"}
