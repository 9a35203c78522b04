"""The operator's pages: taking in a merchant, its cover and state, windows from the cut to the payments, and blocks with their proof."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from admin.consortium import join
from chaincode.cases.world import PLACE
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.security.principals import Role
from tests.scenes.consortium import operation, run
from tests.scenes.sites import Served, agreeing, confirm_all

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(page: Page, context: BrowserContext, sites: dict[str, Served]) -> Page:
    """The page of an operator's admin, who says yes to what she is asked."""
    site = sites["operator"]
    site.let_in(context, site.staff(Role.ADMIN))
    agreeing(page)
    return page


def test_the_health_of_the_network_is_seen_at_once(desk: Page, sites: dict[str, Served]) -> None:
    desk.goto(f"{sites['operator'].address}/operator")
    expect(desk.get_by_text("All is well here")).to_be_visible()
    height = desk.request.get(f"{sites['operator'].address}/api/v1/ledger/headers?first=0&last=0").json()["height"]
    expect(desk.locator(".figures")).to_contain_text(f"{height:,}")
    expect(desk.get_by_role("region", name="Merchants").get_by_role("row")).to_have_count(4)
    expect(desk.get_by_text("nobody needs a certificate")).to_be_visible()


def joined(site: Served, msp_id: str) -> None:
    """The invited merchant joins, by its own admin."""
    file = Path(site.gateway.settings.ledger.folder) / "ledger.sqlite"

    async def work() -> None:
        async with EmbeddedLedger(file, embedded_identity(msp_id, "admin")) as ledger:
            assert await join(ledger)

    run(work())


def test_a_merchant_is_taken_in_given_cover_and_suspended(
    desk: Page, browser: Browser, sites: dict[str, Served]
) -> None:
    msp_id = f"pine{secrets.token_hex(3)}"
    desk.goto(f"{sites['operator'].address}/operator/merchants")
    desk.get_by_label("Identifier of its organisation (MSP id)").fill(msp_id)
    desk.get_by_label("Name", exact=True).fill("Pine & Sons")
    desk.get_by_role("button", name="Invite").click()
    expect(desk.get_by_text("This needs a second person")).to_be_visible()
    confirm_all(browser, sites["operator"])
    desk.reload()
    row = desk.get_by_role("row").filter(has_text=msp_id)
    expect(row).to_contain_text("Invited", timeout=20_000)
    row.get_by_role("link").click()
    expect(desk.get_by_text("It takes part once its own admin joins.")).to_be_visible()
    expect(desk.get_by_label("Amount paid in")).to_have_count(0)
    joined(sites["operator"], msp_id)
    desk.reload()
    expect(desk.locator(".badge").filter(has_text="Taking part")).to_be_visible()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Pine & Sons")
    desk.get_by_label("Amount paid in").fill("2500.50")
    desk.get_by_label("Reference of the payment").fill("bank 4711")
    desk.get_by_role("button", name="Book the deposit").click()
    expect(desk.get_by_text("This needs a second person")).to_be_visible()
    confirm_all(browser, sites["operator"])
    desk.reload()
    expect(desk.locator(".figures")).to_contain_text("2,500.50")
    desk.get_by_label("New state").select_option("SUSPENDED")
    desk.get_by_role("button", name="Change the state").click()
    expect(desk.get_by_text("This needs a second person").last).to_be_visible()
    confirm_all(browser, sites["operator"])
    desk.reload()
    expect(desk.locator(".badge").filter(has_text="Suspended")).to_be_visible()


def test_a_window_goes_from_open_to_closed_and_shows_who_owes_whom(
    desk: Page, browser: Browser, sites: dict[str, Served]
) -> None:
    north, harbor, operator = (sites[name] for name in ("northstar", "harbor", "operator"))
    _, key = north.wallet(f"window{secrets.token_hex(3)}", points=300)
    args = {"acceptor_msp": "harbor", "class_ids": ["northstar"], "order_ref": "o-1", "points": 250}
    redeemed = key.authorise(operation("Redeem", secrets.token_hex(8), args), PLACE)
    operator.gateway.projection.wait_for_block(harbor.send(redeemed).block_number, 30)

    desk.goto(f"{operator.address}/operator/windows")
    number = int(re.findall(r"\d+", desk.get_by_role("heading", name=re.compile("Window")).first.inner_text())[0])
    desk.get_by_role("link", name="Who owes whom").last.click()
    cell = desk.locator("td.heat-5")
    expect(cell).to_have_count(1)
    owed = desk.request.get(f"{operator.address}/api/v1/windows/{number}/positions").json()["items"]
    (pair,) = [one for one in owed if one["value_millionths"]]
    assert (pair["issuer_msp"], pair["acceptor_msp"]) == ("northstar", "harbor")
    expect(cell).to_contain_text(f"{pair['value_millionths'] / 1e6:,.2f}")

    desk.goto(f"{operator.address}/operator/windows")
    desk.get_by_role("button", name="Cut the window").click()
    expect(desk.get_by_text("This needs a second person")).to_be_visible()
    confirm_all(browser, operator)
    desk.reload()
    expect(desk.get_by_role("heading", name=f"Window {number + 1}")).to_be_visible(timeout=20_000)
    desk.get_by_role("button", name="Close the window").click()
    card = desk.locator(".card").filter(has=desk.get_by_role("link", name=f"Window {number}", exact=True))
    expect(card).to_contain_text("Closed", timeout=20_000)
    card.get_by_role("link").click()
    expect(desk.get_by_role("region", name="Statements").get_by_text("Not accepted yet").first).to_be_visible()
    payment = desk.get_by_role("region", name="Payments").get_by_role("row").last
    expect(payment).to_contain_text(f"{pair['value_millionths'] / 1e6:,.2f}")
    expect(payment).to_contain_text("Due")


def test_a_block_is_found_by_its_number_and_proven(desk: Page, sites: dict[str, Served]) -> None:
    north, operator = sites["northstar"], sites["operator"]
    north.wallet(f"block{secrets.token_hex(3)}", points=7)
    receipt = north.carry_out("DefineClass", secrets.token_hex(8), definition())
    operator.gateway.projection.wait_for_block(receipt.block_number, 30)
    desk.goto(f"{operator.address}/operator/blocks")
    desk.get_by_label("Number of a block").fill(str(receipt.block_number))
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text(f"Block {receipt.block_number}")
    expect(desk.get_by_role("cell", name="Define a point class")).to_be_visible()
    expect(desk.locator("[data-proof-result]")).to_contain_text("The chain holds")
    expect(desk.locator("[data-proof-badge]")).to_have_text("Checked: it holds")
    transaction_id = receipt.document["tx_id"]
    desk.goto(f"{operator.address}/operator/transactions?transaction_id={transaction_id}")
    expect(desk.get_by_role("row")).to_have_count(2)
    answer = desk.goto(f"{operator.address}/operator/blocks/99999999")
    assert answer is not None
    assert answer.status == 404


def definition() -> dict[str, object]:
    """A new class."""
    return {
        "category": "shop",
        "class_id": f"c{secrets.token_hex(4)}",
        "decimals": 0,
        "earn_rate": {"amount_minor": 100, "points": 1, "rounding": "STEPS"},
        "enrolled_only": False,
        "name": "Points",
        "symbol": "PTS",
        "transferable": True,
        "unit_value_millionths": 10_000,
        "validity": {"kind": "NEVER"},
    }


@pytest.mark.parametrize("path", ["/operator", "/operator/merchants", "/operator/matrix", "/operator/blocks"])
def test_these_pages_are_for_the_operators_staff_alone(
    page: Page, context: BrowserContext, sites: dict[str, Served], path: str
) -> None:
    north, operator = sites["northstar"], sites["operator"]
    page.goto(f"{operator.address}{path}")
    expect(page).to_have_url(re.compile("/staff/sign-in"))
    north.let_in(context, north.staff(Role.ADMIN))
    answer = page.goto(f"{north.address}{path}")
    assert answer is not None
    assert answer.status == 403
    operator.let_in(context, operator.staff(Role.CASHIER))
    answer = page.goto(f"{operator.address}{path}")
    assert answer is not None
    assert answer.status in (200, 403), "what a cashier may see of it, the API decides"
