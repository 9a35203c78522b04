"""What the tests of the member's pages do over and over."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.scenes.sites import Served

PASSPHRASE = "seven ferries to Gulangyu"


def carry_out(site: Served, op: str, args: dict[str, Any]) -> None:
    """An operation of the organisation's, in the projection when it returns."""
    receipt = site.carry_out(op, secrets.token_hex(8), args)
    assert receipt.block_number is not None


def issue(site: Served, address: str, points: int) -> None:
    """Points of the site's own class."""
    carry_out(site, "Issue", {"address": address, "class_id": site.org, "points": points})


def sign_in(page: Page, site: Served, name: str = "Lin") -> str:
    """A new member, signed in; her e-mail address."""
    email = site.person(name)
    site.let_in(page.context, email)
    return email


def make_key(page: Page, site: Served) -> str:
    """Makes a key through the page; the address."""
    page.goto(f"{site.address}/key")
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("The same again").fill(PASSPHRASE)
    page.get_by_label("I know: if I forget").check()
    page.get_by_role("button", name="Make my key").click()
    expect(page.get_by_role("heading", name="Your key is made")).to_be_visible()
    text = page.locator("[data-made-address]").text_content()
    assert text is not None
    return text.replace(" ", "")


def sign(page: Page, passphrase: str = PASSPHRASE, action: str = "Sign and send") -> None:
    """Signs what the window says."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Passphrase of your key").fill(passphrase)
    dialog.get_by_role("button", name=action, exact=True).click()


@pytest.fixture
def member(page: Page, sites: dict[str, Served]) -> str:
    """Somebody with a key and 1,000 points of northstar's; her address."""
    sign_in(page, sites["northstar"])
    address = make_key(page, sites["northstar"])
    issue(sites["northstar"], address, 1000)
    return address


@pytest.fixture
def lossy(browser: Browser) -> Iterator[Page]:
    """A page of which it is no fault that a request of its gets no answer."""
    context = browser.new_context(locale="en-GB")
    yield context.new_page()
    context.close()
