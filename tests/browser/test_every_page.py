"""Every declared page, as whoever it is for, in both languages and both themes: no barrier that axe knows of, nothing from elsewhere, no sideways scrolling on a phone,
not more than it may weigh, and nothing that jumps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request

from admin.tools.screenshots.catalogue import FILES, declared, filled
from gateway.pages.frame.language import LANGUAGES, TAGS
from gateway.pages.frame.sections import MEMBER, PUBLIC, DeclaredPage
from tests.browser.viewers import asking, open_as

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 780}
FIRST_PAGE_BYTES_MAX = 100_000
SHIFT_MAX = 0.01
AXE = Axe()
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
SIZES = """
() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind)).filter((one) => one.initiatorType !== "eventsource")
  .map((one) => one.encodedBodySize)
"""
"""What a page and all that it loads weigh on the way."""
UNGUARDED = """
() => [
  ...document.querySelectorAll("script:not([integrity]), link[rel=stylesheet]:not([integrity]), [style], style"),
  ...[...document.querySelectorAll("*")].filter((one) => one.getAttributeNames().some((name) => name.startsWith("on"))),
].map((one) => one.outerHTML.slice(0, 200))
"""
"""Scripts and styles without integrity, inline ones, and handlers in attributes."""
SHIFT = """
() => new Promise((resolve) => {
  let shift = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value; })
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => resolve(shift), 50));
})
"""


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone whose cookies each test sets."""
    made = browser.new_context(viewport=PHONE, locale="en-GB")  # type: ignore[arg-type]
    yield made
    made.close()


@pytest.mark.parametrize("declared_page", declared(), ids=lambda page: page.name)
def test_the_page_keeps_nobody_out(
    declared_page: DeclaredPage, phone: BrowserContext, viewers: dict[str, tuple[str, dict[str, str] | None]]
) -> None:
    place = viewers[declared_page.section.audience]
    page = phone.new_page()
    foreign: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: _note_foreign(request, place[0], foreign))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    try:
        for language in LANGUAGES:
            open_as(phone, place, language, "light")
            path = filled(declared_page, asking(phone, place[0]))
            answer = page.goto(place[0] + path, wait_until="load")
            assert answer is not None
            assert answer.status == 200, (path, answer.status)
            assert page.locator("html").get_attribute("lang") == TAGS[language]
            for theme in ("light", "dark"):
                page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
                found = AXE.run(page, options=WCAG).response["violations"]
                assert not found, (language, theme, path, _told(found))
            assert page.evaluate(UNGUARDED) == [], path
            assert "script-src 'self';" in answer.headers["content-security-policy"], path
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["width"], (path, language, width)
            assert page.evaluate(SHIFT) <= SHIFT_MAX, (path, language)
    finally:
        page.close()
    assert not foreign, foreign
    assert not faults, faults


def _note_foreign(request: Request, address: str, foreign: list[str]) -> None:
    if not request.url.startswith((address + "/", "data:", "blob:")):
        foreign.append(request.url)


def _told(violations: list[dict[str, Any]]) -> str:
    return json.dumps([(one["id"], [node["html"][:200] for node in one["nodes"]][:5]) for one in violations])


def test_every_page_has_an_address_to_look_at() -> None:
    names = [page.name for page in declared()]
    assert len(names) == len(set(names))
    assert FILES


@pytest.mark.parametrize("path", ["/", "/wallet"])
def test_the_first_page_is_light(
    path: str, browser: Browser, viewers: dict[str, tuple[str, dict[str, str] | None]]
) -> None:
    context = browser.new_context()
    place = viewers[MEMBER if path == "/wallet" else PUBLIC]
    open_as(context, place, "zh", "auto")
    page: Page = context.new_page()
    page.goto(place[0] + path, wait_until="load")
    sizes = page.evaluate(SIZES)
    context.close()
    assert len(sizes) >= 5
    assert sum(sizes) <= FIRST_PAGE_BYTES_MAX, sum(sizes)
