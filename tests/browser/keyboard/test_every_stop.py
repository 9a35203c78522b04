"""Every declared page by Tab alone: all that can be used is reached, in the order of the page and with a focus that is seen; nothing holds the focus; what is said aloud has its place from the start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from admin.tools.screenshots.catalogue import declared, filled
from gateway.pages.frame.sections import MEMBER, MERCHANT, OPERATOR, PUBLIC, STAFF
from tests.browser.viewers import asking, open_as

pytestmark = pytest.mark.browser

PARTS_OF_A_DATE = 4
"""A date's field has three parts and a button, each a stop of its own."""
WATCH = """
() => {
  const POSSIBLE = "a[href], button, input, select, textarea, summary, [tabindex]";
  const group = (one) => (one.type === "radio" ? [...document.getElementsByName(one.name)].filter((other) => other.form === one.form) : [one]);
  const face = (one) => (one.matches(".unseen") ? one.labels[0] : one); // a field that is only heard shows its focus on its label
  const mark = (one) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(face(one));
    const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && !/^rgba.*, 0\\)$/.test(outlineColor);
    return `${outlined ? outlineColor : ""}${boxShadow}`;
  };
  const inSight = (one) => [...face(one).getClientRects()].some((box) => {
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    if (left >= right || top >= bottom) return false;
    const within = (share, from, to) => from + (to - from) * share;
    const shares = [0.1, 0.5, 0.9];
    return shares.some((x) => shares.some((y) => face(one).contains(document.elementFromPoint(within(x, left, right), within(y, top, bottom)))));
  });
  const name = (one) => one.outerHTML.replace(/\\s+/g, " ").slice(0, 120);
  for (const one of document.querySelectorAll("details")) one.open = true;
  const start = document.createElement("span");
  start.tabIndex = -1;
  document.body.prepend(start);
  start.focus();
  const usable = [...document.querySelectorAll(POSSIBLE)].filter((one) => one.tabIndex >= 0 && one.type !== "hidden" && !one.matches(":disabled") && one.checkVisibility({ visibilityProperty: true }));
  const wanted = usable.filter((one) => group(one)[0] === one);
  const resting = new Map(usable.map((one) => [one, mark(one)]));
  const stops = [];
  addEventListener("keyup", (event) => {
    const one = document.activeElement;
    if (event.key !== "Tab" || stops.at(-1)?.one === one) return;
    const marked = resting.has(one) && mark(one) !== resting.get(one) && mark(one) !== "none";
    stops.push({ one, marked, inSight: one !== document.body && inSight(one) });
  }, true);
  window.ended = () => {
    const places = stops.map(({ one }) => (one === document.body ? "body" : wanted.indexOf(group(one)[0])));
    const round = places.findIndex((place, index) => place === "body" || (index > 0 && place === 0));
    const walk = round < 0 ? stops : stops.slice(0, round);
    const reached = new Set(walk.map(({ one }) => group(one)[0]));
    return {
      missed: wanted.filter((one) => !reached.has(one)).map(name),
      strange: walk.filter(({ one }) => !wanted.includes(group(one)[0])).map(({ one }) => name(one)),
      disordered: walk.filter(({ one }, index) => index && !(walk[index - 1].one.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING)).map(({ one }) => name(one)),
      unmarked: walk.filter(({ marked }) => !marked).map(({ one }) => name(one)),
      hidden: walk.filter((stop) => !stop.inSight).map(({ one }) => name(one)),
      held: round < 0 ? stops.slice(-1).map(({ one }) => name(one)) : [],
    };
  };
  return { count: wanted.length, dates: wanted.filter((one) => ["date", "time", "datetime-local", "month"].includes(one.type)).length };
}
"""
"""Takes down where Tab leads; `ended()` says what was wrong with it."""
UNHEARD = """
() => [...document.querySelectorAll("[role=status], [role=alert], [aria-live]")]
  .filter((one) => !one.checkVisibility() && (one.parentElement.checkVisibility() || one.parentElement === document.body))
  .map((one) => one.outerHTML.slice(0, 120))
"""
"""Places for what is said that come into being only with the words: a screen reader does not hear those."""


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A browser whose cookies each test sets."""
    made = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    yield made
    made.close()


def walked(page: Page) -> dict[str, list[str]]:
    """Goes through the page by Tab until the focus has come round, and says what was wrong."""
    found = page.evaluate(WATCH)
    for _ in range(found["count"] + (PARTS_OF_A_DATE - 1) * found["dates"] + 2):
        page.keyboard.press("Tab")
    wrong: dict[str, list[str]] = page.evaluate("ended()")
    return {**wrong, "unheard": page.evaluate(UNHEARD)}


@pytest.mark.parametrize("audience", [PUBLIC, MEMBER, STAFF, MERCHANT, OPERATOR])
def test_tab_leads_to_everything_and_round(
    audience: str, reader: BrowserContext, viewers: dict[str, tuple[str, dict[str, str] | None]]
) -> None:
    place = viewers[audience]
    open_as(reader, place, "en", "light")
    ask = asking(reader, place[0])
    pages = [one for one in declared() if one.section.audience == audience]
    assert pages
    page = reader.new_page()
    faults: dict[str, Any] = {}
    for one in pages:
        page.goto(place[0] + filled(one, ask), wait_until="load")
        expect(page.locator("[data-proof-result] .loading")).to_have_count(0)
        wrong = {kind: names for kind, names in walked(page).items() if names}
        if wrong:
            faults[one.name] = wrong
    page.close()
    assert not faults, json.dumps(faults, indent=1, ensure_ascii=False)
