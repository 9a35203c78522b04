"""Settlement in a real browser: what a window comes to, the statement seen and accepted, paid and confirmed with second persons, and its files."""

from __future__ import annotations

import csv
import io
import re
import secrets

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, Page, expect

from admin.vectors.world import PLACE
from gateway.access.principals import Role
from gateway.submissions.outcomes import Committed
from tests.browser.site import Served
from tests.gateway.consortium import operation

pytestmark = pytest.mark.browser

POINTS = 250
OWED = "CN¥2.50"


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


def spend_at_harbor(north: Served, harbor: Served) -> None:
    """A member of northstar's pays at harbor with northstar's points."""
    _, key = north.wallet(f"settling{secrets.token_hex(3)}", points=300)
    args = {"acceptor_msp": "harbor", "class_ids": ["northstar"], "order_ref": "o-1", "points": POINTS}
    redeemed = key.authorise(operation("Redeem", secrets.token_hex(8), args), PLACE)
    done = harbor.gateway.submissions.carry_out(redeemed, wait_seconds=30)
    assert isinstance(done, Committed)
    assert done.receipt.block_number is not None
    for site in (north, harbor):
        site.gateway.projection.wait_for_block(done.receipt.block_number, 30)


def close(operator: Served, *sites: Served) -> int:
    """Cuts and closes the open window; its number."""
    window_id = len(operator.gateway.projection.settlement.windows().items) + 1
    operator.carry_out("CutWindow", secrets.token_hex(8), {"window_id": window_id})
    receipt = operator.carry_out("CloseWindow", secrets.token_hex(8), {"window_id": window_id})
    for site in sites:
        site.gateway.projection.wait_for_block(receipt.block_number, 30)
    return window_id


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


def files_hold_the_entries(page: Page, address: str) -> None:
    """Both files have the entry, with its value as a number."""
    answer = page.request.get(f"{address}.csv")
    assert "attachment" in answer.headers["content-disposition"]
    (row,) = list(csv.DictReader(io.StringIO(answer.text().removeprefix("\ufeff"))))
    assert (row["issuer"], row["points"], float(row["value"])) == ("北辰书店", str(POINTS), 2.5)
    sheet = load_workbook(io.BytesIO(page.request.get(f"{address}.xlsx").body())).active
    assert sheet is not None
    header, line = list(sheet.iter_rows(values_only=True))
    assert dict(zip(header, line, strict=True))["value"] == 2.5


def test_what_is_no_window_is_not_found(browser: Browser, sites: dict[str, Served]) -> None:
    context, page = desk(browser, sites["harbor"])
    answer = page.goto(f"{sites['harbor'].address}/merchant/settlement/999")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("."))
    context.close()
