"""A merchant joins under traffic: nothing fails, a gateway that runs goes on with it, and it is certified."""

from __future__ import annotations

import pytest

from admin.tools.bench.join import NEWCOMER, measure


@pytest.mark.fabric
def test_joining_under_traffic() -> None:
    document = measure(callers=3, per_second=12, settle_seconds=3, report=lambda line: None)
    goals = document["goals"]
    assert goals["failed operations"]["met"], document["runs"]
    assert goals["transactions that the newcomer endorsed for a gateway that went on"]["met"], document["runs"]
    (joining,) = [run for run in document["runs"] if run["run"] == "joining"]
    assert joining["operations"] > 10
    told = "\n".join(joining["told"])
    assert f"{NEWCOMER}: chaincode installed, and answers" in told
    assert told.index("chaincode installed, and answers") < told.index(f"{NEWCOMER}: chaincode definition committed")
    assert told.endswith(f"{NEWCOMER}: certified")
