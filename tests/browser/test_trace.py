"""The way of a member's points: shown from the issuance on, and proven by her own browser; a lie of the gateway's is told."""

from __future__ import annotations

import base64
import html
import json
import secrets

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from tests.scenes.consortium import operation
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser


def member_with_points(site: Served) -> tuple[str, MemberKey, MemberKey]:
    """Somebody who got 15 points from a friend, who had 40 from northstar: her e-mail address, her key, the friend's."""
    friend = MemberKey.derived(secrets.token_hex(8))
    email, key = site.linked()
    for one in (friend, key):
        site.send(operation("EnrollMember", secrets.token_hex(8), one.enrolment("northstar", PLACE)))
    issued = {"address": friend.address, "class_id": "northstar", "points": 40}
    site.send(operation("Issue", secrets.token_hex(8), issued))
    sent = {"class_id": "northstar", "recipients": [{"address": key.address, "points": 15}]}
    site.send(friend.authorise(operation("Transfer", secrets.token_hex(8), sent), PLACE))
    return email, key, friend


@pytest.fixture
def traced(context: BrowserContext, sites: dict[str, Served]) -> MemberKey:
    """The friend of a member who is signed in."""
    email, _, friend = member_with_points(sites["northstar"])
    sites["northstar"].let_in(context, email)
    return friend


def open_way(page: Page, site: Served) -> None:
    """By the links, as a member would."""
    page.goto(f"{site.address}/trace")
    page.get_by_role("link", name="Good until").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The way of these points")


def test_the_way_leads_from_the_merchant_over_a_friend_to_her(
    page: Page, sites: dict[str, Served], traced: MemberKey
) -> None:
    open_way(page, sites["northstar"])
    steps = page.locator(".way-step[data-claim]")
    expect(steps).to_have_count(2)
    expect(steps.nth(0)).to_contain_text("gave 40 points to")
    expect(steps.nth(0).locator(".address")).to_have_attribute("title", traced.address)
    expect(steps.nth(1)).to_contain_text("sent 15 points to you")
    expect(page.locator(".way-step.owner")).to_contain_text("You have 15 of them now.")
    expect(page.locator("[data-proof-result]")).to_contain_text("The chain holds")
    expect(page.locator("[data-proof-result]")).to_contain_text("kept by one computer")
    for place in range(2):
        expect(steps.nth(place).locator("[data-proof-badge]")).to_have_text("Checked: it holds")
    steps.nth(1).get_by_text("Details of block").click()
    signed = steps.nth(1).locator('[data-step="member"]')
    expect(signed).to_have_attribute("data-state", "holds")
    expect(signed).to_be_visible()


def test_the_browser_remembers_the_chain_on_its_next_visit(
    page: Page, sites: dict[str, Served], traced: MemberKey
) -> None:
    open_way(page, sites["northstar"])
    memory = page.locator('[data-proof-chain] [data-step="memory"]')
    expect(memory).to_have_attribute("data-state", "not there")
    page.get_by_role("button", name="Check again").click()
    expect(memory).to_have_attribute("data-state", "holds")


def test_a_gateway_that_shows_another_block_is_found_out(
    page: Page, sites: dict[str, Served], traced: MemberKey
) -> None:
    def lie(route: Route) -> None:
        answer = route.fetch()
        document = answer.json()
        row = json.loads(base64.b64decode(document["content"]))
        row["data"] = row["data"].replace(traced.address, MemberKey.derived("another").address)
        document["content"] = base64.b64encode(json.dumps(row).encode()).decode()
        route.fulfill(response=answer, json=document)

    page.route("**/blocks/*/evidence?*", lie)
    open_way(page, sites["northstar"])
    result = page.locator("[data-proof-result]")
    expect(result).to_contain_text("The proof does not hold")
    expect(result).to_contain_text("something in it was changed")
    expect(page.locator("[data-proof-badge]").first).to_have_text("Broken")


def test_a_chain_that_was_rewritten_is_found_out_and_can_be_forgotten(
    page: Page, sites: dict[str, Served], traced: MemberKey
) -> None:
    open_way(page, sites["northstar"])
    expect(page.locator("[data-proof-result]")).to_contain_text("The chain holds")
    page.evaluate("""() => {
      const [place] = Object.keys(localStorage);
      const kept = JSON.parse(localStorage.getItem(place));
      localStorage.setItem(place, JSON.stringify({ ...kept, 0: "0".repeat(64) }));
    }""")
    page.reload()
    result = page.locator("[data-proof-result]")
    expect(result).to_contain_text("A block that this browser saw before is another one now")
    result.get_by_role("button", name="Forget what this browser remembers").click()
    expect(result).to_contain_text("The chain holds")


def test_others_points_have_no_way_here(page: Page, sites: dict[str, Served], traced: MemberKey) -> None:
    site = sites["northstar"]
    spent = {"acceptor_msp": "northstar", "class_ids": ["northstar"], "order_ref": "theirs", "points": 3}
    request_id = secrets.token_hex(8)
    number = site.send(traced.authorise(operation("Redeem", request_id, spent), PLACE)).block_number
    for path in (f"payment/{traced.address}/{request_id}", "northstar?expires_on=2001-01-01"):
        answer = page.goto(f"{site.address}/trace/{path}")
        assert answer is not None
        assert answer.status in (403, 404)
    evidence = page.request.get(f"{site.address}/api/v1/ledger/blocks/{number}/evidence")
    assert evidence.status == 403
    evidence = page.request.get(f"{site.address}/api/v1/accounts/{traced.address}/blocks/{number}/evidence")
    assert evidence.status == 403


def test_a_payment_leads_back_to_the_points_it_took(
    page: Page, context: BrowserContext, sites: dict[str, Served]
) -> None:
    site = sites["northstar"]
    email, key, _ = member_with_points(site)
    spent = {"acceptor_msp": "northstar", "class_ids": ["northstar"], "order_ref": "mine", "points": 9}
    site.send(key.authorise(operation("Redeem", secrets.token_hex(8), spent), PLACE))
    site.let_in(context, email)
    page.goto(f"{site.address}/history")
    page.get_by_role("link", name="Follow these points").first.click()
    steps = page.locator(".way-step[data-claim]")
    expect(steps).to_have_count(3)
    expect(steps.nth(1)).to_contain_text("sent 9 points to you")
    expect(steps.nth(2)).to_contain_text("spent 9 points at")
    expect(page.locator("[data-proof-result]")).to_contain_text("The chain holds")
    expect(page.locator('[data-proof-chain] [data-step="joined"]')).to_have_attribute("data-state", "holds")


def test_a_gap_between_two_steps_is_found_out(page: Page, sites: dict[str, Served], traced: MemberKey) -> None:
    def lie(route: Route) -> None:
        answer = route.fetch()
        text = answer.text()
        place = text.index("data-links=")
        end = text.index('"', place + len('data-links="'))
        links = json.loads(html.unescape(text[place + len('data-links="') : end]))
        assert len(links) == 2
        forged = html.escape(json.dumps(links[1:]))
        route.fulfill(response=answer, body=text[: place + len('data-links="')] + forged + text[end:])

    page.route("**/trace/northstar?*", lie)
    open_way(page, sites["northstar"])
    result = page.locator("[data-proof-result]")
    expect(result).to_contain_text("The proof does not hold")
    expect(result).to_contain_text("Between two steps there is a gap")
    for badge in page.locator("[data-proof-badge]").all():
        expect(badge).to_have_text("Checked: it holds")


def test_a_row_of_the_history_leads_back_too(page: Page, sites: dict[str, Served], traced: MemberKey) -> None:
    page.goto(f"{sites['northstar'].address}/history")
    page.get_by_role("link", name="Follow these points").click()
    steps = page.locator(".way-step[data-claim]")
    expect(steps).to_have_count(2)
    expect(steps.nth(1)).to_contain_text("sent 15 points to you")
    expect(page.locator("[data-proof-result]")).to_contain_text("The chain holds")
    expect(page.locator('[data-proof-chain] [data-step="joined"]')).to_have_attribute("data-state", "holds")
