"""A gateway that serves in a process of its own, with an API key for everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from admin.gateways import ALONE, RunningGateway, make_gateway, serving
from tests.scenes.consortium import open_consortium

LOOPBACK = {
    **ALONE,
    "JIFEN_GATEWAY_WEBHOOKS__ALLOW_PRIVATE_ADDRESSES": "true",
    "JIFEN_GATEWAY_WEBHOOKS__ALLOW_HTTP": "true",
}
"""The webhooks of these tests go to loopback."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """northstar's gateway on an embedded ledger with the demo's open consortium."""
    folder = tmp_path_factory.mktemp("served")
    ledger: Path = folder / "ledger"
    ledger.mkdir()
    open_consortium(ledger / "ledger.sqlite")
    key = make_gateway(folder / "gateway", "northstar", "embedded", ledger, replay=False, environment=LOOPBACK)
    with serving(folder / "gateway", "northstar", key, LOOPBACK) as running:
        yield running
