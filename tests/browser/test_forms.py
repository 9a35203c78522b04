"""Forms and tables: faults in the page's own words beside the field, room between a button and what became of it, a hint where a table goes on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from gateway.security.principals import Role
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "needed", "form"), [("en", "This is needed.", "wanted"), ("zh", "必填。", "格式不正确")]
)
def test_what_the_browser_finds_stands_beside_the_field_in_the_page_s_language(
    language: str, needed: str, form: str, page: Page, sites: dict[str, Served]
) -> None:
    north = sites["northstar"]
    north.let_in(page.context, north.staff(Role.MARKETING))
    page.goto(f"{north.address}/merchant/classes/new?language={language}")
    page.locator("[name='args.class_id']").fill("Not An Id!")
    page.locator("form[data-api] button[type=submit]").click()
    symbol = page.locator("[name='args.symbol']")
    expect(symbol).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-fault='args.symbol']")).to_have_text(needed)
    expect(page.locator("[data-fault='args.class_id']")).to_contain_text(form)
    expect(page.locator("[name='args.class_id']")).to_be_focused()
    symbol.fill("SPR")
    expect(page.locator("[data-fault='args.symbol']")).to_be_hidden()


def test_a_window_of_the_page_says_it_itself_too(page: Page, sites: dict[str, Served]) -> None:
    page.goto(f"{sites['northstar'].address}/sign-in?language=zh")
    page.get_by_role("main").get_by_role("button", name="登录", exact=True).first.click()
    expect(page.get_by_text("必填。")).to_have_count(2)
    expect(page.get_by_label("邮箱或手机号")).to_be_focused()


def test_an_outcome_stands_clear_of_the_button(page: Page, sites: dict[str, Served]) -> None:
    page.goto(f"{sites['northstar'].address}/sign-in")
    page.get_by_label("E-mail or telephone").fill("nobody@example.org")
    page.get_by_label("Password", exact=True).fill("not the password")
    button = page.get_by_role("main").get_by_role("button", name="Sign in", exact=True)
    button.click()
    outcome = page.locator(".outcome.notice.bad")
    expect(outcome).to_be_visible()
    upper, lower = button.bounding_box(), outcome.bounding_box()
    assert upper is not None
    assert lower is not None
    assert lower["y"] - (upper["y"] + upper["height"]) >= 12


def test_a_table_that_goes_on_fades_where_it_does(page: Page, sites: dict[str, Served]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{sites['northstar'].address}/points")
    wide = page.locator(".scrolled").first
    page.evaluate("() => { const one = document.querySelector('.scrolled > *'); one.style.minWidth = '900px'; }")
    expect(wide).to_have_attribute("data-beyond", "right")
    wide.evaluate("one => one.scrollTo({ left: 60 })")
    expect(wide).to_have_attribute("data-beyond", "left right")
    wide.evaluate("one => one.scrollTo({ left: 9999 })")
    expect(wide).to_have_attribute("data-beyond", "left")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(wide).not_to_have_attribute("data-beyond", "right")
