"""A member with the keyboard alone: her account, the menu of a phone, an old card, her history, another device signed out."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.legacy.files import COLUMNS, proof_sha256
from gateway.security.principals import Role, Staff
from tests.browser.keyboard.hands import begin, choose, placed, press, reach, sign, told, write
from tests.scenes.sites import PASSPHRASE, PASSWORD, Served

pytestmark = pytest.mark.browser

SALT = "00112233445566778899aabbccddeeff"


def old_card(site: Served, points: int, proof: str) -> tuple[str, str]:
    """A card of the old system on the ledger; its number and the fingerprint of that."""
    number = "8800" + "".join(secrets.choice("0123456789") for _ in range(10))
    first, second = (Staff(f"stf_{name}", f"ses_{name}", 0, frozenset({Role.FINANCE})) for name in ("first", "second"))
    file = f"{','.join(COLUMNS)}\n{number},{points},,{SALT},{proof_sha256(SALT, proof)}\n"
    imports = site.gateway.people.legacy_imports
    made = imports.load(first, site.org, file, control_count=1, control_total_points=points)
    imports.carry_out(second, made.import_id, site.gateway.submit)
    return number, site.gateway.people.cards.reference_hash(number)


def points_of(site: Served, account: str) -> int:
    """The site's own points on the ledger."""
    args = {"account": account, "class_id": site.org}
    return int(site.gateway.runtime.call(site.gateway.ledger.evaluate("GetBalance", args))["points"])


def test_an_account_is_made_left_and_entered_again(page: Page, sites: dict[str, Served]) -> None:
    north, contact = sites["northstar"], f"{secrets.token_hex(4)}@example.org"
    begin(page, f"{north.address}/register")
    write(page, page.get_by_label("E-mail or telephone"), contact)
    page.keyboard.press("Enter")
    code = page.get_by_label("Code from the message")
    expect(code).to_be_focused()
    page.keyboard.type(north.code_to(contact))
    write(page, page.get_by_label("New password"), PASSWORD)
    press(page, page.get_by_role("button", name="Become a member"))
    expect(page).to_have_url(re.compile("/key"))

    press(page, page.get_by_role("button", name="Sign out"))
    expect(page).to_have_url(f"{north.address}/")
    begin(page, f"{north.address}/sign-in")
    write(page, page.get_by_label("E-mail or telephone"), contact)
    write(page, page.get_by_label("Password"), "wrong")
    sign_in = page.get_by_role("main").get_by_role("button", name="Sign in")
    press(page, sign_in)
    told(page, "The name or the password is wrong.")
    expect(sign_in).to_be_focused()
    write(page, page.get_by_label("Password"), PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{north.address}/wallet")


def test_the_menu_of_a_phone(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    page.set_viewport_size({"width": 360, "height": 780})
    north.let_in(page.context, north.person())
    page.goto(f"{north.address}/wallet")
    menu = page.get_by_role("navigation", name="Pages")
    expect(menu.get_by_role("link")).to_have_count(0)
    press(page, menu.locator("summary"))
    expect(menu.get_by_role("link").first).to_be_visible()
    press(page, menu.get_by_role("link", name="History"))
    expect(page).to_have_url(f"{north.address}/history")


def test_an_old_card(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    email, key = north.wallet(f"card{secrets.token_hex(3)}", 0)
    number, reference = old_card(north, 500, "4321")
    north.let_in(page.context, email)
    begin(page, f"{north.address}/legacy")
    write(page, page.get_by_label("Card number"), number)
    proof = page.get_by_label("Proof that it is yours")
    write(page, proof, "1111")
    page.keyboard.press("Enter")
    told(page, "The card number and its proof do not go together.")
    expect(proof).to_be_focused()
    write(page, proof, "4321")
    press(page, page.get_by_role("button", name="Claim"))
    card = page.get_by_role("region", name=re.compile("北辰书店积分"))
    expect(card).to_be_visible()
    told(page, "Done.")

    withdraw = card.get_by_role("button", name="Withdraw")
    write(page, card.get_by_label("Points to withdraw"), "120")
    press(page, withdraw)
    expect(page.get_by_role("dialog").get_by_label("Passphrase of your key")).to_be_focused()
    page.keyboard.press("Escape")
    told(page, "Nothing has changed.")
    expect(withdraw).to_be_focused()
    page.keyboard.press("Space")
    sign(page, PASSPHRASE)
    told(page, re.compile("Done. It stands in block"))
    expect(withdraw).to_be_focused()
    write(page, card.get_by_label("Points to put back"), "20")
    page.keyboard.press("Enter")
    sign(page, PASSPHRASE)
    expect(card.get_by_role("status").filter(has_text="Done. It stands in block")).to_have_count(2)
    expect(card.get_by_label("Points to put back")).to_be_focused()
    assert (points_of(north, key.address), points_of(north, f"legacy:{reference}")) == (100, 400)


def test_the_history_is_narrowed_down(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    email, key = north.wallet(f"history{secrets.token_hex(3)}", 120)
    issued = {"address": key.address, "class_id": "northstar", "points": 7}
    north.carry_out("Issue", secrets.token_hex(8), issued)
    north.let_in(page.context, email)
    begin(page, f"{north.address}/history")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    choose(page, page.get_by_role("combobox", name="What"), "Given by the merchant")
    press(page, page.get_by_role("button", name="Show"))
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("+7")
    write(page, page.get_by_role("searchbox", name="Search"), "nothing of the kind")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    choose(page, page.get_by_role("combobox", name="What"), "All")
    write(page, page.get_by_role("searchbox", name="Search"), "northstar")
    page.keyboard.press("Enter")
    expect(rows).not_to_have_count(0)
    reach(page, page.get_by_role("region", name="History"))
    with page.expect_download() as saved:
        press(page, page.get_by_role("link", name="Save as a table (CSV)"))
    assert saved.value.suggested_filename.endswith(".csv")
    placed(page)


def test_another_device_is_signed_out(page: Page, browser: Browser, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    email = north.person()
    elsewhere = browser.new_context(locale="en-GB")
    north.let_in(elsewhere, email)
    north.let_in(page.context, email)
    begin(page, f"{north.address}/security")
    press(page, page.get_by_role("button", name="Sign out there"))
    told(page, "Done.")
    expect(page.get_by_role("button", name="Sign out there")).to_have_count(0)
    there = elsewhere.new_page()
    there.goto(f"{north.address}/wallet")
    expect(there).to_have_url(re.compile("/sign-in"))
    elsewhere.close()

    write(page, page.get_by_label("Password until now"), "wrong")
    write(page, page.get_by_label("New password"), "another correct horse 4711")
    change = page.get_by_role("button", name="Change the password")
    press(page, change)
    told(page, "The name or the password is wrong.")
    expect(change).to_be_focused()
