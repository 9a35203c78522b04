"""Staff with the keyboard alone: a class and its points, an import, a settlement, the operator's window and cover; each with its second person."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.legacy.files import COLUMNS, proof_sha256
from gateway.security.principals import Role
from tests.browser.keyboard.conftest import Desk
from tests.browser.keyboard.hands import begin, beside, choose, placed, press, reach, tick, told, write
from tests.browser.settlement import OWED, close, spend_at_harbor
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser

SALT = "00112233445566778899aabbccddeeff"
SECOND_PERSON = "This needs a second person."


def confirm(page: Page, site: Served) -> None:
    """Says yes to what waits, as the second person whose page it is."""
    begin(page, f"{site.address}/merchant/approvals?status=PENDING")
    press(page, page.get_by_role("button", name="Confirm"))
    expect(page.get_by_text("Nothing pending")).to_be_visible()
    told(page, "Confirmed, on its way")


def test_a_class_is_defined_and_much_is_issued(page: Page, desk: Desk, sites: dict[str, Served]) -> None:
    north, class_id = sites["northstar"], f"keys-{secrets.token_hex(4)}"
    _, key = north.wallet(f"issued{secrets.token_hex(3)}", 0)
    north.let_in(page.context, north.staff(Role.MARKETING))
    begin(page, f"{north.address}/merchant/classes")
    press(page, page.get_by_role("link", name="Define a new class"))
    write(page, page.get_by_label("Identifier of the class"), class_id)
    write(page, page.get_by_label("Symbol"), "KEYS")
    write(page, page.get_by_label("Name", exact=True), "By keys")
    choose(page, page.get_by_label("When", exact=True), "at the end of a month")
    page.keyboard.press("Tab")
    months = page.get_by_label("So many months")
    expect(months).to_be_focused()
    write(page, months, "many")
    choose(page, page.get_by_label("Merchants", exact=True), "Only these")
    tick(page, page.get_by_label("莲花百货"))
    define = page.get_by_role("button", name="Define the class")
    press(page, define)
    beside(months, "This is not a number that is taken here.")
    write(page, months, "3")
    press(page, define)
    told(page, SECOND_PERSON)
    confirm(desk(north, Role.FINANCE), north)
    begin(page, f"{north.address}/merchant/classes")
    expect(page.get_by_role("link", name="By keys")).to_be_visible()
    known = north.gateway.projection.catalogue.point_class(class_id).point_class
    assert known["validity"] == {"kind": "MONTH_END", "months": 3}
    assert sorted(known["accepted_by"]) == ["harbor", "northstar"]

    press(page, page.get_by_role("link", name="By keys"))
    expect(page.get_by_role("heading", level=1)).to_have_text("By keys")
    write(page, page.get_by_label("Address"), key.address)
    write(page, page.get_by_label("Points", exact=True), "200000")
    issue = page.get_by_role("button", name="Issue", exact=True)
    press(page, issue)
    told(page, SECOND_PERSON)
    expect(issue).to_be_focused()
    confirm(desk(north, Role.FINANCE), north)
    (balance,) = north.gateway.projection.accounts.balances(key.address).balances
    assert balance.points == 200_000

    write(page, page.get_by_label("Points", exact=True), "5")
    page.keyboard.press("Enter")
    expect(page.locator(".figure", has_text="Outstanding")).to_contain_text("200,005")
    told(page, "Done.")


def test_an_import_is_looked_over_loaded_and_confirmed(page: Page, desk: Desk, sites: dict[str, Served]) -> None:
    north, prefix = sites["northstar"], secrets.token_hex(4).upper()
    lines = [f"{prefix}{number:02d},3,2031-12-31,{SALT},{proof_sha256(SALT, '1234')}" for number in range(4)]
    content = "\r\n".join([",".join(COLUMNS), *lines, ""]).encode()
    north.let_in(page.context, north.staff(Role.FINANCE))
    begin(page, f"{north.address}/merchant/import")
    chosen = page.get_by_label("File (Excel")
    reach(page, chosen)
    # The window in which a file is chosen is the system's, not the page's.
    chosen.set_input_files({"name": "cards.csv", "mimeType": "text/csv", "buffer": content})
    expect(page.locator("[data-preview][aria-live]")).to_contain_text("4 cards, 12 points in all.")
    expect(chosen).to_be_focused()
    write(page, page.get_by_label("Cards", exact=True), "4")
    write(page, page.get_by_label("Points in all"), "13")
    load = page.get_by_role("button", name="Check and load")
    press(page, load)
    told(page, "The total is not the one the file names.")
    write(page, page.get_by_label("Points in all"), "12")
    press(page, load)
    expect(page.get_by_text("Waits for a second person")).to_be_visible()
    told(page, "Done.")

    other = desk(north, Role.FINANCE)
    begin(other, f"{north.address}/merchant/import")
    press(other, other.get_by_role("button", name="Confirm"))
    expect(other.get_by_text("On the ledger")).to_be_visible()
    told(other, "Done.")


def test_a_statement_is_accepted_and_its_payment_recorded(
    page: Page, browser: Browser, desk: Desk, sites: dict[str, Served]
) -> None:
    north, harbor, operator = (sites[name] for name in ("northstar", "harbor", "operator"))
    spend_at_harbor(north, harbor)
    window_id = close(operator, north, harbor)
    statement = harbor.gateway.projection.settlement.statement(window_id, "harbor").statement
    accepted = {"sha256": statement["sha256"], "window_id": window_id}
    harbor.carry_out("AcceptStatement", secrets.token_hex(8), accepted)
    north.let_in(page.context, north.staff(Role.FINANCE))
    begin(page, f"{north.address}/merchant/settlement")
    press(page, page.get_by_role("link", name=f"Window {window_id}", exact=True))
    expect(page.locator(".total")).to_have_text(f"−{OWED}")
    press(page, page.get_by_role("button", name="Accept the statement"))
    expect(page.get_by_text("Accepted on")).to_be_visible()
    told(page, "Done.")

    write(page, page.get_by_label("Reference of the bank’s payment"), "bank-4711")
    page.keyboard.press("Enter")
    told(page, SECOND_PERSON)
    confirm(desk(north, Role.FINANCE), north)
    begin(page, f"{north.address}/merchant/settlement/{window_id}")
    expect(page.get_by_text("bank-4711")).to_be_visible()
    harbor.gateway.projection.wait_for_block(north.gateway.projection.position().block_number, 30)

    payee = desk(harbor, Role.FINANCE)
    begin(payee, f"{harbor.address}/merchant/settlement/{window_id}")
    arrived = payee.get_by_role("button", name="The money is there")
    press(payee, arrived)
    told(payee, SECOND_PERSON)
    expect(arrived).to_be_focused()
    confirm(desk(harbor, Role.FINANCE), harbor)
    begin(payee, f"{harbor.address}/merchant/settlement/{window_id}")
    expect(payee.get_by_text("Confirmed on")).to_be_visible()


def test_a_program_gets_its_key(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    north.let_in(page.context, north.staff(Role.ADMIN))
    begin(page, f"{north.address}/merchant/keys")
    write(page, page.get_by_label("Name", exact=True), "the web shop")
    tick(page, page.get_by_label("Ask the ledger"))
    make = page.get_by_role("button", name="Make the key")
    press(page, make)
    told(page, "Write it down now")
    expect(make).to_be_focused()
    reach(page, page.get_by_role("button", name="Copy"))


def test_the_operator_cuts_a_window_and_sets_a_cover(page: Page, desk: Desk, sites: dict[str, Served]) -> None:
    operator = sites["operator"]
    operator.let_in(page.context, operator.staff(Role.ADMIN))
    begin(page, f"{operator.address}/operator/windows")
    heading = page.get_by_role("heading", name=re.compile("Window")).first
    number = int(re.findall(r"\d+", heading.inner_text())[0])
    cut = page.get_by_role("button", name="Cut the window")
    press(page, cut)
    asked = page.get_by_role("dialog", name=re.compile("Cut window"))
    expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(cut).to_be_focused()
    page.keyboard.press("Enter")
    press(page, asked.get_by_role("button", name="Cut the window"))
    told(page, SECOND_PERSON)
    confirm(desk(operator, Role.FINANCE), operator)
    begin(page, f"{operator.address}/operator/windows")
    expect(page.get_by_role("heading", name=f"Window {number + 1}")).to_be_visible()
    press(page, page.get_by_role("button", name="Close the window"))
    card = page.locator(".card").filter(has=page.get_by_role("link", name=f"Window {number}", exact=True))
    expect(card).to_contain_text(re.compile("Closed|Settled"))  # settled at once where nobody owes anybody
    told(page, "Done.")
    press(page, card.get_by_role("link"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Window {number}")

    begin(page, f"{operator.address}/operator/merchants/lotus")
    posted = page.get_by_label("Amount paid in")
    write(page, page.get_by_label("Reference of the payment"), "bank 4711")
    write(page, posted, "not a sum")
    page.keyboard.press("Enter")
    beside(posted, "This is not a number that is taken here.")
    told(page, "This is not a number that is taken here.")
    write(page, posted, "900000000.50")
    page.keyboard.press("Enter")
    told(page, SECOND_PERSON)
    confirm(desk(operator, Role.FINANCE), operator)
    begin(page, f"{operator.address}/operator/merchants/lotus")
    expect(page.locator(".figures")).to_contain_text("1,300,000,000.50")
    choose(page, page.get_by_label("New state"), "Suspended")
    press(page, page.get_by_role("button", name="Change the state"))
    press(page, page.get_by_role("dialog").get_by_role("button", name="Change the state"))
    told(page, SECOND_PERSON)
    placed(page)
    confirm(desk(operator, Role.FINANCE), operator)
    begin(page, f"{operator.address}/operator/merchants/lotus")
    expect(page.locator(".badge").filter(has_text="Suspended")).to_be_visible()
