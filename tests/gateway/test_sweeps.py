"""What the ledger need not remember is swept by the gateways: what concerns their own organisation first, anybody's a day later."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from chaincode.spec.calendar import SECONDS_PER_DAY
from gateway.application import Gateway
from gateway.ledger.embedded import EmbeddedLedger
from gateway.ledger.embedded_identities import embedded_identity
from gateway.store.models.projection import ProjectedDocument
from gateway.sweeps import MARGIN_SECONDS, OTHERS_SECONDS, Sweeps, named
from tests.gateway.consortium import member, operation, place, run
from tests.gateway.security.conftest import settings_of

LIN = member("swept: lin")
CLAWBACK_DAYS = 30


@pytest.fixture
def gateway(store_url: str, ledger_file: Path, tmp_path: Path) -> Iterator[Gateway]:
    """Northstar's."""
    made = Gateway(settings_of(tmp_path, ledger_file, store_url), place(ledger_file, "northstar"))
    made.start()
    yield made
    made.stop()


def remembered(gateway: Gateway, key: str) -> Any:
    """What a balance of the ledger remembers."""
    with gateway.store.reading() as session:
        return json.loads(session.scalars(select(ProjectedDocument.value).where(ProjectedDocument.key == key)).one())[3]


def test_a_gateway_sweeps_what_is_over(gateway: Gateway, ledger_file: Path) -> None:
    start = int(time.time())

    async def issue(msp_id: str) -> None:
        opened = {"class_id": msp_id, "enrolled_only": False}
        given = {"address": LIN.address, "class_id": msp_id, "points": 5}
        async with EmbeddedLedger(ledger_file, embedded_identity(msp_id, "gateway")) as ledger:
            await ledger.submit(operation("UpdateClass", secrets.token_hex(8), opened))
            await ledger.submit(operation("Issue", secrets.token_hex(8), given))

    run(issue("northstar"))
    run(issue("harbor"))
    clock = [start]
    own, foreign = f"balance/northstar/{LIN.address}", f"balance/harbor/{LIN.address}"
    sweeps = Sweeps(
        gateway.projection.sweeping,
        lambda one: gateway.submissions.send(one, timestamp=clock[0]),
        msp_id="northstar",
        valid_seconds=3600,
        clock=lambda: clock[0],
    )

    def sweep() -> int:
        """How much was deleted, and is out of the gateway's tables."""
        swept = 0
        while deleted := gateway.runtime.call(sweeps.sweep()):
            swept += deleted
            gateway.watch.wait_for_block(gateway.runtime.call(gateway.ledger.height()) - 1, 30)
        return swept

    gateway.watch.wait_for_block(gateway.runtime.call(gateway.ledger.height()) - 1, 30)
    assert sweep() == 0, "everything is still remembered"
    clock[0] = start + (CLAWBACK_DAYS + 2) * SECONDS_PER_DAY
    sweep()
    assert remembered(gateway, own) == []
    assert len(remembered(gateway, foreign)) == 1, "the harbor's own gateway sees to it first"
    clock[0] += MARGIN_SECONDS + OTHERS_SECONDS
    assert sweep() >= 1
    assert remembered(gateway, foreign) == []
    assert sweep() == 0


def test_what_stands_under_a_key_is_named() -> None:
    place_of_it = f"balance/north/{LIN.address}"
    assert named(
        [
            place_of_it,
            "hold/jf1a/till",
            f"memory/{place_of_it}/northstar/r1",
            "receipt/r2/harbor",
        ]
    ) == {
        "balances": [{"account": LIN.address, "class_id": "north"}],
        "holds": ["jf1a/till"],
        "memories": [
            {"about": place_of_it, "authoriser": "northstar", "request_id": "r1"},
        ],
        "receipts": [{"authoriser": "harbor", "request_id": "r2"}],
    }
