"""Enrol, earn, send, spend at another merchant, get back, settle: through HTTP alone, on the embedded ledger and on real Fabric."""

from __future__ import annotations

from pathlib import Path

import pytest

from network.journeys.local import running_network
from tests.scenes.consortium import ORGS
from tests.scenes.gateways import running_gateways
from tests.scenes.networks import declaration_text
from tests.system.http_story import tell


def test_the_story_on_the_embedded_ledger(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    with running_gateways(tmp_path / "gateways", ORGS, "embedded", ledger, replay=False) as gateways:
        story = tell(gateways)
    assert story.statements["harbor"]["statement"]["content"]["net_minor"] == 60


@pytest.mark.fabric
def test_the_story_on_real_fabric(tmp_path: Path) -> None:
    with (
        running_network(declaration_text(), tmp_path / "network"),
        running_gateways(tmp_path / "gateways", ORGS, "fabric", tmp_path / "network", replay=False) as gateways,
    ):
        story = tell(gateways)
    assert story.statements["northstar"]["statement"]["content"]["net_minor"] == -60
