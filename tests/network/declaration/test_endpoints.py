"""Hosts and ports as data, and the one place that knows the loopback."""

from __future__ import annotations

from pathlib import Path

import pytest

from network.declaration.endpoints import Endpoint, certificate_names, parse_endpoint

ROOM = Path(__file__).parents[3] / "network"


def test_only_one_module_knows_the_loopback() -> None:
    knowing = [
        str(file.relative_to(ROOM))
        for file in ROOM.rglob("*.py")
        if any(word in file.read_text("utf-8") for word in ("127.0.0.1", "localhost"))
    ]
    assert knowing == ["declaration/endpoints.py"]


def test_an_endpoint_is_written_and_read_as_host_and_port() -> None:
    endpoint = Endpoint("peer0.harbor.example", 7051)
    assert str(endpoint) == "peer0.harbor.example:7051"
    assert parse_endpoint(str(endpoint)) == endpoint
    assert endpoint.url("/metrics", "http") == "http://peer0.harbor.example:7051/metrics"
    assert certificate_names("peer0.harbor.example", "10.0.0.7")[-1] == "10.0.0.7"
    with pytest.raises(ValueError, match="invalid literal"):
        parse_endpoint("peer0.harbor.example")
