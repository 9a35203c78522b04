"""For all tests: what needs a real network runs last, so that quick failures show first."""

from __future__ import annotations

import signal

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Asked to end, a run still takes down the networks, gateways and databases that it brought up."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, those on real networks after them, browsers at the end; otherwise in their own order."""
    items.sort(key=lambda item: [item.get_closest_marker(name) is not None for name in ("browser", "fabric")])
