"""A running gateway on the embedded ledger, in turn on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask.testing
import pytest

from gateway.application import create_app
from gateway.services.gateway import Gateway
from gateway.settings import GatewaySettings, settings_from
from tests.scenes.checked_client import Everybody, JsonClient
from tests.scenes.consortium import place


def gateway_settings(
    folder: Path, ledger_file: Path, store_url: str, *, org: str = "northstar", people: Any = None, **more: Any
) -> GatewaySettings:
    """The settings of a gateway on an embedded ledger, which hashes passwords quickly, and more as a test needs it."""
    return settings_from(
        {
            "folder": folder,
            "org": org,
            "ledger": {"folder": str(ledger_file.parent)},
            "store": {"url": store_url},
            "secrets": {"key": "ab" * 32},
            "people": {"passwords": {"time_cost": 1, "memory_kibibytes": 64}, **(people or {})},
            **more,
        }
    )


@pytest.fixture
def gateway(store_url: str, ledger_file: Path, tmp_path: Path) -> Iterator[Gateway]:
    """northstar's gateway, started; everybody may do everything."""
    settings = gateway_settings(tmp_path, ledger_file, store_url)
    made = Gateway(settings, place(ledger_file, "northstar"), guard=Everybody())
    made.start()
    yield made
    made.stop()


@pytest.fixture
def impatient(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway waits for nothing longer than half a second."""
    http = gateway.settings.http.model_copy(update={"commit_wait_seconds": 0.5})
    monkeypatch.setattr(gateway, "settings", gateway.settings.model_copy(update={"http": http}))


@pytest.fixture
def client(gateway: Gateway) -> flask.testing.FlaskClient:
    """A client whose every answer is held against the OpenAPI document."""
    app = create_app(gateway.settings, gateway.place, gateway=gateway)
    app.test_client_class = JsonClient
    return app.test_client()
