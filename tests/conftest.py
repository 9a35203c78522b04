"""For all tests: what needs a real network runs last, so that quick failures show first."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, those on real networks after them, browsers at the end; otherwise in their own order."""
    items.sort(key=lambda item: [item.get_closest_marker(name) is not None for name in ("browser", "fabric")])
