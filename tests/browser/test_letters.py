"""Codes and links that come by letter: to whom one went, sent again, over a reload and a change of the language; what ends with a word."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from gateway.security.principals import Role
from tests.scenes.letters import code_to, letters
from tests.scenes.sites import PASSWORD, Served

pytestmark = pytest.mark.browser


def sent(site: Served) -> list[tuple[str, str]]:
    """The site's letters, oldest first."""
    return letters(site.gateway.settings.folder / "letters.txt")


def code(site: Served, contact: str) -> str:
    """The code of the newest letter to somebody."""
    return code_to(site.gateway.settings.folder / "letters.txt", contact)


def test_the_second_step_of_registration_lives_on(page: Page, sites: dict[str, Served]) -> None:
    north, contact = sites["northstar"], f"{secrets.token_hex(4)}@example.org"
    page.goto(f"{north.address}/register")
    page.get_by_label("E-mail or telephone").fill(contact)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_text(f"A code was sent to {contact}.")).to_be_visible()
    first = code(north, contact)
    page.reload()
    expect(page.get_by_text(f"A code was sent to {contact}.")).to_be_visible()
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_text(f"验证码已发送至 {contact}")).to_be_visible()
    page.get_by_role("button", name="重新发送验证码").click()
    expect(page.get_by_text("已重新发送，请使用最新的验证码。")).to_be_visible()
    assert code(north, contact) != first
    page.get_by_role("link", name="English").click()

    page.get_by_label("Code from the message").fill(code(north, contact))
    password = page.get_by_label("New password")
    expect(password).to_have_accessible_description(re.compile("At least 10 characters"))
    password.fill("short")
    page.get_by_role("button", name="Become a member").click()
    expect(page.get_by_text("That password is too easy to guess. Take a longer one.")).to_have_count(1)
    password.fill(PASSWORD)
    page.get_by_role("button", name="Become a member").click()
    expect(page).to_have_url(re.compile("/key"))
    assert page.evaluate("() => Object.keys(sessionStorage)") == []


def test_another_contact_can_be_taken(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    page.goto(f"{north.address}/register")
    page.get_by_label("E-mail or telephone").fill("wrong@example.org")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_role("button", name="Use another contact").click()
    expect(page.get_by_label("E-mail or telephone")).to_be_focused()
    page.reload()
    expect(page.get_by_label("E-mail or telephone")).to_be_visible()


def test_a_new_password_and_an_end_are_told(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    email, _ = north.wallet(f"end{secrets.token_hex(3)}", 70)
    page.goto(f"{north.address}/recover")
    page.get_by_label("E-mail or telephone").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_text(f"If {email} has an account, a code was sent there.")).to_be_visible()
    page.get_by_label("Code from the message").fill(code(north, email))
    page.get_by_label("New password").fill(f"{PASSWORD} anew")
    page.get_by_role("button", name="Set the password").click()
    expect(page.locator("[data-said]")).to_have_text("Your new password is set. Sign in with it.")
    page.get_by_label("E-mail or telephone").fill(email)
    page.get_by_label("Password", exact=True).fill(f"{PASSWORD} anew")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/wallet"))

    page.goto(f"{north.address}/security")
    page.get_by_text("I want to delete it").click()
    page.get_by_role("button", name="Delete my account").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("70 points, worth CN¥0.70, will be out of reach")
    asked.get_by_role("button", name="Cancel").click()
    expect(page).to_have_url(f"{north.address}/security")
    page.get_by_role("button", name="Delete my account").click()
    asked.get_by_role("button", name="Delete my account").click()
    expect(page).to_have_url(f"{north.address}/")
    expect(page.locator("[data-said]")).to_contain_text("Your account is deleted")


def test_an_invitation_names_the_merchant_and_its_link_fills_in_the_number(
    page: Page, sites: dict[str, Served]
) -> None:
    north, email = sites["northstar"], f"{secrets.token_hex(4)}@example.org"
    north.let_in(page.context, north.staff(Role.ADMIN))
    page.goto(f"{north.address}/merchant/staff")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Name", exact=True).fill("Mei")
    page.get_by_label("Cashier").last.check()
    page.get_by_label("Language of the letter").select_option("zh")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text(email)).to_be_visible()
    text = [text for to, text in sent(north) if to == email][-1]
    assert text.startswith("北辰书店邀请您加入")
    link = re.findall(r"http\S+", text)[0]
    assert "?" not in link
    assert link.startswith(f"{north.address}/staff/invitation#otc_")

    page.context.clear_cookies()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(link)
    expect(page.get_by_label("Number of the invitation")).to_have_value(link.partition("#")[2])
    expect(page.get_by_label("Code from the message")).to_be_focused()
    assert page.url == f"{north.address}/staff/invitation"
    assert not any("otc_" in url.partition("#")[0] for url in asked)
    page.get_by_label("Code from the message").fill(code(north, email))
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
