"""Blocks of configuration are for everybody, and no others are."""

from __future__ import annotations

import flask.testing
import pytest

from gateway.services.gateway import Gateway


def test_a_block_whose_calls_did_not_count_is_no_configuration(
    gateway: Gateway, client: flask.testing.FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that was marked invalid leaves no operation in the tables, and its arguments in the block all the same."""
    newest = gateway.runtime.call(gateway.ledger.height()) - 1
    assert client.get(f"/api/v1/classes?at_least_block={newest}").status_code == 200
    monkeypatch.setattr(gateway.projection.origins, "has_operations", lambda block_number: False)
    assert client.get(f"/api/v1/ledger/blocks/{newest}/evidence").status_code == 200
    assert client.get(f"/api/v1/ledger/configuration/{newest}").status_code == 404
