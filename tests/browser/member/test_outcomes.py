"""What a page says while it does not know, and what it sees of others: a lost answer, a till that takes a reservation, a note that cannot be left."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from tests.browser.member.conftest import PASSPHRASE, carry_out, issue, make_key, sign, sign_in
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser


def friend(site: Served) -> str:
    """The address of another member."""
    key = MemberKey.derived(f"outcomes {secrets.token_hex(8)}")
    carry_out(site, "EnrollMember", dict(key.enrolment("northstar", PLACE)))
    return key.address


def points_of(site: Served, address: str) -> int:
    """northstar's points on the ledger."""
    found = site.gateway.runtime.call(
        site.gateway.ledger.evaluate("GetBalance", {"account": address, "class_id": "northstar"})
    )
    return int(found["points"])


def test_a_lost_answer_is_asked_for_again_and_sent_once(lossy: Page, sites: dict[str, Served]) -> None:
    page, north = lossy, sites["northstar"]
    sign_in(page, north)
    issue(north, make_key(page, north), 100)
    address = friend(north)
    keys: list[str | None] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) == 1:
            assert route.fetch().status == 201
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/operations/transfer", lose_the_first)
    page.goto(f"{north.address}/send?to={address}")
    page.get_by_label("Amount").fill("11")
    page.get_by_role("button", name="Look it over").click()
    said = page.locator("[data-outcome]")
    page.evaluate("""() => {
      window.said = [];
      new MutationObserver(() => window.said.push(document.querySelector("[data-outcome]").textContent))
        .observe(document.querySelector("[data-outcome]"), { childList: true });
    }""")
    sign(page)
    expect(said).to_contain_text("Sent.")
    assert any("It may have happened; we are asking again" in one for one in page.evaluate("window.said"))
    assert len(keys) >= 2
    assert len(set(keys)) == 1
    assert keys[0]
    assert points_of(north, address) == 11


def test_a_refusal_is_told_and_nothing_is_sent(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    stranger = MemberKey.derived(f"outcomes {secrets.token_hex(8)}").address
    page.goto(f"{north.address}/send?to={stranger}")
    page.get_by_label("Amount").fill("5")
    page.get_by_label("Private note").fill("hello")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("A note is for members:")).to_be_visible()
    page.get_by_label("Private note").fill("")
    page.get_by_role("button", name="Look it over").click()
    sign(page)
    expect(page.get_by_text("This address is not a member's, and these points are for members.")).to_be_visible()
    assert points_of(north, member) == 1000


def test_points_are_sent_also_where_the_note_is_not_left(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    address = friend(north)
    page.route(
        "**/api/v1/notes?*", lambda route: route.fulfill(status=422, json={"code": "NOTE_REFUSED", "status": 422})
    )
    page.goto(f"{north.address}/send?to={address}")
    page.get_by_label("Amount").fill("3")
    page.get_by_label("Private note").fill("hello")
    page.get_by_role("button", name="Look it over").click()
    sign(page)
    expect(page.get_by_text("The points are sent, but the note could not be left.")).to_be_visible()
    assert points_of(north, address) == 3


def test_a_gateway_that_swaps_the_recipients_key_is_found_out(
    page: Page, sites: dict[str, Served], member: str
) -> None:
    north = sites["northstar"]
    address = friend(north)
    other = MemberKey.derived("outcomes: the listener")
    page.route("**/public-key", lambda route: route.fulfill(json={"address": address, "public_key": other.public_key}))
    left: list[str] = []
    page.on("request", lambda request: left.append(request.url) if "/api/v1/notes" in request.url else None)
    page.goto(f"{north.address}/send?to={address}")
    page.get_by_label("Amount").fill("3")
    page.get_by_label("Private note").fill("for you alone")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("The gateway gave the key of another account.")).to_be_visible()
    assert page.get_by_role("dialog").count() == 0, "nothing is signed"
    assert left == []


def test_a_reservation_that_the_till_takes_is_seen_at_once(page: Page, sites: dict[str, Served], member: str) -> None:
    north, harbor = sites["northstar"], sites["harbor"]
    page.goto(f"{north.address}/redeem")
    page.get_by_label("At which merchant").select_option("harbor")
    page.get_by_label("At most").fill("70")
    page.get_by_role("button", name="Look it over").click()
    sign(page)
    expect(page.get_by_role("img", name="QR code of the reservation")).to_be_visible()
    match = re.search(r"hold=([^&]+)", page.url)
    assert match
    carry_out(harbor, "Capture", {"hold_id": f"{member}/{match.group(1)}", "points": 50})
    card = page.locator("[data-live=shown]")
    expect(card.get_by_text("paid")).to_be_visible(timeout=10_000)
    expect(card.get_by_text("50 points")).to_be_visible()
    assert points_of(north, member) == 950


def test_a_key_that_is_kept_elsewhere_says_so(page: Page, sites: dict[str, Served], member: str) -> None:
    north = sites["northstar"]
    page.route("**/api/v1/wallet/keys/*", lambda route: route.fulfill(status=404, json={"code": "OBJECT_UNKNOWN"}))
    page.goto(f"{north.address}/send?to={friend(north)}")
    page.get_by_label("Amount").fill("1")
    page.get_by_role("button", name="Look it over").click()
    sign(page, PASSPHRASE)
    expect(page.get_by_text("The key of this address is not with this gateway.")).to_be_visible()


def test_on_a_second_device_the_passphrase_is_enough(page: Page, browser: Browser, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    email = sign_in(page, north)
    address = make_key(page, north)
    issue(north, address, 20)
    device = browser.new_context(locale="en-GB")
    north.let_in(device, email)
    second = device.new_page()
    second.goto(f"{north.address}/send?to={friend(north)}")
    second.get_by_label("Amount").fill("6")
    second.get_by_role("button", name="Look it over").click()
    sign(second)
    expect(second.get_by_text(re.compile("Sent. It stands in block"))).to_be_visible()
    assert points_of(north, address) == 14
    device.close()


def test_a_member_without_a_key_is_led_to_one(page: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    sign_in(page, north)
    for path in ("/send", "/redeem", "/notes"):
        page.goto(north.address + path)
        page.get_by_role("link", name="Make my key").click()
        expect(page).to_have_url(f"{north.address}/key")
