"""A lost key in a real browser: a new one signs that it takes over, the home merchant asks with its code, and whoever
has the old key says that it is not lost."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Page, expect

from gateway.security.principals import Role
from tests.browser.member.conftest import PASSPHRASE, sign
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser


def test_a_new_key_asks_and_the_old_one_objects(page: Page, sites: dict[str, Served], member: str) -> None:
    north, harbor = sites["northstar"], sites["harbor"]
    page.goto(f"{north.address}/key")
    page.get_by_text("If the passphrase is lost").click()
    page.get_by_role("link", name="My key is lost").click()
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("The same again").fill(PASSPHRASE)
    page.get_by_role("button", name="Make my new key").click()
    page.get_by_role("button", name="Look it over").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Take over the account whose key is lost")
    sign(page, action="Sign")
    code = page.locator("p.mono").text_content()
    assert code is not None
    assert code.startswith(f"jifen-rebind:{member}:04")
    hers = page.context.cookies()
    page.context.clear_cookies()
    north.let_in(page.context, north.staff(Role.ADMIN))
    page.goto(f"{north.address}/merchant/members/{member}")
    page.get_by_label("Code of the new key").fill("jifen-rebind:another")
    page.get_by_role("button", name="Ask for the change of key").click()
    expect(page.get_by_text("This is not the code of a new key for this account.")).to_be_visible()
    page.get_by_label("Code of the new key").fill(code)
    page.get_by_role("button", name="Ask for the change of key").click()
    expect(page.get_by_text("no second merchant yet")).to_be_visible()
    asked = north.gateway.runtime.call(north.gateway.ledger.evaluate("GetRebind", {"address": member}))
    pair = {"address": member, "new_address": asked["new_address"]}
    harbor.carry_out("ConfirmRebind", secrets.token_hex(8), pair)
    page.context.clear_cookies()
    page.context.add_cookies(hers)  # type: ignore[arg-type]
    page.goto(f"{north.address}/wallet")
    page.get_by_role("link", name="See it, or object").click()
    page.get_by_role("button", name="This was not me: keep my key").click()
    expect(page.get_by_role("dialog")).to_contain_text("This was not me: keep my key")
    sign(page)
    expect(page.get_by_text("The change of key is stopped.")).to_be_visible()
    page.goto(f"{north.address}/wallet")
    expect(page.get_by_role("link", name="See it, or object")).to_have_count(0)
