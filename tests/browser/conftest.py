"""A real browser (Debian's Chromium through Playwright), and gateways with pages for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gateway.pages.frame.sections import MEMBER, MERCHANT, OPERATOR, PUBLIC, STAFF
from gateway.security.principals import Role
from tests.browser.settlement import spend_at_harbor
from tests.scenes.consortium import open_consortium
from tests.scenes.sites import Served, consortium

ORGS = ("northstar", "harbor", "operator")
expect.set_options(timeout=20_000)
"""On a busy machine an answer takes its time; what is wrong stays wrong."""


@pytest.fixture(scope="session")
def opened_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded ledger with the open consortium."""
    file = tmp_path_factory.mktemp("pages") / "ledger.sqlite"
    open_consortium(file)
    return file


@pytest.fixture(scope="module")
def sites(opened_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """Gateways of two merchants and of the operator on a ledger of the module's own."""
    folder = tmp_path_factory.mktemp("sites")
    file = folder / "ledger" / "ledger.sqlite"
    file.parent.mkdir()
    shutil.copy(opened_ledger, file)
    with consortium(folder, file, *ORGS) as found:
        yield found


@pytest.fixture(scope="module")
def viewers(sites: dict[str, Served]) -> dict[str, tuple[str, dict[str, str] | None]]:
    """Who looks at which audience's pages: the gateway's address, and her cookie."""
    north, operator = sites["northstar"], sites["operator"]
    email, key = north.wallet("everywhere")
    north.takes(key, "northstar", 7, "order-1")
    spent = spend_at_harbor(north, sites["harbor"])
    dispute = {"evidence_sha256": "ab" * 32, "reason": "FRAUD", "redemption_id": spent}
    north.carry_out("OpenDispute", "everywhere-dispute", dispute)
    admin = north.staff(*Role)
    north.webhook(admin)
    return {
        PUBLIC: (north.address, None),
        MEMBER: (north.address, north.cookie(email)),
        STAFF: (north.address, north.cookie(admin)),
        MERCHANT: (north.address, north.cookie(admin)),
        OPERATOR: (operator.address, operator.cookie(operator.staff(*Role))),
    }


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody's own: cookies, storage, and what went wrong in it, which fails the test."""
    made = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    made.on("weberror", lambda error: faults.append(str(error.error)))
    made.on(
        "console",
        lambda message: (
            faults.append(message.text) if message.type == "error" and "status of 4" not in message.text else None
        ),
    )
    yield made
    made.close()
    assert not faults, faults


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page in it."""
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    return opened
