"""Sessions, passkeys, password, contact, all data as a file, and the account's end."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from gateway.identity.models import LoginSession
from tests.browser.member.conftest import PASSPHRASE, sign_in
from tests.scenes.sites import PASSWORD, Served

pytestmark = pytest.mark.browser

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_sessions_data_and_the_end_of_an_account(
    page: Page, browser: Browser, sites: dict[str, Served], tmp_path: Path
) -> None:
    north = sites["northstar"]
    email = sign_in(page, north)
    elsewhere = browser.new_context()
    north.let_in(elsewhere, email)
    page.goto(f"{north.address}/security")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save my data").click()
    saved.value.save_as(tmp_path / "export.json")
    assert json.loads((tmp_path / "export.json").read_text("utf-8"))["person"]["email"] == email
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)
    there = elsewhere.new_page()
    there.goto(f"{north.address}/wallet")
    expect(there).to_have_url(re.compile("/sign-in"))
    elsewhere.close()
    page.get_by_text("I want to delete it").click()
    page.get_by_role("button", name="Delete my account").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete my account").click()
    expect(page).to_have_url(f"{north.address}/")
    page.goto(f"{north.address}/wallet")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_a_passkey_is_added_used_and_removed(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    address = north.gateway.settings.address()
    assert address == f"http://localhost:{urlsplit(north.address).port}"
    email = north.person()
    page.context.add_cookies([{**north.cookie(email), "url": address}])  # type: ignore[list-item, typeddict-item]
    client = page.context.new_cdp_session(page)
    client.send("WebAuthn.enable")
    client.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(f"{address}/security")
    page.get_by_label("Name of the new passkey").fill("the stick in the drawer")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("strong", has_text="the stick in the drawer")).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{address}/wallet")
    page.goto(f"{address}/security")
    expect(page.get_by_text("by passkey")).to_be_visible()
    page.get_by_role("button", name="Remove the stick in the drawer").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator("strong", has_text="the stick in the drawer")).to_have_count(0)


def test_under_a_number_no_passkey_is_offered(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    page.goto(f"{north.address}/sign-in")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    sign_in(page, north)
    page.goto(f"{north.address}/security")
    expect(page.get_by_role("button", name="Add a passkey")).to_have_count(0)
    named = north.gateway.settings.address()
    expect(page.get_by_role("link", name=named)).to_have_attribute("href", f"{named}/security")


def test_a_log_in_that_is_too_old_is_proved_once_more_and_the_key_is_kept(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    sign_in(page, north)
    with north.gateway.store.writing() as session:
        session.execute(update(LoginSession).values(authenticated_at=north.gateway.clock() - 3600))
    page.goto(f"{north.address}/key")
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("The same again").fill(PASSPHRASE)
    page.get_by_label("I know: if I forget").check()
    page.get_by_role("button", name="Make my key").click()
    asked = page.get_by_role("dialog", name="Is it you?")
    asked.get_by_role("button", name="Not now").click()
    expect(page.get_by_text("For this we ask for your password once more.")).to_be_visible()
    page.get_by_role("button", name="Make my key").click()
    asked.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(asked.get_by_text("The name or the password is wrong.")).to_be_visible()
    asked.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your key is made")).to_be_visible()
    page.goto(f"{north.address}/key")
    # One key, not one for each attempt: of several each would have its number.
    expect(page.get_by_role("heading", name="Your key is in place")).to_be_visible()


def test_another_password_and_another_contact(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    email = sign_in(page, north)
    page.goto(f"{north.address}/security")
    page.get_by_label("Password until now").fill("wrong")
    page.get_by_label("New password").fill("another correct horse 4711")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The name or the password is wrong.")).to_be_visible()
    page.get_by_label("Password until now").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    page.get_by_text("Change e-mail or telephone").click()
    fresh = "new-" + email
    page.get_by_label("New e-mail or telephone").fill(fresh)
    page.get_by_role("button", name="Send the codes").click()
    expect(page.get_by_label("Code from the old contact")).to_be_focused()
    page.get_by_label("Code from the old contact").fill(north.code_to(email))
    page.get_by_label("Code from the new contact").fill(north.code_to(fresh))
    page.get_by_role("button", name="Change the contact").click()
    expect(page.get_by_text(f"Change e-mail or telephone ({fresh})")).to_be_visible()
