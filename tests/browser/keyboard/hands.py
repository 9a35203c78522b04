"""What hands do on a keyboard, and what must hold after each thing they do. Nothing here clicks, fills or chooses by another way than keys."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

TABS_MAX = 120
WAY = """
(goal) => {
  const here = document.activeElement;
  if (here === goal) return 0;
  return here.compareDocumentPosition(goal) & Node.DOCUMENT_POSITION_PRECEDING ? -1 : 1;
}
"""
"""Where the goal stands from the focus: behind it (1), before it (-1), or it has the focus (0)."""


def begin(page: Page, address: str) -> None:
    """Opens a page and passes its menu by the first link that Tab finds."""
    page.goto(address)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def reach(page: Page, goal: Locator) -> None:
    """Presses Tab, or Shift+Tab for what stands before, until the goal has the focus, which must be seen."""
    expect(goal).to_be_visible()
    first = way = goal.evaluate(WAY)
    for _ in range(TABS_MAX):
        if way != first or not way:
            break
        page.keyboard.press("Tab" if way > 0 else "Shift+Tab")
        way = goal.evaluate(WAY)
    assert not way, f"{goal} is not reached by Tab"
    assert goal.evaluate("(one) => one.matches(':focus-visible')"), f"the focus on {goal} is not seen"


def press(page: Page, button: Locator, key: str = "Enter") -> None:
    """Goes to a button or a link and presses a key there."""
    reach(page, button)
    page.keyboard.press(key)


def write(page: Page, field: Locator, text: str) -> None:
    """Goes to a field and types over what stands there."""
    reach(page, field)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
    expect(field).to_have_value(text)


def choose(page: Page, field: Locator, option: str) -> None:
    """Goes to a choice and takes the option of these words with the arrow keys."""
    reach(page, field)
    names = [" ".join(one.split()) for one in field.locator("option").all_text_contents()]
    steps = names.index(option) - int(field.evaluate("(one) => one.selectedIndex"))
    for _ in range(abs(steps)):
        page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
    expect(field.locator("option:checked")).to_have_text(option)


def tick(page: Page, box: Locator) -> None:
    """Goes to a box and turns it over."""
    reach(page, box)
    before = box.is_checked()
    page.keyboard.press("Space")
    expect(box).to_be_checked(checked=not before)


def told(page: Page, text: str | re.Pattern[str]) -> None:
    """A live region says it, one that those who do not see the page hear, and the focus is somewhere."""
    said = page.get_by_role("status").or_(page.get_by_role("alert")).filter(has_text=text)
    expect(said.first).to_be_visible()
    placed(page)


def beside(field: Locator, text: str) -> None:
    """A field says what is wrong with it, to those who hear it as well, and has the focus."""
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile(re.escape(text)))


def placed(page: Page) -> None:
    """The focus is on something: who presses Tab goes on from there."""
    expect(page.locator("body :focus")).to_have_count(1)


def sign(page: Page, passphrase: str) -> None:
    """Signs what the window says; the window takes the focus by itself."""
    field = page.get_by_role("dialog").get_by_label("Passphrase of your key")
    expect(field).to_be_focused()
    page.keyboard.type(passphrase)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
