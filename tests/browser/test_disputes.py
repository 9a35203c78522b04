"""A dispute in a real browser: opened from an entry with a file as evidence, answered at the other gateway, withdrawn."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.security.principals import Role
from tests.browser.settlement import OWED, close, spend_at_harbor
from tests.scenes.sites import Served, agreeing

pytestmark = pytest.mark.browser


def test_a_dispute_is_opened_contested_and_withdrawn(
    page: Page, browser: Browser, sites: dict[str, Served], tmp_path: Path
) -> None:
    north, harbor, operator = (sites[name] for name in ("northstar", "harbor", "operator"))
    spend_at_harbor(north, harbor)
    window_id = close(operator, north, harbor)
    evidence = tmp_path / "order.txt"
    evidence.write_text("the order was cancelled\n", "utf-8")
    fingerprint = hashlib.sha256(evidence.read_bytes()).hexdigest()
    agreeing(page)
    north.let_in(page.context, north.staff(Role.FINANCE))
    page.goto(f"{north.address}/merchant/settlement/{window_id}")
    page.get_by_role("link", name="Dispute", exact=True).click()
    page.get_by_label("Reason").select_option(label="The order was cancelled")
    page.locator("[data-evidence]").set_input_files(evidence)
    expect(page.get_by_label("Fingerprint (SHA-256)")).to_have_value(fingerprint)
    page.get_by_label("Disputed amount").fill("1.20")
    page.get_by_role("button", name="Open the dispute").click()
    expect(page.get_by_role("heading", name="CN¥1.20")).to_be_visible()
    expect(page.get_by_text(fingerprint)).to_be_visible()
    address = page.url.removeprefix(north.address)

    context = browser.new_context(locale="en-GB")
    harbor.let_in(context, harbor.staff(Role.FINANCE))
    other = context.new_page()
    agreeing(other)
    other.goto(f"{harbor.address}/merchant")
    other.get_by_role("link", name="1 dispute waits for us").click()
    other.get_by_role("main").get_by_role("link").first.click()
    assert other.url.removeprefix(harbor.address) == address
    other.locator("[data-evidence]").set_input_files(evidence)
    expect(other.get_by_label("Fingerprint (SHA-256)")).to_have_value(fingerprint)
    other.get_by_role("button", name="Contest", exact=True).click()
    expect(other.get_by_text("Contested; waits for the issuer")).to_be_visible()
    context.close()

    page.reload()
    page.get_by_role("button", name="Withdraw the dispute").click()
    expect(page.get_by_text("Withdrawn", exact=True)).to_be_visible()
    page.goto(f"{north.address}/merchant/settlement/{window_id}")
    expect(page.locator(".total")).to_have_text("−CN¥1.30")
    expect(page.get_by_text("1 dispute", exact=True)).to_be_visible()
    assert OWED == "CN¥2.50"
