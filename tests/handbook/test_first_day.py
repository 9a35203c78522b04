"""The first day of a consortium, as the handbook tells it: from an empty folder to a statement, on a real network with
two gateways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from network.journeys.local import LocalNetwork
from tests.handbook.follower import Follower
from tests.handbook.guide import steps

HANDBOOK = Path(__file__).parents[2] / "admin" / "handbook"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder, whose network is taken down by its own process ids whatever happened."""
    yield tmp_path
    network = LocalNetwork(tmp_path / "network")
    if network.folder.marker.is_file():
        network.down()


@pytest.mark.fabric
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_the_page_leads_from_an_empty_folder_to_a_statement(browser: Browser, folder: Path) -> None:
    follower = Follower(browser, folder, HANDBOOK / "first-day.md")
    try:
        follower.follow()
    finally:
        follower.leave()


def test_a_step_that_is_not_understood_is_no_step_that_is_passed_over() -> None:
    for text in ("- look at the sky", "- **A label** without a value", "```python\nprint()\n```"):
        with pytest.raises(AssertionError, match="line 1"):
            list(steps(text))


def test_every_command_of_the_page_is_followed() -> None:
    found = list(steps((HANDBOOK / "first-day.md").read_text("utf-8")))
    text = (HANDBOOK / "first-day.md").read_text("utf-8")
    assert sum(step.kind in ("run", "terminal") for step in found) == sum(
        line.startswith("jifen ") for line in text.splitlines()
    )
    assert sum(
        step.kind not in ("run", "terminal", "file", "who", "message", "printed") for step in found
    ) == text.count("\n- ")
