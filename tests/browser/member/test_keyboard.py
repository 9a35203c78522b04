"""With the keyboard alone, and through the accessibility tree: a key is made, points are sent, a reservation is made and ended."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from tests.browser.member.conftest import PASSPHRASE, carry_out, sign_in
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser

TABS_MAX = 60
FOCUSED = """
() => {
  const one = document.activeElement;
  const label = one.labels?.[0]?.innerText ?? "";
  return { tag: one.tagName, name: (one.getAttribute("aria-label") || label || one.textContent || "").replace(/\\s+/g, " ").trim(), visible: one.matches(":focus-visible") };
}
"""


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the named thing has the focus, which must be seen."""
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found["name"].startswith(name):
            assert found["visible"], f"the focus on {name} is not seen"
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_a_key_by_keyboard_alone(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    sign_in(page, north)
    page.goto(f"{north.address}/key")
    tab_to(page, "Passphrase")
    page.keyboard.type(PASSPHRASE)
    tab_to(page, "The same again")
    page.keyboard.type(PASSPHRASE)
    tab_to(page, "I know: if I forget")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Your key is made")).to_be_focused()
    tab_to(page, "Save the backup file")
    with page.expect_download():
        page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="The backup file was saved.")).to_be_attached()


def test_sending_by_keyboard_alone(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    other = MemberKey.derived(f"keyboard {secrets.token_hex(8)}")
    carry_out(north, "EnrollMember", dict(other.enrolment("northstar", PLACE)))
    page.goto(f"{north.address}/send")
    tab_to(page, "Address or contact")
    page.keyboard.type(other.address)
    tab_to(page, "Amount")
    page.keyboard.type("25")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Send points")
    expect(dialog.get_by_label("Passphrase of your key")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Nothing was sent.")).to_be_visible()
    tab_to(page, "Look it over")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Passphrase of your key")).to_be_focused()
    page.keyboard.type("not this one at all")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("This is not the passphrase of this key.")
    expect(dialog.get_by_label("Passphrase of your key")).to_be_focused()
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Enter")
    expect(page.locator("[data-outcome]")).to_be_focused()
    expect(page.locator("[data-outcome]")).to_contain_text("Sent. It stands in block")
    balance = north.gateway.runtime.call(
        north.gateway.ledger.evaluate("GetBalance", {"account": other.address, "class_id": "northstar"})
    )
    assert balance["points"] == 25


def test_what_a_screen_reader_hears(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    other = MemberKey.derived(f"reader {secrets.token_hex(8)}")
    carry_out(north, "EnrollMember", dict(other.enrolment("northstar", PLACE)))
    page.goto(f"{north.address}/send")
    main = page.get_by_role("main")
    expect(main).to_match_aria_snapshot("""
- main:
  - heading "Send points" [level=1]
  - text: Points
  - combobox "Points":
    - option "北辰书店积分 (1,000)" [selected]
  - group "Recipient 1":
    - text: Recipient 1 Address or contact
    - combobox "Address or contact"
    - paragraph
    - button "Scan with the camera"
    - button "Read a QR picture"
    - text: Read a QR picture
    - alert
    - text: Amount
    - textbox "Amount"
  - paragraph:
    - button "Add a recipient"
  - text: Private note optional
  - paragraph: /At most 280 characters/
  - textbox "Private note optional"
  - button "Look it over"
""")
    main.get_by_role("combobox", name="Address or contact").fill("jf1wrong")
    main.get_by_role("textbox", name="Amount").fill("1")
    main.get_by_role("button", name="Look it over").press("Enter")
    field = main.get_by_role("combobox", name="Address or contact")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("This is not an address"))
    field.fill(other.address)
    main.get_by_role("button", name="Look it over").press("Enter")
    dialog = page.get_by_role("dialog", name="Send points")
    expect(dialog.get_by_role("term").filter(has_text="Recipient")).to_be_visible()
    grouped = " ".join(re.findall(".{1,4}", other.address))
    expect(dialog.get_by_role("definition").filter(has_text=grouped)).to_be_visible()
    dialog.get_by_role("textbox", name="Passphrase of your key").fill(PASSPHRASE)
    dialog.get_by_role("button", name="Sign and send").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Sent. It stands in block")).to_be_visible()


def test_a_reservation_by_keyboard_alone(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    page.goto(f"{north.address}/redeem")
    tab_to(page, "At most")
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Passphrase of your key")).to_be_focused()
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Enter")
    code = page.locator("[data-hold-code]").text_content()
    tab_to(page, f"End it {code}")
    page.keyboard.press("Enter")
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Ended. The points are free again.")).to_be_visible()


def test_a_contact_by_keyboard_alone(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    page.goto(f"{north.address}/contacts")
    tab_to(page, "Name")
    page.keyboard.type("Mei")
    tab_to(page, "Address")
    page.keyboard.type(member)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Send points to Mei")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    page.reload()
    tab_to(page, "Remove Mei")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Send points to Mei")).to_have_count(0)
