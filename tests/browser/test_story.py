"""The story by its pages: on the embedded ledger, and on a real Fabric network."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.site import Served, on_fabric
from tests.browser.story import Story, tell

pytestmark = pytest.mark.browser
ORGS = ("northstar", "harbor", "operator")


def test_on_the_embedded_ledger(browser: Browser, sites: dict[str, Served]) -> None:
    tell(Story(browser, sites, {org: site.gateway.settings.folder / "letters.txt" for org, site in sites.items()}))


@pytest.mark.fabric
@pytest.mark.timeout(600)
def test_on_real_fabric(browser: Browser, tmp_path: Path) -> None:
    with on_fabric(tmp_path, ORGS) as places:
        tell(Story(browser, places, {org: tmp_path / "gateways" / org / "letters.txt" for org in ORGS}))
