"""The member's pages in a real browser: a key made, points sent with a note that is read, a reservation made and ended, an old card, security."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from gateway.legacy.files import proof_sha256
from gateway.security.principals import Role, Staff
from tests.browser.member.conftest import PASSPHRASE, carry_out, issue, make_key, sign, sign_in
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser

NEXT = "three lamps on the Bund wall"
SALT = "00112233445566778899aabbccddeeff"


def other_page(browser: Browser, site: Served, name: str) -> tuple[BrowserContext, Page, str]:
    """Another person in a browser of her own, with a key; her address."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, site, name)
    return context, page, make_key(page, site)


def test_a_key_is_made_backed_up_and_enrolled(page: Page, sites: dict[str, Served], tmp_path: Path) -> None:
    north = sites["northstar"]
    sign_in(page, north)
    page.goto(f"{north.address}/key")
    page.get_by_label("Passphrase", exact=True).fill("short")
    page.get_by_label("The same again").fill("short")
    page.get_by_role("button", name="Make my key").click()
    expect(page.get_by_label("Passphrase", exact=True)).to_be_focused()
    expect(page.locator("#f-passphrase-fault")).to_contain_text("Make it longer")
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("The same again").fill(PASSPHRASE + "x")
    page.get_by_role("button", name="Make my key").click()
    expect(page.get_by_text("The two are not the same.")).to_be_visible()
    address = make_key(page, north)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the backup file").click()
    file = tmp_path / "backup.json"
    saved.value.save_as(file)
    backup = json.loads(file.read_text("utf-8"))
    assert (backup["format"], backup["address"]) == ("jifen-key-backup", address)
    page.goto(f"{north.address}/key")
    expect(page.get_by_role("heading", name="Your key is in place")).to_be_visible()
    expect(page.get_by_text("locked with your passphrase, version 1")).to_be_visible()
    member = north.gateway.runtime.call(north.gateway.ledger.evaluate("GetMember", {"address": address}))
    assert member["home_msp"] == "northstar"


def test_another_passphrase_and_a_backup_at_another_merchant(
    page: Page, sites: dict[str, Served], member: str, tmp_path: Path
) -> None:
    north, harbor = sites["northstar"], sites["harbor"]
    page.goto(f"{north.address}/key")
    page.get_by_text("Change the passphrase").first.click()
    page.get_by_label("Passphrase until now").fill("not this one at all")
    page.get_by_label("New passphrase").fill(NEXT)
    page.get_by_label("The new one again").fill(NEXT)
    page.get_by_role("button", name="Change the passphrase").click()
    expect(page.get_by_text("This is not the passphrase of this key.")).to_be_visible()
    page.get_by_label("Passphrase until now").fill(PASSPHRASE)
    page.get_by_role("button", name="Change the passphrase").click()
    expect(page.get_by_text("From now on the new passphrase opens your key.")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save a new backup file").click()
    file = tmp_path / "backup.json"
    saved.value.save_as(file)
    page.context.clear_cookies()
    sign_in(page, harbor, "Lin at Harbor")
    page.goto(f"{harbor.address}/key#restore")
    page.get_by_label("Backup file").set_input_files(file)
    page.get_by_label("Passphrase of the backup").fill(PASSPHRASE)
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("This is not the passphrase of this key.")).to_be_visible()
    page.get_by_label("Passphrase of the backup").fill(NEXT)
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("heading", name="Your key is in place")).to_be_visible()
    assert page.locator("dd.address").first.text_content().replace(" ", "") == member  # type: ignore[union-attr]


def test_points_are_sent_with_a_note_that_only_the_recipient_reads(
    page: Page, browser: Browser, sites: dict[str, Served], member: str
) -> None:
    north = sites["northstar"]
    context, hers, recipient = other_page(browser, north, "Mei")
    page.goto(f"{north.address}/contacts?add={recipient}")
    page.get_by_label("Name").fill("Mei")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="Send points to Mei").click()
    expect(page.get_by_label("Address or contact")).to_have_value(recipient)
    page.get_by_label("Amount").fill("5000")
    page.get_by_label("Private note").fill("生日快乐! see you at eight")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("That is more than you have.")).to_be_visible()
    page.get_by_label("Amount").fill("40")
    page.get_by_role("button", name="Look it over").click()
    dialog = page.get_by_role("dialog", name="Send points")
    expect(dialog).to_contain_text("Mei · " + " ".join(re.findall(".{1,4}", recipient)))
    expect(dialog).to_contain_text("40 points of 北辰书店积分 (northstar)")
    expect(dialog).to_contain_text("生日快乐! see you at eight")
    sign(page, "not this one at all")
    expect(dialog.get_by_text("This is not the passphrase of this key.")).to_be_visible()
    sign(page)
    expect(page.get_by_text(re.compile(r"Sent\. It stands in block \d+\."))).to_be_visible()
    balance = north.gateway.runtime.call(
        north.gateway.ledger.evaluate("GetBalance", {"account": recipient, "class_id": "northstar"})
    )
    assert balance["points"] == 40
    with north.gateway.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT sealed FROM notes").fetchall()
    assert rows
    assert "see you" not in str(rows)
    hers.goto(f"{north.address}/notes")
    expect(hers.get_by_text("Locked", exact=True)).to_be_visible()
    hers.get_by_role("button", name="Read with my key").click()
    sign(hers, action="Open them")
    expect(hers.get_by_text("生日快乐! see you at eight")).to_be_visible()
    context.close()


def test_points_are_sent_to_several(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    others = [MemberKey.derived(f"pages {secrets.token_hex(8)}") for _ in range(2)]
    for other in others:
        carry_out(north, "EnrollMember", dict(other.enrolment("northstar", PLACE)))
    page.goto(f"{north.address}/send?to=jifen:{others[0].address}")
    page.get_by_role("button", name="Add a recipient").click()
    second = page.get_by_role("group", name="Recipient 2")
    expect(second.get_by_label("Address or contact")).to_be_focused()
    second.get_by_label("Address or contact").fill(others[0].address)
    second.get_by_label("Amount").fill("2")
    page.get_by_role("group", name="Recipient 1").get_by_label("Amount").fill("1")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("This recipient stands here twice.")).to_be_visible()
    mistyped = others[1].address[:-1] + ("q" if others[1].address[-1] != "q" else "p")
    second.get_by_label("Address or contact").fill(mistyped)
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("This is not an address. A letter may be missing or wrong.")).to_be_visible()
    second.get_by_label("Address or contact").fill(" ".join(re.findall(".{1,4}", others[1].address)))
    page.get_by_role("button", name="Look it over").click()
    dialog = page.get_by_role("dialog", name="Send points to 2 accounts")
    expect(dialog).to_contain_text("3 points of")
    sign(page)
    expect(page.get_by_text(re.compile(r"Sent\. It stands in block"))).to_be_visible()


def test_a_reservation_is_made_seen_and_ended(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    page.goto(f"{north.address}/redeem")
    page.get_by_label("At which merchant").select_option("harbor")
    page.get_by_label("At most").fill("70")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_role("dialog", name="Reserve points")).to_contain_text("海港唱片 (harbor)")
    sign(page)
    expect(page.get_by_role("img", name="QR code of the reservation")).to_be_visible()
    code = page.locator("[data-hold-code]").text_content()
    assert code is not None
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", code)
    holds = north.gateway.projection.accounts.holds(member=member).items
    assert [(one["status"], one["points"], one["acceptor_msp"], one["order_ref"]) for one in holds] == [
        ("RESERVED", 70, "harbor", code)
    ]
    page.get_by_role("button", name=f"End it {code}").click()
    sign(page)
    expect(page.get_by_text("Ended. The points are free again.")).to_be_visible()
    expect(page.get_by_text("ended", exact=True).first).to_be_visible()


def test_a_kept_account_sends_without_a_passphrase(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    sign_in(page, north)
    page.goto(f"{north.address}/key")
    page.get_by_text("Without a passphrase: a kept account").click()
    page.get_by_role("button", name="Let the merchant keep a key for me").click()
    expect(page.locator("details dd.address")).to_be_visible()
    address = (page.locator("details dd.address").text_content() or "").replace(" ", "")
    issue(north, address, 50)
    other = MemberKey.derived(f"pages {secrets.token_hex(8)}")
    carry_out(north, "EnrollMember", dict(other.enrolment("northstar", PLACE)))
    page.goto(f"{north.address}/send?to={other.address}")
    page.get_by_label("Amount").fill("7")
    page.get_by_role("button", name="Look it over").click()
    dialog = page.get_by_role("dialog", name="Send points")
    expect(dialog.get_by_text("The merchant keeps the key of this account")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"Sent\. It stands in block"))).to_be_visible()


def test_an_old_card_is_claimed_withdrawn_and_put_back(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    number = "8800" + "".join(secrets.choice("0123456789") for _ in range(10))
    reference = north.gateway.people.cards.reference_hash(number)

    finance = Staff("stf_finance", "ses_1", 0, frozenset({Role.FINANCE}))
    second = Staff("stf_second", "ses_2", 0, frozenset({Role.FINANCE}))
    row = (
        f"reference,points,expires_on,salt,proof_sha256\n{number},500,2031-12-31,{SALT},{proof_sha256(SALT, '4321')}\n"
    )

    made = north.gateway.people.legacy_imports.load(
        finance, "northstar", row, control_count=1, control_total_points=500
    )
    north.gateway.people.legacy_imports.carry_out(second, made.import_id, north.gateway.submit)
    page.goto(f"{north.address}/legacy")
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Proof that it is yours").fill("1111")
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_text("The card number and its proof do not go together.")).to_be_visible()
    page.get_by_label("Proof that it is yours").fill("4321")
    page.get_by_role("button", name="Claim").click()
    card = page.get_by_role("region", name=re.compile("北辰书店积分"))
    expect(card.get_by_role("heading")).to_contain_text(f"Card ending in {number[-4:]}")
    expect(card.locator(".figures")).to_contain_text("until Dec 31, 2031")
    card.get_by_label("Points to withdraw").fill("120")
    card.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("dialog")).to_contain_text(f"Card ending in {number[-4:]}")
    sign(page)
    expect(page.get_by_text(re.compile("Done. It stands in block"))).to_be_visible()
    card.get_by_label("Points to put back").fill("20")
    card.get_by_role("button", name="Put back").click()
    sign(page)
    expect(page.get_by_text(re.compile("Done. It stands in block")).nth(1)).to_be_visible()
    evaluate = north.gateway.ledger.evaluate
    for account, points in ((member, 1100), (f"legacy:{reference}", 400)):
        found = north.gateway.runtime.call(evaluate("GetBalance", {"account": account, "class_id": "northstar"}))
        assert found["points"] == points
    page.reload()
    in_a_year = re.compile(r"20 until \w{3} \d+, 20\d\d; 380 until Dec 31, 2031")
    expect(card.locator(".figures")).to_contain_text(in_a_year)
