"""The open books: anybody sees what is outstanding, and her browser follows the chain by itself."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.scenes.sites import Served

pytestmark = pytest.mark.browser


def test_anybody_sees_what_is_outstanding_and_how_it_comes_about(page: Page, sites: dict[str, Served]) -> None:
    site = sites["northstar"]
    site.wallet(f"books{secrets.token_hex(3)}", points=1234)
    page.goto(site.address)
    page.get_by_role("link", name="Open books", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Open books")
    row = page.get_by_role("row").filter(has=page.locator('a[href="/points/northstar"]'))
    supply = page.request.get(f"{site.address}/api/v1/classes/northstar").json()
    expect(row).to_contain_text(f"{supply['outstanding']:,}")
    row.get_by_role("link").click()
    expect(page.locator(".pairs")).to_contain_text(f"{supply['issued']:,}")
    expect(page.get_by_role("img", name="Points outstanding, by day")).to_be_visible()
    page.get_by_label("Time").select_option("90")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"span=90"))
    expect(page.get_by_role("row").last).to_contain_text(f"{supply['outstanding']:,}")


def test_her_browser_follows_the_chain_and_remembers_it(page: Page, sites: dict[str, Served]) -> None:
    site = sites["northstar"]
    page.goto(f"{site.address}/points")
    result = page.locator("[data-chain-result]")
    page.get_by_role("button", name="Check the chain now").click()
    expect(result).to_contain_text("The chain of blocks is whole")
    expect(result).to_contain_text("This is the first visit with this browser")
    others = page.context.new_page()
    others.goto(f"{sites['harbor'].address}/points")
    others.get_by_role("button", name="Check the chain now").click()
    expect(others.locator("[data-chain-result] dd").first).to_have_text(result.locator("dd").first.inner_text())
    page.get_by_role("button", name="Check the chain now").click()
    expect(result).to_contain_text("are still the same")


def test_a_chain_with_a_broken_link_is_found_out(page: Page, sites: dict[str, Served]) -> None:
    site = sites["northstar"]

    def lie(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        document = answer.json()
        if len(document["headers"]) > 1:
            document["headers"][1]["data_hash"] = "0" * 64
        route.fulfill(response=answer, json=document)  # type: ignore[attr-defined]

    page.route("**/ledger/headers?*", lie)
    page.goto(f"{site.address}/points")
    page.get_by_role("button", name="Check the chain now").click()
    expect(page.locator("[data-chain-result]")).to_contain_text("The proof does not hold")


def test_a_class_that_is_not_there_is_a_page(page: Page, sites: dict[str, Served]) -> None:
    answer = page.goto(f"{sites['northstar'].address}/points/nothing")
    assert answer is not None
    assert answer.status == 404
