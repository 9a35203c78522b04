"""The story by its pages: on the embedded ledger, and on a real Fabric network."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.story import BrowserStory, tell
from tests.scenes.sites import consortium, on_fabric

pytestmark = pytest.mark.browser
ORGS = ("northstar", "harbor", "lotus", "operator")


@pytest.mark.timeout(600)
def test_on_the_embedded_ledger(browser: Browser, opened_ledger: Path, tmp_path: Path) -> None:
    file = tmp_path / "ledger" / "ledger.sqlite"
    file.parent.mkdir()
    shutil.copy(opened_ledger, file)
    with consortium(tmp_path, file, *ORGS) as places:
        tell(BrowserStory(browser, places, {org: tmp_path / org / "letters.txt" for org in ORGS}))


@pytest.mark.long  # the handbook's first day goes through browsers on a real network in every run
@pytest.mark.fabric
@pytest.mark.timeout(600)
def test_on_real_fabric(browser: Browser, tmp_path: Path) -> None:
    with on_fabric(tmp_path, ORGS) as places:
        tell(BrowserStory(browser, places, {org: tmp_path / "gateways" / org / "letters.txt" for org in ORGS}))
