"""Who else is there: second persons, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from gateway.security.principals import Role
from tests.scenes.sites import Served

Desk = Callable[..., Page]
"""`desk(site, role, …)`: the page of a new account of the site's staff."""


@pytest.fixture
def desk(browser: Browser) -> Iterator[Desk]:
    """Opens pages of staff, each in a browser of its own."""
    with ExitStack() as stack:

        def opened(site: Served, *roles: Role) -> Page:
            context: BrowserContext = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
            stack.callback(context.close)
            site.let_in(context, site.staff(*roles))
            page = context.new_page()
            page.set_default_timeout(15_000)
            return page

        yield opened
