"""A merchant joins under traffic: nothing fails, a gateway that runs goes on with it, and it is certified."""

from __future__ import annotations

import pytest

from admin.tools.bench.join import Traffic, measure


@pytest.mark.fabric
def test_joining_under_traffic() -> None:
    document = measure(["process"], Traffic(callers=3, per_second=12, settle_seconds=3), report=lambda line: None)
    goals = document["goals"]
    assert goals["failed operations, process"]["met"], document["runs"]
    assert goals["transactions that the newcomer endorsed for a gateway that went on, process"]["met"], document["runs"]
    (joining,) = [run for run in document["runs"] if run["run"] == "joining"]
    assert joining["operations"] > 10
    told = "\n".join(joining["told"])
    assert "merchant-4: chaincode installed, and answers" in told
    assert told.index("chaincode installed, and answers") < told.index("merchant-4: chaincode definition committed")
    assert told.endswith("merchant-4: certified")
