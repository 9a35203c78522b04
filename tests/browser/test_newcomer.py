"""A newcomer's first hour in a demo: a code from its post box, a key, a purchase, a payment at another shop, and where the points came from."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gateway.security.principals import Role
from tests.browser.member.conftest import PASSPHRASE
from tests.scenes.sites import PASSWORD, Served

pytestmark = pytest.mark.browser

EMAIL = "newcomer@example.org"
CODE = re.compile(r"code is ([0-9 ]{8,})")


def till_of(browser: Browser, site: Served) -> tuple[BrowserContext, Page]:
    """A cashier's till."""
    context = browser.new_context(locale="en-GB")
    site.let_in(context, site.staff(Role.CASHIER))
    page = context.new_page()
    page.goto(f"{site.address}/merchant/counter")
    return context, page


def registers(page: Page, address: str) -> None:
    """With the code that stands in the demo's post box, as whoever tries the demo finds it."""
    page.goto(address)
    page.goto(f"{address}/register")
    page.get_by_label("E-mail or telephone").fill(EMAIL)
    page.get_by_role("button", name="Send me a code").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the post box of the demo").click()
    box = opened.value
    newest = box.locator("article").first
    expect(newest).to_contain_text(EMAIL)
    code = CODE.search(newest.inner_text())
    assert code, newest.inner_text()
    box.close()
    page.get_by_label("Code from the message").fill(f"{code[1][:4]} {code[1][4:]}")
    page.get_by_label("What shall we call you?").fill("Mei")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Become a member").click()
    page.wait_for_url(re.compile("/key"))
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("The same again").fill(PASSPHRASE)
    page.get_by_label("I know: if I forget").check()
    page.get_by_role("button", name="Make my key").click()
    expect(page.get_by_role("heading", name="Your key is made")).to_be_visible()


def test_a_newcomers_first_hour(page: Page, browser: Browser, sites: dict[str, Served]) -> None:
    north, harbor = sites["northstar"], sites["harbor"]
    address = north.gateway.settings.address()
    registers(page, address)

    shop, till = till_of(browser, north)  # the cashier finds them by what they say
    till.get_by_label("Member", exact=True).fill(EMAIL)
    till.keyboard.press("Enter")
    expect(till.locator("[data-known]")).to_contain_text("Mei")
    till.get_by_label("Amount paid").fill("128.50")
    till.get_by_label("Receipt number").first.fill("R-7")
    till.keyboard.press("Enter")
    expect(till.locator("[data-answer]")).to_contain_text("+128")
    for said in ("Mei", "CN¥128.50", "R-7", "Done"):
        expect(till.locator("[data-lines] tr").first).to_contain_text(said)
    shop.close()

    page.goto(f"{address}/redeem")
    page.get_by_label("At which merchant").select_option("harbor")
    page.get_by_label("At most").fill("100")
    expect(page.locator("[data-hold] [data-worth]")).to_have_text("Worth: CN¥1.00")
    page.get_by_role("button", name="Look it over").click()
    dialog = page.get_by_role("dialog", name="Reserve points")
    expect(dialog).to_contain_text("CN¥1.00")
    dialog.get_by_label("Passphrase of your key").fill(PASSPHRASE)
    dialog.get_by_role("button", name="Sign and send").click()
    code = page.locator("[data-hold-code]").inner_text()

    other, till = till_of(browser, harbor)  # who types it as it is heard
    till.keyboard.press("F4")
    till.locator("form[data-form=redeem]").get_by_label("Reservation").fill(code.lower().replace("-", " "))
    till.keyboard.press("Enter")
    till.get_by_label("Points to take").first.fill("60")
    expect(till.locator("form[data-form=redeem] [data-worth]")).to_have_text("Worth CN¥0.60")
    till.keyboard.press("Enter")
    expect(till.locator("[data-answer]")).to_contain_text("60 points taken")
    other.close()

    expect(page.locator("[data-live=shown]")).to_contain_text("60 points · CN¥0.60")
    page.goto(f"{address}/history")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    for said in ("Spent", "海港唱片", code, "−60", "CN¥0.60"):
        expect(rows.first).to_contain_text(said)
    for said in ("Earned", "北辰书店", "R-7", "+128"):
        expect(rows.last).to_contain_text(said)
    rows.first.get_by_role("link", name="Follow these points").click()
    expect(page.locator("[data-proof-result] .notice")).to_have_class(re.compile("good"))
    expect(page.locator(".way-step.made")).to_contain_text("北辰书店 gave 128 points to you")
