"""A clerk explains each figure of a statement by clicking down to the receipt: figures are read off the pages and added up here."""

from __future__ import annotations

import re
import secrets
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from gateway.security.principals import Role
from tests.browser.settlement import close
from tests.scenes.sites import Served

pytestmark = pytest.mark.browser

ROUNDING = "Carried in and on by rounding"


def amount(text: str) -> Decimal:
    """What an amount of money says."""
    return Decimal(re.sub(r"[^0-9.\-]", "", text.replace("−", "-")))


def amounts(row: Locator) -> list[Decimal]:
    """The amounts in a row, from left to right."""
    return [amount(text) for text in row.get_by_role("cell").all_inner_texts()]


def window_with_fractions(north: Served, harbor: Served, operator: Served) -> int:
    """A closed window in which harbor's points, of 0.8 fen each, were spent and given back at northstar, and northstar's
    at harbor; its number."""
    _, ann = harbor.wallet(f"ann{secrets.token_hex(3)}", points=2000)
    _, lin = north.wallet(f"lin{secrets.token_hex(3)}", points=500)
    for points, order_ref in ((203, "A-1001"), (98, "A-1002")):
        paid = north.takes(ann, "harbor", points, order_ref)
    north.carry_out("Refund", secrets.token_hex(8), {"redemption_id": paid, "points": 17})
    harbor.takes(lin, "northstar", 55, "B-7")
    newest = harbor.gateway.projection.position().block_number
    operator.gateway.projection.wait_for_block(newest, 30)
    return close(operator, north, harbor)


def test_a_clerk_explains_each_figure_of_a_statement_by_clicking_down_to_the_receipt(
    page: Page, sites: dict[str, Served]
) -> None:
    north, harbor, operator = (sites[name] for name in ("northstar", "harbor", "operator"))
    window_id = window_with_fractions(north, harbor, operator)
    north.let_in(page.context, north.staff(Role.FINANCE))
    page.goto(f"{north.address}/merchant/settlement")
    page.get_by_label("Number of a window").fill(str(window_id))
    page.get_by_role("button", name="Show").click()
    matrix = page.get_by_role("region", name="By merchant")
    pair, total, rounding, settled = (
        amounts(matrix.get_by_role("row", name=name)) for name in ("海港唱片", "Sum", ROUNDING, "To be settled")
    )
    assert pair == total
    assert [one + other for one, other in zip(total, rounding, strict=True)] == settled
    assert settled[0] - settled[1] == settled[2]

    matrix.get_by_role("link", name=re.compile("What 海港唱片 owes us")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Window {window_id}")
    assert amount(page.locator(".total").inner_text()) == settled[2]
    for title, place in (("Others owe us", 0), ("We owe others", 1)):
        redeemed, refunded, moved, carried_in, carried_on, owed = amounts(
            page.get_by_role("region", name=title).get_by_role("row", name="海港唱片")
        )
        assert redeemed - refunded == pair[place]
        assert redeemed - refunded + moved + carried_in - carried_on == owed == settled[place]
        page.get_by_role("region", name=title).get_by_role("link", name="海港唱片").click()
        explained = entries_explained(page)
        assert sum(value for value in explained if (value > 0) == (place == 0)) == (
            redeemed if place == 0 else -redeemed
        )
        assert sum(explained) == (pair[0] if place == 0 else -pair[1])


def test_an_operator_explains_each_figure_of_the_matrix(page: Page, sites: dict[str, Served]) -> None:
    north, harbor, operator = (sites[name] for name in ("northstar", "harbor", "operator"))
    window_id = window_with_fractions(north, harbor, operator)
    operator.let_in(page.context, operator.staff(Role.FINANCE))
    page.goto(f"{operator.address}/operator/matrix?window={window_id}")
    for issuer, acceptor in (("海港唱片", "北辰书店"), ("北辰书店", "海港唱片")):
        cell = page.get_by_role("link", name=f"What {issuer} owes {acceptor}")
        owed = amount(cell.inner_text())
        cell.click()
        said = page.locator("#pair + dl dd").all_inner_texts()
        redeemed, refunded, moved, carried_in, carried_on, settled = map(amount, said)
        assert redeemed - refunded == owed
        assert redeemed - refunded + moved + carried_in - carried_on == settled
        rows = page.locator("#pair ~ table tbody tr")
        assert sum(amount(text) for text in rows.locator("td:nth-child(5)").all_inner_texts()) == owed
        transaction = rows.first.get_by_role("link")
        shown = transaction.inner_text()
        transaction.click()
        expect(page.get_by_role("row").filter(has_text=shown)).to_have_count(1)
        page.goto(f"{operator.address}/operator/matrix?window={window_id}")


def entries_explained(page: Page) -> list[Decimal]:
    """The values of the entries that the page lists, each held against its receipt, which is opened by a click."""
    rows = page.locator(".entries tbody tr")
    expect(rows.first).to_be_visible()
    found = []
    for number in range(rows.count()):
        row = rows.nth(number)
        value, link = amount(row.locator("td").nth(5).inner_text()), row.locator("td").nth(6).get_by_role("link")
        order_ref, transaction_id = row.locator("td").nth(2).inner_text(), link.get_attribute("title") or ""
        link.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Receipt {order_ref}")
        receipt_holds(page, abs(value), transaction_id)
        page.go_back()
        found.append(value)
    return found


def receipt_holds(page: Page, value: Decimal, transaction_id: str) -> None:
    """The receipt has the transaction, at this value; its parts add up, and the chain has it in the block that it names."""
    parts = page.get_by_role("region", name="What was paid").locator("tbody tr td:last-child").all_inner_texts()
    *values, total = map(amount, [*parts, page.locator("tfoot td").inner_text()])
    assert sum(values) == total
    card = page.locator("section.card").filter(has_text=transaction_id)
    said = dict(zip(card.locator("dt").all_inner_texts(), card.locator("dd").all_inner_texts(), strict=True))
    assert abs(amount(said["Worth"])) == value
    origin = page.url.partition("/merchant/")[0]
    (one,) = page.request.get(f"{origin}/api/v1/ledger/operations?transaction_id={transaction_id}").json()["items"]
    assert str(one["block_number"]) == said["Block"]
