"""Point classes in a real browser: defined, issued by hand, configured, stopped."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chaincode.cases.world import class_args
from gateway.security.principals import Role
from tests.scenes.sites import Served, agreeing, confirm_all

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(page: Page, sites: dict[str, Served]) -> Page:
    """The desk of marketing at northstar."""
    north = sites["northstar"]
    north.let_in(page.context, north.staff(Role.MARKETING))
    agreeing(page)
    return page


def define(page: Page, browser: Browser, site: Served, class_id: str) -> None:
    """Defines a class with two digits that harbor takes and lotus does not."""
    page.goto(f"{site.address}/merchant/classes")
    page.get_by_role("link", name="Define a new class").click()
    page.get_by_label("Identifier of the class").fill(class_id)
    page.get_by_label("Symbol").fill("SPR")
    page.get_by_label("Digits behind the point").fill("2")
    page.get_by_label("Worth of the smallest unit").fill("0.0005")
    page.get_by_label("Name", exact=True).fill("Spring")
    page.get_by_label("Category").fill("Campaigns")
    page.get_by_label("Points earned").fill("0")
    page.get_by_label("When", exact=True).select_option("MONTH_END")
    expect(page.get_by_label("Days", exact=True)).to_be_hidden()
    page.get_by_label("So many months").fill("3")
    page.get_by_label("Merchants", exact=True).select_option("some")
    page.get_by_label("莲花百货").uncheck()
    page.get_by_role("button", name="Define the class").click()
    expect(page.get_by_text("This needs a second person.")).to_be_visible()
    confirm_all(browser, site)
    page.goto(f"{site.address}/merchant/classes")
    expect(page.get_by_role("link", name="Spring").last).to_be_visible()


def test_a_class_is_defined_issued_changed_and_stopped(desk: Page, browser: Browser, sites: dict[str, Served]) -> None:
    north, class_id = sites["northstar"], f"spring-{secrets.token_hex(4)}"
    define(desk, browser, north, class_id)
    known = north.gateway.projection.catalogue.point_class(class_id).point_class
    assert (known["decimals"], known["unit_value_millionths"]) == (2, 500)
    assert known["validity"] == {"kind": "MONTH_END", "months": 3}
    assert sorted(known["accepted_by"]) == ["harbor", "northstar"]

    _, key = north.wallet(f"issued{secrets.token_hex(3)}", 0)
    desk.goto(f"{north.address}/merchant/classes/{class_id}")
    desk.get_by_label("Address").fill(key.address)
    desk.get_by_label("Points", exact=True).fill("12.50")
    desk.get_by_label("Reason").fill("opening")
    desk.get_by_role("button", name="Issue", exact=True).click()
    expect(desk.locator(".figure", has_text="Outstanding")).to_contain_text("12.50")
    (balance,) = north.gateway.projection.accounts.balances(key.address).balances
    assert balance.points == 1250

    desk.get_by_label("Name", exact=True).fill("Spring and summer")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Spring and summer")
    desk.get_by_label("Merchants", exact=True).select_option("all")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("This needs a second person.")).to_be_visible()
    confirm_all(browser, north)
    expect(desk.get_by_role("heading", level=1)).to_have_text("Spring and summer")
    assert north.gateway.projection.catalogue.point_class(class_id).point_class["accepted_by"] is None

    desk.get_by_role("button", name="Stop this class").click()
    expect(desk.get_by_role("button", name="Start this class again")).to_be_visible()
    desk.get_by_label("Address").fill(key.address)
    desk.get_by_label("Points", exact=True).fill("1")
    desk.get_by_role("button", name="Issue", exact=True).click()
    expect(desk.locator("form", has_text="Issue points by hand").locator("[data-outcome]")).to_have_class(
        "outcome notice bad"
    )


def test_a_mistyped_address_is_told_beside_its_field(desk: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    desk.goto(f"{north.address}/merchant/classes/northstar")
    desk.get_by_label("Address").fill("jf1notanaddress")
    desk.get_by_label("Points", exact=True).fill("1")
    desk.get_by_role("button", name="Issue", exact=True).click()
    expect(desk.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    expect(desk.locator("form", has_text="Issue points by hand").locator(".fault:visible")).to_have_count(1)


def test_what_is_not_this_merchants_is_shown_as_to_everybody(desk: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    desk.goto(f"{north.address}/merchant/classes/harbor")
    expect(desk).to_have_url(f"{north.address}/points/harbor")


def test_points_that_every_merchant_takes_can_be_reserved_anywhere(page: Page, sites: dict[str, Served]) -> None:
    north, class_id = sites["northstar"], f"open-{secrets.token_hex(4)}"
    email, key = north.wallet(f"open{secrets.token_hex(3)}", 0)
    definition = {
        "category": "points",
        "class_id": class_id,
        "decimals": 0,
        "earn_rate": {"amount_minor": 100, "points": 0, "rounding": "STEPS"},
        "enrolled_only": False,
        "name": "Open",
        "symbol": "OPEN",
        "transferable": True,
        "unit_value_millionths": 10_000,
        "validity": {"kind": "NEVER"},
    }
    north.carry_out("DefineClass", secrets.token_hex(8), definition)
    north.carry_out("Issue", secrets.token_hex(8), {"address": key.address, "class_id": class_id, "points": 30})
    north.let_in(page.context, email)
    page.goto(f"{north.address}/redeem")
    page.get_by_label("At which merchant").select_option("lotus")
    expect(page.get_by_role("checkbox", name="Open (30)")).to_be_checked()


def test_finance_follows_an_issuance_and_takes_it_back(
    page: Page, context: BrowserContext, sites: dict[str, Served]
) -> None:
    north = sites["northstar"]
    north.let_in(context, north.staff(Role.FINANCE))
    agreeing(page)
    class_id = f"owed-{secrets.token_hex(4)}"
    north.carry_out("DefineClass", f"{class_id}-1", class_args(class_id, debt=True))
    _, key = north.wallet(f"clawed{secrets.token_hex(3)}", 0)
    give = {"address": key.address, "class_id": class_id, "points": 50}
    north.carry_out("Issue", f"{class_id}-2", give)
    redemption_id = north.takes(key, class_id, 30, "spent-before")
    page.goto(f"{north.address}/merchant/members/{key.address}")
    page.get_by_role("link", name="Issuance").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("An issuance")
    where = page.get_by_role("region", name="Where they are")
    expect(where).to_contain_text("20")
    expect(where.locator(f'[title="{redemption_id}"]')).to_be_visible()
    expect(page.get_by_label("Points", exact=True)).to_have_value("50")
    page.get_by_label("Reason").fill("returned")
    page.get_by_role("button", name="Take points back").click()
    expect(page.locator("dt", has_text="Taken back of it")).to_be_visible()
    (balance,) = [
        one for one in north.gateway.projection.accounts.balances(key.address).balances if one.class_id == class_id
    ]
    assert (balance.points, balance.debt) == (0, 30)
    expect(page.get_by_role("button", name="Take points back")).to_have_count(0)
    page.goto(f"{north.address}/merchant/members/{key.address}")
    expect(page.get_by_text("30 owed", exact=False).first).to_be_visible()
