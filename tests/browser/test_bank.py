"""The bank in a real browser: a payment file is saved, the bank's statement read, and what it proposes sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from gateway.security.principals import Role
from gateway.settlement.bank.pain001 import write_pain001
from tests.scenes.bank_payments import ACCOUNTS
from tests.scenes.bank_statements import sent, statement
from tests.scenes.consortium import open_consortium
from tests.scenes.owed_window import ORGS, owe
from tests.scenes.sites import Served, confirm_all, consortium

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def owing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """Northstar owes harbor and lotus for window 1."""
    folder = tmp_path_factory.mktemp("bank")
    ledger = folder / "ledger.sqlite"
    open_consortium(ledger)
    with consortium(folder, ledger, *ORGS) as found:
        owe(found)
        yield found


def test_payments_go_to_the_bank_and_come_back(browser: Browser, owing: dict[str, Served], tmp_path: Path) -> None:
    north = owing["northstar"]
    order = north.gateway.bank.order(1)[0]
    context = browser.new_context(locale="en-GB")
    north.let_in(context, north.staff(Role.FINANCE))
    page = context.new_page()
    page.goto(f"{north.address}/merchant/bank")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the file").click()
    assert saved.value.suggested_filename == f"{order.message_id}-window-1.xml"
    assert Path(saved.value.path()).read_bytes() == write_pain001(order)
    expect(page.get_by_role("cell", name="Lotus Tea Ltd")).to_be_visible()

    bank = tmp_path / "statement.xml"
    bank.write_bytes(b"<a/>")
    page.get_by_label("Files (camt.053, pain.002)").set_input_files(bank)
    page.get_by_role("button", name="Read").click()
    expect(page.get_by_text("The bank's file cannot be read.")).to_be_visible()
    bank.write_bytes(statement(ACCOUNTS["northstar"], sent(order)))
    page.get_by_label("Files (camt.053, pain.002)").set_input_files(bank)
    page.get_by_role("button", name="Read").click()
    expect(page.get_by_text("1 file read. 0 entries have to do with no payment.")).to_be_visible()
    expect(page.get_by_text("Name and amount match")).to_have_count(2)
    for place in range(2):
        page.get_by_role("button", name="Record a payment").nth(place).click()
        expect(page.get_by_text("This needs a second person.")).to_have_count(place + 1)
    confirm_all(browser, north)

    page.get_by_role("button", name="Read").click()
    expect(page.get_by_text("On the ledger already")).to_have_count(2)
    expect(page.get_by_role("button", name="Record a payment")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Nothing is to be paid now")).to_be_visible()
    context.close()
