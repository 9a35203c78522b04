"""The story on an embedded ledger: what the tests of verification look at and tamper with."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from gateway.ledger.adapters.embedded import EmbeddedHost, EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from tests.system.story import ALICE, DAY, Story

IDENTITIES = (
    ("operator", "admin"),
    ("operator", "gateway"),
    ("northstar", "gateway"),
    ("harbor", "gateway"),
    *((org, "admin") for org in ("northstar", "harbor")),
)


async def told(file: Path) -> None:
    """Tells the story to a new embedded ledger, and goes on so that there are points, some of them held."""
    host = EmbeddedHost(file)
    ledgers = {(org, role): EmbeddedLedger(host, embedded_identity(org, role)) for org, role in IDENTITIES}
    story = Story(dict(ledgers))
    await story.tell()
    for points in (800, 90):
        await story.do("northstar", "Issue", {"address": ALICE.address, "class_id": "north", "points": points})
    reservation = {
        "acceptor_msp": "harbor",
        "class_ids": ["north"],
        "expires_at": story.now + DAY,
        "order_ref": "till",
        "points": 30,
    }
    await story.do("northstar", "Hold", reservation, ALICE)
    approval = {"class_id": "north", "points": 5, "spender": ALICE.address}
    await story.do("northstar", "Approve", approval, ALICE)
    for ledger in ledgers.values():
        await ledger.close()


@pytest.fixture(scope="session")
def told_story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the ledger, to be copied."""
    folder = tmp_path_factory.mktemp("story")
    asyncio.run(told(folder / "ledger.sqlite"))
    return folder


@pytest.fixture
def ledger_folder(told_story: Path, tmp_path: Path) -> Path:
    """A copy of the ledger's folder, to be tampered with."""
    return Path(shutil.copytree(told_story, tmp_path / "ledger"))
