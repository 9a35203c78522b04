"""The wallet as it changes, the QR code to receive by, and the history: searched, filtered, saved."""

from __future__ import annotations

import csv
import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from chaincode.cases.world import class_args
from chaincode.signing import MemberKey
from gateway.security.principals import Role
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser


@pytest.fixture
def key(request: pytest.FixtureRequest, page: Page, sites: dict[str, Served]) -> MemberKey:
    """The key of a member who is signed in and has 120 points."""
    email, made = sites["northstar"].wallet(request.node.name.replace("_", "-")[:40])
    sites["northstar"].let_in(page.context, email)
    return made


def test_what_comes_is_seen_without_loading_the_page_again(
    page: Page, sites: dict[str, Served], key: MemberKey
) -> None:
    north = sites["northstar"]
    with page.expect_response(re.compile("/api/v1/events")):
        page.goto(f"{north.address}/wallet")
    expect(page.locator(".total")).to_have_text("CN¥1.20")
    page.evaluate("window.same = true")
    accrual = {"address": key.address, "amount_minor": 5000, "class_id": "northstar", "purchase_ref": "later"}
    north.carry_out("Accrue", "later", accrual)
    expect(page.locator(".total")).to_have_text("CN¥1.70")
    expect(page.get_by_role("status").filter(has_text="Your wallet has changed.")).to_have_count(1)
    assert page.evaluate("window.same") is True


def test_the_code_says_the_address_and_the_amount(page: Page, sites: dict[str, Served], key: MemberKey) -> None:
    page.goto(f"{sites['northstar'].address}/receive")
    page.get_by_label("Amount").fill("25")
    page.get_by_role("button", name="Show the code").click()
    picture = Image.open(io.BytesIO(page.locator("svg.qr").screenshot()))
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text == f"jifen:{key.address}?class_id=harbor&points=25"
    expect(page.get_by_text(re.compile("Asks for 25"))).to_be_visible()


def test_the_history_is_searched_filtered_and_saved(page: Page, sites: dict[str, Served], key: MemberKey) -> None:
    north = sites["northstar"]
    issued = {"address": key.address, "class_id": "northstar", "points": 7}
    north.carry_out("Issue", "a-gift-of-seven", issued)
    page.goto(f"{north.address}/history")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_label("Search").fill("gift-of-seven")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("+7")
    page.get_by_label("Search").fill("")
    page.get_by_label(re.compile("^What")).select_option("Accrue")
    page.get_by_role("button", name="Show").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("+120")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as a table (CSV)").click()
    with open(saved.value.path(), encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["points"] for row in table] == ["7", "120"]
    assert all(row["transaction_id"] for row in table)


def test_an_account_without_a_key_is_led_to_one(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    north.let_in(page.context, north.person())
    for path in ("/wallet", "/receive", "/send", "/redeem"):
        page.goto(north.address + path)
        expect(page.get_by_role("link", name="Make my key")).to_have_attribute("href", "/key")


def reserve(site: Served, key: MemberKey, request_id: str, points: int, class_ids: list[str]) -> str:
    """A reservation at harbor over some classes; its id."""
    order_ref = f"order-{request_id}"
    return site.reserve(key, request_id, points, at="harbor", class_ids=class_ids, order_ref=order_ref)


def test_a_payment_is_one_row_with_shop_and_value_and_leads_to_the_issuance(
    page: Page, sites: dict[str, Served], key: MemberKey
) -> None:
    north, harbor = sites["northstar"], sites["harbor"]
    harbor.carry_out("Issue", "mixed-gift", {"address": key.address, "class_id": "harbor", "points": 30})
    hold_id = reserve(north, key, "mixed", 150, ["harbor", "northstar"])
    done = harbor.carry_out("Capture", "mixed-take", {"hold_id": hold_id, "points": 140})
    north.gateway.projection.wait_for_block(done.block_number, 30)
    value = done.result["redemption"]["value_millionths"]
    assert value % 10_000 == 0, "the page shows whole fen"
    page.goto(f"{north.address}/history")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)  # earned, given, paid
    paid = rows.first
    for said in ("Spent", "海港唱片", "order-mixed", "−140", f"CN¥{value / 1e6:.2f}"):
        expect(paid).to_contain_text(said)
    for draw in done.result["redemption"]["draws"]:
        expect(paid).to_contain_text(f"−{draw['points']}")
    page.goto(f"{north.address}/wallet")
    expect(page.locator("[data-live=recent] li")).to_have_count(3)
    expect(page.locator("[data-live=recent] li").first).to_contain_text("海港唱片")
    page.goto(f"{north.address}/history")
    paid.get_by_role("link", name="Follow these points").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The way of these points")
    expect(page.locator(".way-step.made")).to_have_count(2)
    expect(page.locator(".way-step.spent")).to_have_count(1)
    expect(page.locator("[data-proof-result]")).to_contain_text("The chain holds")


def test_a_debt_and_points_that_wait_are_told(page: Page, sites: dict[str, Served], key: MemberKey) -> None:
    north = sites["northstar"]
    class_id = f"owed-{key.address[-8:]}"
    north.carry_out("DefineClass", f"{class_id}-1", class_args(class_id, debt=True, waiting_days=3))
    today = north.gateway.projection.accounts.balances(key.address).day
    give = {"address": key.address, "available_on": today, "class_id": class_id, "points": 50}
    given = north.carry_out("Issue", f"{class_id}-2", give).result["issuance"]["issuance_id"]
    north.takes(key, class_id, 30, "spent-before")
    back = {"account": key.address, "class_id": class_id, "issuance_id": given, "points": 50, "reason": "returned"}
    north.carry_out("ReverseIssue", f"{class_id}-3", back)
    earn = {"address": key.address, "amount_minor": 4_000, "class_id": class_id}
    north.carry_out("Accrue", f"{class_id}-4", earn)
    page.goto(f"{north.address}/wallet")
    expect(page.locator("[data-live=balances]")).to_contain_text("10 not yet")
    expect(page.locator("[data-live=waiting]")).to_contain_text("10")
    page.goto(f"{north.address}/history")
    rows = page.locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("30 paid what was owed")
    expect(rows.nth(1)).to_contain_text("30 owed since")


def test_a_reservation_is_one_row_open_and_ended(page: Page, sites: dict[str, Served], key: MemberKey) -> None:
    north = sites["northstar"]
    hold_id = reserve(north, key, "kept-back", 50, ["northstar"])
    page.goto(f"{north.address}/history")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    for said in ("Reserved", "海港唱片", "50", "CN¥0.50"):
        expect(rows.first).to_contain_text(said)
    done = sites["harbor"].carry_out("Release", "let-go", {"hold_id": hold_id})
    north.gateway.projection.wait_for_block(done.block_number, 30)
    page.reload()
    expect(rows).to_have_count(2)
    for said in ("Reservation ended", "海港唱片", "order-kept-back", "50 were reserved, none was taken"):
        expect(rows.first).to_contain_text(said)


def test_a_merchant_sees_a_payment_of_a_member_as_one_row(page: Page, sites: dict[str, Served]) -> None:
    north, harbor = sites["northstar"], sites["harbor"]
    _, key = north.wallet("seen-by-staff")
    hold_id = reserve(north, key, "seen", 50, ["northstar"])
    done = harbor.carry_out("Capture", "seen-take", {"hold_id": hold_id})
    north.gateway.projection.wait_for_block(done.block_number, 30)
    north.let_in(page.context, north.staff(Role.ADMIN))
    page.goto(f"{north.address}/merchant/members/{key.address}")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    for said in ("Spent", "海港唱片", "order-seen", "−50", "CN¥0.50"):
        expect(rows.first).to_contain_text(said)
