"""A network in containers that had everything rendered which it needs to start without Jifen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenes.contained_network import rendered_projects


@pytest.fixture(scope="package")
def rendered(contained: Path) -> Iterator[Path]:
    """The folder with a folder for each organisation."""
    with rendered_projects(contained) as orgs:
        yield orgs
