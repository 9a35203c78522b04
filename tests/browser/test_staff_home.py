"""The staff's home and members in a real browser, by role."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from gateway.security.principals import Role
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser


def sign_in(page: Page, site: Served, *roles: Role) -> None:
    """Somebody of the staff, at home."""
    site.let_in(page.context, site.staff(*roles))
    page.goto(f"{site.address}/merchant")


@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_a_home_and_only_links_that_lead_somewhere(
    role: Role, page: Page, sites: dict[str, Served]
) -> None:
    north = sites["northstar"]
    sign_in(page, north, role)
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    addresses = {link.get_attribute("href") for link in page.locator("nav a, main a").all()}
    for address in sorted(one for one in addresses if one):
        answer = page.request.get(f"{north.address}{address}")
        assert answer.status == 200, (role, address, answer.status)


def test_what_waits_for_a_second_person_is_told(page: Page, sites: dict[str, Served]) -> None:
    harbor = sites["harbor"]
    sign_in(page, harbor, Role.MARKETING)
    expect(page.get_by_text("Nothing to be done")).to_be_visible()
    _, key = harbor.wallet("large", 0)
    page.goto(f"{harbor.address}/merchant/classes/harbor")
    page.get_by_label("Address").fill(key.address)
    page.get_by_label("Points", exact=True).fill("10000001")
    page.get_by_role("button", name="Issue", exact=True).click()
    expect(page.get_by_text("This needs a second person.")).to_be_visible()
    page.goto(f"{harbor.address}/merchant")
    expect(page.get_by_role("link", name="1 thing of yours waits for a second person")).to_be_visible()
    sign_in(page, harbor, Role.FINANCE)
    expect(page.get_by_role("link", name="1 thing waits for your yes")).to_be_visible()


def test_a_member_is_found_stopped_and_let_act_again(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    email, key = north.wallet("frozen", 70)
    sign_in(page, north, Role.ADMIN)
    page.goto(f"{north.address}/merchant/members")
    page.get_by_label("E-mail or telephone").fill(email)
    page.get_by_role("button", name="Find").click()
    page.locator("[data-outcome] a").click()
    expect(page).to_have_url(f"{north.address}/merchant/members/{key.address}")
    expect(page.locator(".list .value").first).to_have_text("70")
    page.get_by_label("Why").select_option("ASKED_BY_MEMBER")
    page.get_by_role("button", name="Freeze", exact=True).click()
    expect(page.get_by_role("button", name="Unfreeze")).to_be_visible()
    expect(page.get_by_text("Frozen", exact=True)).to_be_visible()
    page.get_by_role("button", name="Unfreeze").click()
    expect(page.get_by_role("button", name="Freeze", exact=True)).to_be_visible()
