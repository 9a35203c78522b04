"""What a member is told about paying: what points are worth, before and while they sign and after; and why they cannot, before they sign."""

from __future__ import annotations

import json
import re
import secrets
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from gateway.security.principals import Role
from tests.browser.member.conftest import PASSPHRASE, carry_out, issue, make_key, sign, sign_in
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser


def friend(site: Served) -> str:
    """The address of another member."""
    key = MemberKey.derived(f"paying {secrets.token_hex(8)}")
    carry_out(site, "EnrollMember", dict(key.enrolment("northstar", PLACE)))
    return key.address


def spendable(site: Served, address: str) -> int:
    """Points of northstar's that the gateway's tables say can be spent."""
    found = site.gateway.projection.accounts.balances(address).balances
    return sum(one.spendable for one in found if one.class_id == "northstar")


def test_what_is_reserved_is_worth_is_told_all_the_way(page: Page, sites: dict[str, Served], member: str) -> None:
    north, harbor = sites["northstar"], sites["harbor"]
    carry_out(harbor, "Issue", {"address": member, "class_id": "harbor", "points": 500})
    page.goto(f"{north.address}/redeem")
    worth = page.locator("[data-hold] [data-worth]")
    page.get_by_label("At which merchant").select_option("harbor")
    page.get_by_label("At most").fill("1100")
    draws = json.loads(page.locator("[data-draws]").get_attribute("data-draws") or "")
    units = {"northstar": 10_000, "harbor": 8_000}
    assert len(draws) == 2
    (first, points, _), (second, *_) = sorted(draws, key=lambda one: (one[2], one[0]))
    parts = {first: points, second: 1100 - points}
    whole = sum(points * units[name] for name, points in parts.items()) / 1e6
    expect(worth).to_contain_text(f"Worth: CN¥{whole:.2f}")
    for name, points in parts.items():
        expect(worth).to_contain_text(f"{points:,} points of")
        expect(worth).to_contain_text(f"CN¥{points * units[name] / 1e6:.2f}")
    page.get_by_label("At most").fill("10")
    expect(worth).to_have_text(f"Worth: CN¥{10 * units[first] / 1e6:.2f}")
    page.get_by_label("At most").fill("1100")
    page.get_by_role("button", name="Look it over").click()
    dialog = page.get_by_role("dialog", name="Reserve points")
    expect(dialog).to_contain_text(f"WorthCN¥{whole:.2f}")
    expect(dialog.get_by_text("Of these")).to_have_count(2)
    sign(page)
    expect(page.locator("[data-live=shown]")).to_contain_text(f"1,100 points · CN¥{whole:.2f}")
    expect(page.locator("[data-live=holds] li").first).to_contain_text(f"CN¥{whole:.2f}")
    hold = parse_qs(urlsplit(page.url).query)["hold"][0]
    carry_out(harbor, "Capture", {"hold_id": f"{member}/{hold}", "points": 10})
    paid = f"10 points · CN¥{10 * units[first] / 1e6:.2f}"
    expect(page.locator("[data-live=shown]")).to_contain_text(paid)
    expect(page.locator("[data-live=holds] li").first).to_contain_text(paid)
    expect(page.locator("[data-live=holds] li").first).not_to_contain_text("until")


def test_the_form_knows_the_balance_after_a_reservation(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    page.goto(f"{north.address}/redeem")
    label = page.locator("label", has_text="北辰书店积分")
    expect(label).to_contain_text("(1,000)")
    page.get_by_label("At most").fill("300")
    page.get_by_role("button", name="Look it over").click()
    sign(page)
    expect(page.locator("[data-hold-code]")).to_be_visible()
    expect(label).to_contain_text("(700)")
    page.get_by_label("At most").fill("701")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("That is more than you have.")).to_be_visible()
    page.get_by_role("button", name=re.compile("End it")).click()
    sign(page)
    expect(label).to_contain_text("(1,000)")


def test_what_is_sent_is_worth_is_told(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    page.goto(f"{north.address}/send?to={friend(north)}")
    page.get_by_label("Amount").fill("123")
    expect(page.locator("[data-send] [data-worth]")).to_have_text("Worth: CN¥1.23")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_role("dialog")).to_contain_text("WorthCN¥1.23")


def test_points_are_not_sent_to_the_account_they_are_in(page: Page, sites: dict[str, Served], member: str) -> None:
    page.goto(f"{sites['northstar'].address}/send?to={member}")
    page.get_by_label("Amount").fill("5")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("This is the account that you send from.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_code_for_points_that_the_payer_lacks_says_so(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    address = friend(north)
    page.goto(f"{north.address}/send")
    field = page.get_by_label("Address or contact")
    field.fill(f"jifen:{address}?class_id=harbor&points=88")
    field.blur()
    expect(field).to_have_value(address)
    said = page.get_by_text(re.compile(r"This code asks for 88 of 海港唱片积分\. You have none"))
    expect(said).to_be_visible()
    field.fill(f"jifen:{address}?class_id=northstar&points=88")
    field.blur()
    expect(said).to_be_hidden()
    expect(page.get_by_label("Amount")).to_have_value("88")
    page.goto(f"{north.address}/send?to={address}&class_id=harbor&points=88")
    expect(said).to_be_visible()
    expect(page.get_by_label("Amount")).to_have_value("")


def test_offline_nothing_is_signed_and_that_is_told(browser: Browser, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    sign_in(page, north)
    address = make_key(page, north)
    issue(north, address, 100)
    to = friend(north)
    page.goto(f"{north.address}/send?to={to}")
    page.get_by_label("Amount").fill("5")
    context.set_offline(True)
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("This device is offline. Nothing was signed or sent.")).to_be_visible()
    context.set_offline(False)
    page.get_by_role("button", name="Look it over").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Passphrase of your key").fill(PASSPHRASE)
    context.set_offline(True)
    dialog.get_by_role("button", name="Sign and send").click()
    expect(dialog.get_by_text("This device is offline. Nothing was signed or sent.")).to_be_visible()
    context.set_offline(False)
    page.route("**/api/v1/wallet/keys/*", lambda route: route.abort())
    dialog.get_by_role("button", name="Sign and send").click()
    expect(dialog.get_by_text("No answer yet from the merchant’s site. Nothing was signed or sent;")).to_be_visible()
    page.unroute("**/api/v1/wallet/keys/*")
    expect(page.locator("[data-outcome]")).to_contain_text("Sent.")
    assert spendable(north, to) == 5
    context.close()


def test_without_https_nobody_is_asked_for_a_passphrase(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })")
    needed = page.get_by_text("This needs your key. Open this site by its https address to do it.")
    for path, forms in (("/send", 1), ("/redeem", 1), ("/key", 2)):
        page.goto(north.address + path)
        expect(page.get_by_text("Browsers work with keys only on pages that come over https.")).to_be_visible()
        expect(needed).to_have_count(forms)
        expect(page.locator("input[type=password]:visible")).to_have_count(0)
    page.goto(f"{north.address}/key")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    expect(page.locator("input[type=password]:visible")).to_have_count(0)


def test_a_frozen_account_is_told_before_anything_is_signed(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    carry_out(north, "SetMemberStatus", {"address": member, "status": "FROZEN"})
    for path in ("/wallet", "/send", "/redeem"):
        page.goto(north.address + path)
        expect(page.get_by_text("Your account is frozen")).to_be_visible()
        expect(page.get_by_text("北辰书店 has frozen this account")).to_be_visible()
        expect(page.get_by_role("button", name="Look it over")).to_have_count(0)
    expect(page.get_by_role("link", name="Receive").first).to_be_visible()


def status_of(site: Served, address: str) -> str:
    """The account's status on the ledger."""
    found = site.gateway.runtime.call(site.gateway.ledger.evaluate("GetMember", {"address": address}))
    return str(found["status"])


def test_staff_who_freeze_an_account_say_why(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    address = friend(north)
    north.let_in(page.context, north.staff(Role.ADMIN))
    page.goto(f"{north.address}/merchant/members/{address}")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("button", name="Unfreeze")).to_have_count(0)
    assert status_of(north, address) == "ACTIVE"
    page.get_by_label("Why").select_option("SUSPECTED_MISUSE")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("button", name="Unfreeze")).to_be_visible()
    page.goto(f"{north.address}/merchant/audit")
    expect(page.get_by_text("Suspected misuse")).to_be_visible()
