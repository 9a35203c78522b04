"""Coming in: registration, signing in, the language, the theme, and addresses that lead nowhere."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from gateway.security.principals import Role
from tests.scenes.sites import PASSWORD, Served

pytestmark = pytest.mark.browser


def test_a_member_signs_in_and_out(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    email = north.person()
    page.goto(f"{north.address}/wallet")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.get_by_label("E-mail or telephone").fill(email)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("The name or the password is wrong.")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{north.address}/wallet")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Become a member").first).to_be_visible()


def test_language_and_theme_are_chosen_and_kept(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    page.goto(north.address)
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.locator("a.theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto(f"{north.address}/help")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_door_leads_to_no_other_site(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    email = north.person()
    page.goto(f"{north.address}/sign-in?next=//example.org/")
    page.get_by_label("E-mail or telephone").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{north.address}/wallet")


def test_an_address_that_leads_nowhere_is_a_page(page: Page, sites: dict[str, Served]) -> None:
    answer = page.goto(f"{sites['northstar'].address}/no/such/page")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")


def test_staff_do_not_come_into_a_wallet(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    north.let_in(page.context, north.staff(Role.CASHIER))
    answer = page.goto(f"{north.address}/wallet")
    assert answer is not None
    assert answer.status == 403
