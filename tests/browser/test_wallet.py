"""The wallet as it changes, the QR code to receive by, and the history: searched, filtered, saved."""

from __future__ import annotations

import csv
import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from gateway.ledger.members import MemberKey
from tests.browser.site import Served

pytestmark = pytest.mark.browser


@pytest.fixture
def key(request: pytest.FixtureRequest, page: Page, sites: dict[str, Served]) -> MemberKey:
    """The key of a member who is signed in and has 120 points."""
    email, made = sites["northstar"].wallet(request.node.name.replace("_", "-")[:40])
    sites["northstar"].let_in(page.context, email)
    return made


def test_what_comes_is_seen_without_loading_the_page_again(
    page: Page, sites: dict[str, Served], key: MemberKey
) -> None:
    north = sites["northstar"]
    with page.expect_response(re.compile("/api/v1/events")):
        page.goto(f"{north.address}/wallet")
    expect(page.locator(".total")).to_have_text("CN¥1.20")
    page.evaluate("window.same = true")
    accrual = {"address": key.address, "amount_minor": 5000, "class_id": "northstar", "purchase_ref": "later"}
    north.carry_out("Accrue", "later", accrual)
    expect(page.locator(".total")).to_have_text("CN¥1.70")
    expect(page.get_by_role("status").filter(has_text="Your wallet has changed.")).to_have_count(1)
    assert page.evaluate("window.same") is True


def test_the_code_says_the_address_and_the_amount(page: Page, sites: dict[str, Served], key: MemberKey) -> None:
    page.goto(f"{sites['northstar'].address}/receive")
    page.get_by_label("Amount").fill("25")
    page.get_by_role("button", name="Show the code").click()
    picture = Image.open(io.BytesIO(page.locator("svg.qr").screenshot()))
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text == f"jifen:{key.address}?class_id=harbor&points=25"
    expect(page.get_by_text(re.compile("Asks for 25"))).to_be_visible()


def test_the_history_is_searched_filtered_and_saved(page: Page, sites: dict[str, Served], key: MemberKey) -> None:
    north = sites["northstar"]
    issued = {"address": key.address, "class_id": "northstar", "points": 7}
    north.carry_out("Issue", "a-gift-of-seven", issued)
    page.goto(f"{north.address}/history")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_label("Search").fill("gift-of-seven")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("+7")
    page.get_by_label("Search").fill("")
    page.get_by_label(re.compile("^What")).select_option("Accrue")
    page.get_by_role("button", name="Show").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("+120")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as a table (CSV)").click()
    with open(saved.value.path(), encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["points"] for row in table] == ["7", "120"]
    assert all(row["transaction_id"] for row in table)


def test_an_account_without_a_key_is_led_to_one(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    north.let_in(page.context, north.person())
    for path in ("/wallet", "/receive", "/send", "/redeem"):
        page.goto(north.address + path)
        expect(page.get_by_role("link", name="Make my key")).to_have_attribute("href", "/key")
