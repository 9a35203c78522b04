"""What somebody finds who comes to a browser after another, and numbers that could be read in two ways."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.scenes.sites import Served

pytestmark = pytest.mark.browser
READ = """
([text, decimals]) => {
  const field = jifen.element("input", { name: "points", "data-type": "points", "data-decimals": decimals });
  field.value = text;
  const form = jifen.element("form", {}, field);
  try {
    return jifen.forms.read(form).body.points;
  } catch (error) {
    if (error.field !== "points") throw error;
    return "refused";
  }
}
"""


def test_the_way_back_shows_nothing_of_who_has_signed_out(page: Page, sites: dict[str, Served]) -> None:
    site = sites["northstar"]
    site.let_in(page.context, site.person("Lin"))
    page.goto(f"{site.address}/wallet")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.context.clear_cookies()
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_a_public_page_is_shown_as_it_was_left(page: Page, sites: dict[str, Served]) -> None:
    page.goto(f"{sites['northstar'].address}/help")
    page.evaluate("window.left = true; window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert page.evaluate("window.left")


def test_a_sign_in_leads_nowhere_else(page: Page, sites: dict[str, Served]) -> None:
    page.goto(f"{sites['northstar'].address}/sign-in?next=/%09%5Cevil.example")
    nexts = page.locator("form[data-next]").evaluate_all(
        "(forms) => forms.map((form) => new URL(form.dataset.next, location.href).origin)"
    )
    assert set(nexts) == {sites["northstar"].address}


@pytest.mark.parametrize(
    ("text", "decimals", "value"),
    [
        ("1,234", 0, 1234),
        ("1，234，567", 0, 1234567),
        ("1 234.5", 2, 123450),
        ("１２.５０", 2, 1250),
        ("12。50", 2, 1250),
        ("１，２３４．５", 1, 12345),
        ("12,50", 2, "refused"),
        ("1,5", 0, "refused"),
        ("1,2345", 0, "refused"),
        (",5", 1, "refused"),
        ("0.5", 1, 5),
        ("0.55", 1, "refused"),
    ],
)
def test_figures_are_taken_as_input_methods_write_them_and_a_comma_stands_between_thousands_alone(
    page: Page, sites: dict[str, Served], text: str, decimals: int, value: object
) -> None:
    page.goto(f"{sites['northstar'].address}/help")
    assert page.evaluate(READ, [text, decimals]) == value
