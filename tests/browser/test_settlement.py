"""Settlement in a real browser: what a window comes to, the statement seen and accepted, paid and confirmed with second persons, and its files."""

from __future__ import annotations

import csv
import io
import re

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gateway.security.principals import Role
from tests.browser.settlement import OWED, POINTS, close, spend_at_harbor
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser


def desk(browser: Browser, site: Served, *roles: Role) -> tuple[BrowserContext, Page]:
    """The page of somebody of the site's staff."""
    context = browser.new_context(locale="en-GB")
    site.let_in(context, site.staff(*(roles or (Role.FINANCE,))))
    page = context.new_page()
    page.set_default_timeout(15_000)
    return context, page


def confirm(browser: Browser, site: Served) -> None:
    """Says yes to what waits, as a second person."""
    context, page = desk(browser, site)
    page.goto(f"{site.address}/merchant/approvals?status=PENDING")
    page.get_by_role("button", name="Confirm").first.click()
    expect(page.get_by_text("Nothing pending")).to_be_visible()
    context.close()


def test_a_statement_is_seen_accepted_and_paid(browser: Browser, sites: dict[str, Served]) -> None:
    north, harbor, operator = (sites[name] for name in ("northstar", "harbor", "operator"))
    spend_at_harbor(north, harbor)
    harbor_context, clerk = desk(browser, harbor)
    clerk.goto(f"{harbor.address}/merchant/settlement")
    row = clerk.get_by_role("region", name="By merchant").get_by_role("row").filter(has_text="北辰书店")
    expect(row.get_by_role("cell").first).to_have_text(OWED)
    window_id = close(operator, north, harbor)

    clerk.goto(f"{harbor.address}/merchant/settlement")
    clerk.get_by_role("link", name=f"Window {window_id}", exact=True).click()
    expect(clerk.locator(".total")).to_have_text(f"+{OWED}")
    expect(clerk.get_by_role("row").filter(has_text="Redeemed").filter(has_text="250")).to_contain_text(OWED)
    clerk.get_by_role("button", name="Accept the statement").click()
    expect(clerk.get_by_text("Accepted on")).to_be_visible()

    north_context, payer = desk(browser, north)
    payer.goto(f"{north.address}/merchant/settlement/{window_id}")
    expect(payer.locator(".total")).to_have_text(f"−{OWED}")
    payer.get_by_role("button", name="Accept the statement").click()
    expect(payer.get_by_text("Accepted on")).to_be_visible()
    payer.get_by_label("Reference of the bank’s payment").fill("bank-4711")
    payer.get_by_role("button", name="We have paid").click()
    expect(payer.get_by_text("This needs a second person.")).to_be_visible()
    confirm(browser, north)
    payer.reload()
    expect(payer.get_by_text("bank-4711")).to_be_visible()
    harbor.gateway.projection.wait_for_block(north.gateway.projection.position().block_number, 30)

    clerk.reload()
    clerk.get_by_role("button", name="The money is there").click()
    expect(clerk.get_by_text("This needs a second person.")).to_be_visible()
    confirm(browser, harbor)
    clerk.reload()
    expect(clerk.get_by_text("Confirmed on")).to_be_visible()
    expect(clerk.get_by_text("Settled", exact=True)).to_be_visible()
    files_hold_the_entries(clerk, f"{harbor.address}/merchant/settlement/{window_id}/entries")
    for context in (harbor_context, north_context):
        context.close()


def asked_for(browser: Browser, site: Served, page: Page, button: str) -> None:
    """Presses a button whose deed a second person confirms, and sees the page as it is then."""
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("This needs a second person.")).to_be_visible()
    confirm(browser, site)
    page.reload()


def test_a_part_is_rejected_and_another_corrected_by_both(browser: Browser, sites: dict[str, Served]) -> None:
    north, harbor, operator = (sites[name] for name in ("northstar", "harbor", "operator"))
    spend_at_harbor(north, harbor)
    window_id = close(operator, north, harbor)
    for site in (north, harbor):
        statement = site.gateway.projection.settlement.statement(window_id, site.org).statement
        site.carry_out(
            "AcceptStatement", f"accept-{window_id}", {"sha256": statement["sha256"], "window_id": window_id}
        )
    paths = {site: f"{site.address}/merchant/settlement/{window_id}" for site in (north, harbor)}
    north_context, payer = desk(browser, north)
    harbor_context, clerk = desk(browser, harbor)

    payer.goto(paths[north])
    expect(payer.get_by_label("Amount paid")).to_have_value("2.50")
    payer.get_by_label("Amount paid").fill("1.00")
    payer.get_by_label("Reference of the bank’s payment").fill("bank-1")
    asked_for(browser, north, payer, "We have paid")
    expect(payer.get_by_label("Amount paid")).to_have_value("1.50")

    clerk.goto(paths[harbor])
    clerk.get_by_text("It is not there, or not so").click()
    clerk.get_by_label("Reason").select_option(label="Another amount came")
    asked_for(browser, harbor, clerk, "Reject")
    expect(clerk.get_by_text("Another amount came")).to_be_visible()

    by_payer = {"payee_msp": "harbor", "reference": "bank-2", "window_id": window_id}
    north.carry_out("RecordPayment", f"part-{window_id}", {**by_payer, "amount_minor": 200})
    by_payee = {"payer_msp": "northstar", "reference": "bank-2", "window_id": window_id}
    receipt = harbor.carry_out("ConfirmPayment", f"part-{window_id}", by_payee)
    for site in (north, harbor):
        site.gateway.projection.wait_for_block(receipt.block_number, 30)
    clerk.reload()
    clerk.get_by_text("This was recorded wrongly").click()
    clerk.get_by_label("Right amount").fill("1.20")
    asked_for(browser, harbor, clerk, "Ask for the correction")
    expect(clerk.get_by_role("button", name="Withdraw the correction")).to_be_visible()
    north.gateway.projection.wait_for_block(harbor.gateway.projection.position().block_number, 30)
    payer.reload()
    asked_for(browser, north, payer, "Agree to the correction")
    expect(payer.get_by_text("corrected by both")).to_be_visible()
    expect(payer.get_by_label("Amount paid")).to_have_value("1.30")
    for context in (harbor_context, north_context):
        context.close()


@pytest.mark.parametrize(
    ("language", "ours", "button", "waiting", "refused", "cap"),
    [
        ("en-GB", "What we may come to owe", "Set the limit", "This needs a second person.", "in use", "123.45"),
        ("zh-CN", "本商户授予的额度", "设定额度", "此操作需要复核", "不得低于", "67.80"),
    ],
)
def test_a_limit_is_one_number_and_never_less_than_is_in_use(
    browser: Browser,
    sites: dict[str, Served],
    language: str,
    ours: str,
    button: str,
    waiting: str,
    refused: str,
    cap: str,
) -> None:
    north, harbor = sites["northstar"], sites["harbor"]
    spend_at_harbor(north, harbor)
    context = browser.new_context(locale=language)
    north.let_in(context, north.staff(Role.FINANCE))
    page = context.new_page()
    page.goto(f"{north.address}/merchant/limits")
    row = page.get_by_role("region", name=ours).get_by_role("row").filter(has_text="海港唱片")
    asking = f"{north.address}/api/v1/queries/get-limit?acceptor_msp=harbor&issuer_msp=northstar"
    before = page.request.get(asking).json()
    assert before["owed_millionths"] >= POINTS * 10_000
    expect(row.get_by_role("cell").nth(2)).to_contain_text(f"{before['owed_millionths'] / 10**6:,.2f}")

    def asked(cap: str, cover: str) -> None:
        page.locator("[name='args.limits.0.acceptor_msp']").select_option("harbor")
        page.locator("[name='args.limits.0.cap_millionths']").fill(cap)
        page.locator("[name='args.limits.0.cover_millionths']").fill(cover)
        page.get_by_role("button", name=button).click()

    asked(cap, "0.01")
    form = page.locator("form").filter(has=page.get_by_role("button", name=button))
    expect(form.locator("[data-outcome]")).to_contain_text(refused)
    page.reload()
    asked(cap, "99.99")
    expect(page.get_by_text(waiting)).to_be_visible()
    confirm(browser, north)
    page.reload()
    expect(row.get_by_role("cell").nth(0)).to_contain_text(cap)
    expect(row.get_by_role("cell").nth(1)).to_contain_text("99.99")
    context.close()


def files_hold_the_entries(page: Page, address: str) -> None:
    """Both files have the entry, with its value as a number."""
    answer = page.request.get(f"{address}.csv")
    assert "attachment" in answer.headers["content-disposition"]
    (row,) = list(csv.DictReader(io.StringIO(answer.text().removeprefix("\ufeff"))))
    assert (row["issuer"], row["points"], float(row["value"])) == ("北辰书店", str(POINTS), 2.5)
    sheet = load_workbook(io.BytesIO(page.request.get(f"{address}.xlsx").body())).active
    assert sheet is not None
    header, line, *_ = list(sheet.iter_rows(values_only=True))
    assert dict(zip(header, line, strict=True))["Value (− we owe)"] == 2.5


def test_what_is_no_window_is_not_found(browser: Browser, sites: dict[str, Served]) -> None:
    context, page = desk(browser, sites["harbor"])
    answer = page.goto(f"{sites['harbor'].address}/merchant/settlement/999")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("."))
    context.close()
