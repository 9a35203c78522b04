"""The main job driven through the gateways' HTTP API, the bulk endpoint for every operation: the answer is the expected one."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from admin.demo.ledgers import embedded_ledgers
from admin.demo.purchases import SAMPLE, read_purchases
from admin.demo.run import passed, run
from admin.gateways import RunningGateway
from tests.scenes import oracle
from tests.scenes.commands import cut, sample_answer
from tests.scenes.consortium import ORGS
from tests.scenes.gateways import running_gateways
from tests.system.api_ledger import ApiLedger


def quiet(phase: str, done: int, total: int) -> None:
    """No progress in tests."""


async def replay(gateways: dict[str, RunningGateway], folder: Path, purchases: Path) -> Any:
    """The demo's document, every operation but the opening through the gateways."""
    async with embedded_ledgers(folder) as own, AsyncExitStack() as stack:
        ledgers = dict(own)
        for org in ORGS:
            running = gateways[org]
            ledger = ApiLedger(running.address, running.api_key, org, own[org, "gateway"])
            ledgers[org, "gateway"] = await stack.enter_async_context(ledger)
        return await run("embedded", ledgers, read_purchases(purchases), quiet, 4)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("purchases", [700, pytest.param(None, marks=pytest.mark.long)])
async def test_the_main_job_through_the_api_gives_the_expected_answer(purchases: int | None, tmp_path: Path) -> None:
    file = SAMPLE if purchases is None else cut(tmp_path / "purchases.csv", purchases)
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    with running_gateways(tmp_path / "gateways", ORGS, "embedded", ledger, replay=True) as gateways:
        found = await replay(gateways, ledger, file)
    expected = sample_answer() if purchases is None else oracle.answer(file)
    assert found.differences == []
    assert passed(found.document)
    for part in ("counts", "classes", "windows"):
        assert found.document[part] == expected[part], part
