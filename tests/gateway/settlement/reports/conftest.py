"""Reports over a random chain, whose operations are of every kind."""

from __future__ import annotations

import pytest

from gateway.projection.projection import Projection
from gateway.settlement.reports.desk import Reports
from tests.gateway.projection.conftest import growing_chain, ledger, open_ledger, projection, random_chain

__all__ = ["growing_chain", "ledger", "open_ledger", "projection", "random_chain"]


@pytest.fixture
def reports(projection: Projection) -> Reports:
    """The reports of the whole random chain."""
    return Reports(projection.books)
