"""The till in a real browser: earning, a reservation taken, a refund, by the keyboard alone; and the truth about an answer that got lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from chaincode.signing import MemberKey
from gateway.identity.models import Person
from gateway.security.principals import Role, Staff
from tests.scenes.sites import Served
from tests.scenes.waiting import eventually

pytestmark = pytest.mark.browser


@pytest.fixture
def till(page: Page, sites: dict[str, Served]) -> Page:
    """A cashier's till at northstar."""
    north = sites["northstar"]
    north.let_in(page.context, north.staff(Role.CASHIER))
    page.goto(f"{north.address}/merchant/counter")
    return page


@pytest.fixture
def shaky_till(browser: Browser, sites: dict[str, Served]) -> Iterator[Page]:
    """A till whose connection fails, which the browser's console may say."""
    north = sites["northstar"]
    context = browser.new_context(locale="en-GB")
    north.let_in(context, north.staff(Role.CASHIER))
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{north.address}/merchant/counter")
    yield page
    context.close()


def type_in(page: Page, text: str) -> None:
    """As a keyboard or a handheld scanner does, ending with Enter, where the focus is."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def hold(
    site: Served,
    key: MemberKey,
    request_id: str,
    points: int,
    order_ref: str,
    class_ids: Sequence[str] = ("northstar",),
) -> None:
    """A member's reservation at the site."""
    site.reserve(key, request_id, points, at=site.org, class_ids=class_ids, order_ref=order_ref)


def expect_spendable(page: Page, site: Served, address: str, points: int) -> None:
    """The account comes to so many points of northstar's within ten seconds."""
    eventually(
        f"{points} points to spend",
        lambda: sum(one.spendable for one in site.gateway.projection.accounts.balances(address).balances),
        lambda found: found == points,
        seconds=10,
        pause=lambda seconds: page.wait_for_timeout(1000 * seconds),  # its requests go on meanwhile
    )


def test_a_purchase_earns_by_the_keyboard_alone(till: Page, sites: dict[str, Served]) -> None:
    _, key = sites["northstar"].wallet("keyboard", 100)
    expect(till.get_by_label("Member", exact=True)).to_be_focused()
    type_in(till, f"jifen:{key.address}")
    expect(till.get_by_label("Amount paid")).to_be_focused()
    till.keyboard.type("25.90")
    expect(till.get_by_text("Earns 25 points.")).to_be_visible()
    till.keyboard.press("Enter")
    answer = till.locator("[data-answer]")
    expect(answer).to_contain_text("+25")
    expect(answer).to_contain_text("Balance now: 125")
    expect(till.get_by_label("Member", exact=True)).to_be_focused()
    row = till.locator("[data-live=totals] tr", has_text="Earned")
    expect(row).to_contain_text("125 ")
    expect(till.locator("[data-lines] tr").first).to_contain_text("Done")


def test_a_member_is_found_by_her_contact(till: Page, sites: dict[str, Served]) -> None:
    email, key = sites["northstar"].wallet("contact", 10)
    type_in(till, "nobody@example.org")
    expect(till.get_by_text("Nobody is known under this.")).to_be_visible()
    till.keyboard.press("Escape")
    type_in(till, email)
    expect(till.locator("[data-known]")).to_contain_text(key.address[:8])
    expect(till.get_by_label("Amount paid")).to_be_focused()
    type_in(till, "5")
    expect(till.locator("[data-answer]")).to_contain_text("Balance now: 15")
    kept = till.evaluate("JSON.stringify(sessionStorage)")
    assert email not in kept
    assert key.address not in kept


def test_a_reservation_is_taken_and_given_back(till: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    _, key = north.wallet("holder", 100)
    hold(north, key, "browser-hold", 60, "ABCD-2345")
    type_in(till, f"jifen-hold:{key.address}:browser-hold:ABCD-2345")  # scanned while the till was set to earning
    expect(till.get_by_label("Points to take").first).to_be_focused()
    expect(till.locator('form[data-form="redeem"]')).to_contain_text("CN¥0.60")
    till.keyboard.press("Enter")
    expect(till.locator("[data-answer]")).to_contain_text("60 points taken")
    expect_spendable(till, north, key.address, 40)
    till.keyboard.press("F8")
    expect(till.get_by_label("Order number").last).to_be_focused()
    type_in(till, "ABCD-2345")
    expect(till.get_by_label("Points to give back")).to_be_focused()
    type_in(till, "20")
    expect(till.locator("[data-answer]")).to_contain_text("20 points given back")
    expect(till.locator("[data-live=totals] tr", has_text="Refunded")).to_contain_text("20 ")
    expect_spendable(till, north, key.address, 60)
    type_in(till, "ABCD-2345")
    expect(till.get_by_label("Points to give back")).to_have_value("40")
    expect(till.get_by_label("Points to give back")).to_be_focused()
    type_in(till, "41")
    expect(till.get_by_text("That is more than is left of the payment.")).to_be_visible()


@pytest.mark.parametrize("swept", [True, False])
def test_a_payment_of_long_ago_is_not_given_back(shaky_till: Page, sites: dict[str, Served], swept: bool) -> None:
    """The ledger refuses it, or has it no more: the till says until when it could be."""
    till, north = shaky_till, sites["northstar"]
    order = f"LONG-AG{'23' if swept else '45'}"
    _, key = north.wallet(f"long-ago-{swept}", 100)
    hold(north, key, f"long-ago-{swept}", 30, order)
    till.keyboard.press("F4")
    type_in(till, order)
    expect(till.get_by_label("Points to take").first).to_have_value("30")
    till.keyboard.press("Enter")
    expect(till.locator("[data-answer]")).to_contain_text("30 points taken")

    def years_later(route: Route) -> None:
        answer = route.fetch()
        found = answer.json()
        for one in found["items"]:
            one.update(refundable_until="2020-05-30", swept=swept)
        route.fulfill(response=answer, json=found)

    till.route("**/api/v1/redemptions?*", years_later)
    if not swept:
        refused = {"code": "NOT_REFUNDABLE", "status": 409, "title": "x", "type": "about:blank"}
        till.route("**/operations/refund?dry_run=true", lambda route: route.fulfill(status=409, json=refused))
    till.keyboard.press("F8")
    till.get_by_label("Order number").last.fill(order)
    till.keyboard.press("Enter")
    expect(till.get_by_text("This payment could be given back until May 30, 2020.")).to_be_visible()
    expect(till.get_by_label("Points to give back")).to_be_hidden()


def test_the_letters_of_a_reservation_are_enough(till: Page, sites: dict[str, Served]) -> None:
    north = sites["northstar"]
    _, key = north.wallet("letters", 100)
    hold(north, key, "letters-hold", 30, "WXYZ-6789")
    till.keyboard.press("F4")
    type_in(till, "wxyz6789")
    expect(till.get_by_label("Points to take").first).to_be_focused()
    type_in(till, "10")  # over what is selected
    expect(till.locator("[data-answer]")).to_contain_text("10 points taken")
    expect_spendable(till, north, key.address, 90)
    type_in(till, "wxyz6789")
    expect(till.get_by_text("There is no open reservation here under this.")).to_be_visible()


def test_a_late_answer_about_the_worth_does_not_hide_the_outcome(till: Page, sites: dict[str, Served]) -> None:
    """The worth of what is typed is asked for, and the answer comes when the payment is through: a refusal by then."""
    north = sites["northstar"]
    _, key = north.wallet("late", 100)
    hold(north, key, "late-hold", 30, "LATE-0001")
    till.keyboard.press("F4")
    type_in(till, "late0001")
    take = till.get_by_label("Points to take").first
    expect(take).to_be_focused()
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        waiting.append(route)

    till.route("**/capture?dry_run=true", keep)
    with till.expect_request("**/capture?dry_run=true"):
        till.keyboard.type("10")
    till.keyboard.press("Enter")
    expect(till.locator("[data-answer]")).to_contain_text("10 points taken")
    with till.expect_response("**/capture?dry_run=true") as late:
        waiting[-1].continue_()
    assert late.value.status == 409
    expect(till.locator("[data-answer]")).to_contain_text("10 points taken")
    expect(till.get_by_text("Refused")).to_have_count(0)


class Lost:
    """Lets requests through and loses the first answers."""

    def __init__(self, answers: int) -> None:
        self.left = answers
        self.keys: list[str] = []

    def __call__(self, route: Route) -> None:
        self.keys.append(route.request.headers["idempotency-key"])
        if self.left:
            self.left -= 1
            route.fetch()
            route.abort()
        else:
            route.continue_()


def test_a_lost_answer_is_unknown_until_it_is_certain(shaky_till: Page, sites: dict[str, Served]) -> None:
    till, north = shaky_till, sites["northstar"]
    _, key = north.wallet("lost", 100)
    lost = Lost(2)
    till.route("**/operations/accrue", lost)
    type_in(till, key.address)
    expect(till.get_by_label("Amount paid")).to_be_focused()
    till.evaluate(WATCH)
    type_in(till, "40")
    expect(till.locator("[data-answer]")).to_contain_text("The outcome is known now")
    expect(till.locator("[data-answer]")).to_contain_text("+40")
    assert "unknown" in till.evaluate("window.seen")
    assert len(lost.keys) == 3
    assert len(set(lost.keys)) == 1
    expect_spendable(till, north, key.address, 140)


WATCH = """() => {
  window.seen = [];
  new MutationObserver(() => window.seen.push(document.querySelector("[data-lines] tr")?.dataset.state))
    .observe(document.querySelector("[data-lines]"), { childList: true });
}"""


def test_an_open_outcome_outlives_a_reload(shaky_till: Page, sites: dict[str, Served]) -> None:
    till, north = shaky_till, sites["northstar"]
    _, key = north.wallet("reload", 100)
    lost = Lost(1000)
    till.route("**/operations/accrue", lost)
    type_in(till, key.address)
    expect(till.get_by_label("Amount paid")).to_be_focused()
    type_in(till, "30")
    expect(till.locator("[data-lines] tr").first).to_have_attribute("data-state", "unknown")
    till.unroute("**/operations/accrue")
    till.reload()
    expect(till.locator("[data-answer]")).to_contain_text("The outcome is known now")
    expect(till.locator("[data-lines] tr").first).to_have_attribute("data-state", "done")
    expect_spendable(till, north, key.address, 130)
    kept: dict[str, Any] = till.evaluate("({...sessionStorage})")
    (lines,) = [json.loads(text) for name, text in kept.items() if name.startswith("jifen-till-")]
    assert all("request" not in line for line in lines)


def kept_key(site: Served, points: int) -> tuple[str, str, str]:
    """A member whose key the gateway keeps, with points: her e-mail address, person id and address."""
    people = site.gateway.people
    email = site.person("Told")
    with site.gateway.store.reading() as session:
        person_id = session.query(Person).filter_by(email=email).one().person_id
    address = people.custody.create(person_id).address
    site.carry_out("EnrollMember", f"enrol-{person_id}", people.custody.enrolment(person_id))
    args = {"address": address, "amount_minor": points * 100, "class_id": site.org}
    site.carry_out("Accrue", f"accrue-{person_id}", args)
    return email, person_id, address


def fill_told(till: Page, email: str, code: str) -> None:
    """Fills in what a member without a phone tells."""
    told = till.locator("[data-told]")
    told.get_by_label("E-mail or telephone").fill(email)
    told.get_by_label("The eight digits that the member tells").fill(code)
    told.get_by_label("Points to take").fill("40")
    told.get_by_label("Order number").fill("told-1")
    told.get_by_label("Order number").press("Enter")


def test_a_code_that_is_told_pays_once_also_when_the_answer_is_lost(shaky_till: Page, sites: dict[str, Served]) -> None:
    till, north = shaky_till, sites["northstar"]
    email, person_id, address = kept_key(north, 100)
    issued = north.gateway.people.custody.counter_code(person_id, 50, ["northstar"])
    lost = Lost(1)
    till.route("**/custody/operations", lost)
    till.keyboard.press("F4")
    till.get_by_text("Spoken payment code").click()
    fill_told(till, email, f"{issued.code[:4]} {issued.code[4:]}")
    expect(till.locator("[data-answer]")).to_contain_text("The outcome is known now")
    assert len(lost.keys) == 1
    assert issued.code not in till.evaluate("JSON.stringify(sessionStorage)")
    expect_spendable(till, north, address, 60)
    fill_told(till, email, issued.code)
    expect(till.locator("[data-answer]")).to_contain_text("The code is wrong or has run out.")


def test_what_is_done_is_never_called_refused(shaky_till: Page, sites: dict[str, Served]) -> None:
    till, north = shaky_till, sites["northstar"]
    _, key = north.wallet("rebuilding", 100)
    problem = {"code": "PROJECTION_REBUILDING", "status": 503, "title": "Rebuilding", "detail": ""}

    def rebuilding(route: Route) -> None:
        route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(problem))

    till.route("**/api/v1/accounts/**", rebuilding)
    type_in(till, key.address)
    expect(till.get_by_label("Amount paid")).to_be_focused()
    type_in(till, "12")
    expect(till.locator("[data-answer]")).to_contain_text("It is done.", timeout=15_000)
    expect(till.locator("[data-answer]")).to_contain_text("+12")
    expect(till.locator("[data-lines] tr").first).to_have_attribute("data-state", "done")
    expect_spendable(till, north, key.address, 112)


@pytest.mark.parametrize(
    ("order", "typed"),
    [
        ("K7Q2-M9XA", "k7q2-m9xa"),
        ("K7Q2-M9XB", "K7Q2M9XB"),
        ("K7Q2-M9XC", "k7q2 m9xc"),
        ("K7Q2-M9XD", "Ｋ７Ｑ２－Ｍ９ＸＤ"),
    ],
)
def test_a_code_is_found_however_it_is_typed(till: Page, sites: dict[str, Served], order: str, typed: str) -> None:
    north = sites["northstar"]
    _, key = north.wallet(f"typed-{order}", 100)
    hold(north, key, f"typed-{order}", 30, order)
    till.keyboard.press("F4")
    till.locator("form[data-form=redeem]").get_by_label("Reservation").fill(typed)
    till.keyboard.press("Enter")
    expect(till.get_by_label("Points to take").first).to_have_value("30")
    till.keyboard.press("Enter")
    expect(till.locator("[data-answer]")).to_contain_text("30 points taken")
    till.keyboard.press("F8")
    till.get_by_label("Order number").last.fill(typed)
    till.keyboard.press("Enter")
    expect(till.get_by_label("Points to give back")).to_have_value("30")


def test_what_points_are_worth_follows_each_edit(till: Page, sites: dict[str, Served]) -> None:
    north, harbor = sites["northstar"], sites["harbor"]
    _, key = north.wallet("worth", 100)
    harbor.carry_out("Issue", "worth-gift", {"address": key.address, "class_id": "harbor", "points": 50})
    hold(north, key, "worth-hold", 120, "WRTH-2345", ["harbor", "northstar"])
    type_in(till, f"jifen-hold:{key.address}:worth-hold:WRTH-2345")
    worth = till.locator("form[data-form=redeem] [data-worth]")
    drawn = [(one["points"], one["class_id"]) for one in pins(north, key, "worth-hold")]
    assert len(drawn) == 2
    units = {"northstar": 10_000, "harbor": 8_000}
    whole = sum(points * units[class_id] for points, class_id in drawn)
    expect(worth).to_contain_text(f"Worth CN¥{whole / 1e6:.2f}")
    for points, class_id in drawn:
        expect(worth).to_contain_text(f"{points} ")
        expect(worth).to_contain_text(f"CN¥{points * units[class_id] / 1e6:.2f}")
    till.get_by_label("Points to take").first.fill("10")
    expect(worth).to_have_text(f"Worth CN¥{10 * units[drawn[0][1]] / 1e6:.2f}")
    till.get_by_label("Points to take").first.fill("121")
    expect(worth).to_be_empty()
    till.keyboard.press("Enter")
    fault = till.get_by_text("That is more than was reserved.")
    expect(fault).to_be_visible()
    till.get_by_label("Points to take").first.fill("12")
    expect(fault).to_be_hidden()
    expect(worth).to_have_text(f"Worth CN¥{12 * units[drawn[0][1]] / 1e6:.2f}")


def pins(site: Served, key: MemberKey, request_id: str) -> list[dict[str, Any]]:
    """What a reservation took, in the order in which it is drawn."""
    found: list[dict[str, Any]] = site.gateway.projection.accounts.hold(f"{key.address}/{request_id}").hold["pins"]
    return found


def test_what_is_no_amount_earns_nothing(till: Page, sites: dict[str, Served]) -> None:
    _, key = sites["northstar"].wallet("digits", 10)
    type_in(till, key.address)
    earns = till.locator("[data-earns]")
    till.get_by_label("Amount paid").fill("１２。５０")
    expect(earns).to_have_text("Earns 12 points.")
    till.get_by_label("Amount paid").fill("12.345")
    expect(earns).to_be_empty()
    till.keyboard.press("Enter")
    expect(till.get_by_text("This is not a number that is taken here.")).to_be_visible()
    till.get_by_label("Amount paid").fill("12.34")
    expect(till.get_by_text("This is not a number that is taken here.")).to_be_hidden()


def test_a_line_names_member_amount_and_receipt_and_an_old_answer_leaves(till: Page, sites: dict[str, Served]) -> None:
    _, key = sites["northstar"].wallet("lines", 10)
    type_in(till, key.address)
    till.get_by_label("Amount paid").fill("25.90")
    till.get_by_label("Receipt number", exact=False).first.fill("R-0042")
    till.keyboard.press("Enter")
    line = till.locator("[data-lines] tr").first
    expect(line).to_have_attribute("data-state", "done")
    for said in (f"{key.address[:8]}…{key.address[-6:]}", "CN¥25.90", "R-0042", "+25"):
        expect(line).to_contain_text(said)
    expect(till.locator("[data-answer]")).to_contain_text("+25")
    till.keyboard.press("F8")
    expect(till.locator("[data-answer]")).to_have_text("The result appears here.")
    till.reload()
    expect(line).to_contain_text("R-0042")


@pytest.mark.parametrize("decision", ["reject", "confirm"])
def test_what_waits_for_a_second_person_settles(till: Page, sites: dict[str, Served], decision: str) -> None:
    north = sites["northstar"]
    _, key = north.wallet(f"second-{decision}", 10)
    type_in(till, key.address)
    till.get_by_label("Amount paid").fill("900000")
    till.keyboard.press("Enter")
    line = till.locator("[data-lines] tr").first
    expect(line).to_have_attribute("data-state", "approval")
    expect(line).to_contain_text("CN¥900,000.00")
    expect(till.locator("[data-answer]")).to_contain_text("A second person is needed")
    till.keyboard.press("F8")
    expect(till.locator("[data-answer]")).to_have_text("The result appears here.")
    approvals = north.gateway.people.approvals
    other = Staff("stf_other", "ses_other", north.gateway.clock(), frozenset({Role.FINANCE}))
    (waiting,) = [one for one in approvals.list(viewer=other, status="PENDING") if one.action == "Accrue"]
    if decision == "reject":
        approvals.reject(other, waiting.approval_id, "no such purchase")
        expect(line).to_have_attribute("data-state", "refused")
        expect(line).to_contain_text("Rejected: no such purchase")
    else:
        approvals.confirm(other, waiting.approval_id, north.gateway.submit)
        expect(line).to_have_attribute("data-state", "done")
        expect(line).to_contain_text("+900,000")
    till.reload()
    expect(line).to_have_attribute("data-state", "refused" if decision == "reject" else "done")


@pytest.mark.parametrize(("rounding", "points"), [("STEPS", 3), ("DOWN", 5), ("HALF_UP", 6)])
def test_a_ratio_is_shown_as_the_ledger_counts_it(
    till: Page, sites: dict[str, Served], rounding: str, points: int
) -> None:
    site, usual = sites["northstar"], {"amount_minor": 100, "points": 1, "rounding": "STEPS"}
    rate = {"amount_minor": 200, "points": 3, "rounding": rounding}
    _, key = site.wallet(f"ratio-{rounding}", 0)
    site.carry_out("UpdateClass", f"ratio-{rounding}", {"class_id": site.org, "earn_rate": rate})
    try:

        def told() -> str:
            till.reload()
            type_in(till, key.address)
            till.get_by_label("Amount paid").fill("3.99")
            return till.locator("[data-earns]").inner_text()

        # Pages keep the list of classes for some seconds.
        eventually("the till knows the rate", told, lambda words: words == f"Earns {points} points.", seconds=30)
        bought = {"address": key.address, "amount_minor": 399, "class_id": site.org}
        earned = site.carry_out("Accrue", f"bought-{rounding}", bought)
        assert earned.result["issuance"]["points"] == points
    finally:
        site.carry_out("UpdateClass", f"usual-{rounding}", {"class_id": site.org, "earn_rate": usual})
