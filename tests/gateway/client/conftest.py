"""A gateway that serves in a process of its own, with an API key for everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from admin.gateways import RunningGateway
from tests.scenes.gateways import LOOPBACK, running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """northstar's gateway on an embedded ledger with the open consortium."""
    with running(tmp_path_factory.mktemp("served"), LOOPBACK) as found:
        yield found
