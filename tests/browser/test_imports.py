"""Old cards in a real browser: a file with faults is refused line by line, a right one is loaded, confirmed by a second person and written."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.access.principals import Role
from gateway.people.legacy_file import HEADER, proof_sha256
from tests.browser.site import Served

pytestmark = pytest.mark.browser

SALT = "00112233445566778899aabbccddeeff"


@pytest.fixture
def desk(page: Page, sites: dict[str, Served]) -> Page:
    """The desk of finance at northstar."""
    north = sites["northstar"]
    north.let_in(page.context, north.staff(Role.FINANCE))
    page.goto(f"{north.address}/merchant/import")
    return page


def card(reference: str, points: str) -> str:
    """A line of the file."""
    return f"{reference},{points},2031-12-31,{SALT},{proof_sha256(SALT, '1234')}"


def choose(page: Page, *lines: str) -> None:
    """Chooses a file with these lines behind the header."""
    content = "\r\n".join([",".join(HEADER), *lines, ""]).encode()
    page.get_by_label("File (CSV").set_input_files({"name": "cards.csv", "mimeType": "text/csv", "buffer": content})


def load(page: Page, cards: int, points: int) -> None:
    """Says the control totals and sends."""
    page.get_by_label("Cards", exact=True).fill(str(cards))
    page.get_by_label("Points in all").fill(str(points))
    page.get_by_role("button", name="Check and load").click()


def test_faults_are_told_by_line_and_a_right_file_reaches_the_ledger(
    desk: Page, browser: Browser, sites: dict[str, Served]
) -> None:
    north, prefix = sites["northstar"], secrets.token_hex(4).upper()
    choose(desk, card(f"{prefix}01", "100"), card(f"{prefix}02", "many"), card(f"{prefix}01", "5"))
    expect(desk.locator("[data-preview]")).to_contain_text("The file has 3 cards")
    expect(desk.locator("[data-preview]")).not_to_contain_text(f"{prefix}01")
    load(desk, 3, 105)
    faults = desk.get_by_role("region", name="2 lines are wrong")
    expect(faults.get_by_role("row").nth(1)).to_contain_text("3points: expected a whole number")
    expect(faults.get_by_role("row").nth(2)).to_contain_text("4the reference stands in line 2 already")

    cards = [card(f"{prefix}{number:04d}", "3") for number in range(600)]
    choose(desk, *cards)
    expect(desk.locator("[data-preview]")).to_contain_text("600 cards, 1,800 points in all.")
    load(desk, 600, 1801)
    expect(desk.get_by_text("The total is not the one the file names.")).to_be_visible()
    load(desk, 600, 1800)
    expect(desk.get_by_text("Waits for a second person")).to_be_visible()
    expect(desk.get_by_text("Somebody else of finance confirms it, here.")).to_be_visible()
    expect(desk.get_by_role("button", name="Confirm")).to_have_count(0)

    context = browser.new_context(locale="en-GB")
    north.let_in(context, north.staff(Role.FINANCE))
    second = context.new_page()
    refused: list[str] = []
    second.on("response", lambda one: refused.append(f"{one.status} {one.url}") if one.status >= 400 else None)
    second.goto(f"{north.address}/merchant/import")
    second.get_by_role("button", name="Confirm").click()
    expect(second.get_by_role("progressbar")).to_have_attribute("max", "2")
    expect(second.get_by_text("On the ledger")).to_be_visible(timeout=20_000)
    context.close()
    assert refused == []
    (row,) = north.gateway.people.legacy_imports.list()
    for number in range(2):
        assert north.gateway.projection.log.receipt("northstar", f"{row.import_id}-{number:05d}").operation


def test_what_is_no_such_file_is_said_before_it_is_sent(desk: Page) -> None:
    desk.get_by_label("File (CSV").set_input_files(
        {"name": "other.csv", "mimeType": "text/csv", "buffer": b"card;points\n1;2\n"}
    )
    expect(desk.locator("[data-preview]")).to_contain_text("This is not such a file")
