"""A proposal in a real browser: made with the fingerprint of a file, confirmed by a second person, voted on."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.security.principals import Role
from network.exchange.envelope import Envelope
from tests.scenes.sites import Served, agreeing, confirm_all

pytestmark = pytest.mark.browser


def test_a_newcomer_is_proposed_and_voted_on(
    page: Page, browser: Browser, sites: dict[str, Served], tmp_path: Path
) -> None:
    north = sites["northstar"]
    definition = tmp_path / "definition.json"
    definition.write_text('{"msp_id": "aurora"}', "utf-8")
    agreeing(page)
    north.let_in(page.context, north.staff(Role.ADMIN))
    page.goto(f"{north.address}/proposals")
    form = page.locator("form", has=page.get_by_role("heading", name="Let a merchant in"))
    form.get_by_label("Identifier of its organisation (MSP id)").fill("aurora")
    form.get_by_label("Name", exact=True).fill("Aurora Tea")
    form.get_by_label("Its organisation definition file").set_input_files(definition)
    fingerprint = hashlib.sha256(definition.read_bytes()).hexdigest()
    expect(form.get_by_label("Fingerprint of its definition (SHA-256)")).to_have_value(fingerprint)
    form.get_by_label("Reason").fill("a good neighbour")
    form.get_by_role("button", name="Propose").click()
    expect(form.get_by_text("second person")).to_be_visible()
    confirm_all(browser, north)
    page.goto(f"{north.address}/proposals")
    card = page.locator("article", has_text="Aurora Tea")
    expect(card).to_contain_text(fingerprint)
    expect(card).to_contain_text("0 of 2 needed")
    card.get_by_role("button", name="Vote in favour").click()
    expect(card.get_by_text("second person")).to_be_visible()
    confirm_all(browser, north)
    page.goto(f"{north.address}/proposals")
    expect(card).to_contain_text("1 of 2 needed")
    expect(card.get_by_role("button", name="Vote in favour")).to_have_count(0)


def test_the_fingerprint_is_the_one_that_a_newcomer_is_held_to(
    page: Page, sites: dict[str, Served], tmp_path: Path
) -> None:
    """A definition is signed anew whenever it is sent, and stays what was voted on."""
    north = sites["northstar"]
    agreeing(page)
    north.let_in(page.context, north.staff(Role.ADMIN))
    page.goto(f"{north.address}/proposals")
    form = page.locator("form", has=page.get_by_role("heading", name="Let a merchant in"))
    sent = Envelope("definition", "jifen", "", 0, "aurora", '{"display_name": "极光茶"}\n'.encode())
    for signature in (b"once", b"again"):
        file = tmp_path / f"{signature.decode()}.json"
        file.write_text(replace(sent, signature=signature).to_json(), "utf-8")
        form.get_by_label("Fingerprint of its definition (SHA-256)").fill("")
        form.get_by_label("Its organisation definition file").set_input_files(file)
        expect(form.get_by_label("Fingerprint of its definition (SHA-256)")).to_have_value(sent.sha256)
