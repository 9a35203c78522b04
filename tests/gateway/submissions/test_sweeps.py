"""What the ledger need not remember is swept by the gateways: what concerns their own organisation first, anybody's a day later."""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from chaincode.cases.world import PLACE
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.projection.fold.table_writer import documents
from gateway.projection.models import ProjectedDocument
from gateway.services.gateway import Gateway
from gateway.submissions.sweeps import MARGIN_SECONDS, OTHERS_SECONDS, Sweeps, named
from tests.gateway.security.conftest import settings_of
from tests.scenes.consortium import member, operation, place, run

LIN = member("swept: lin")
CLAWBACK_DAYS, REFUND_DAYS = 30, 90


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


def forgotten_from(gateway: Gateway, prefix: str) -> int:
    """The second from which on all of these can be swept: it follows days of the calendar, not hours since a redemption."""
    table = ProjectedDocument
    with gateway.store.reading() as session:
        return int(session.scalars(select(func.max(table.ends_at)).where(table.key.startswith(prefix))).one())


class Swept:
    """The gateway's sweeps, by a clock of the test's own."""

    def __init__(self, gateway: Gateway) -> None:
        self.now = int(time.time())
        self._gateway = gateway
        self._sweeps = Sweeps(
            gateway.projection.sweeping,
            lambda one: gateway.submissions.send(one, timestamp=self.now),
            msp_id="northstar",
            valid_seconds=3600,
            clock=lambda: self.now,
        )

    def sweep(self) -> int:
        """How much was deleted, and is out of the gateway's tables."""
        swept = 0
        self.catch_up()
        while deleted := self._gateway.runtime.call(self._sweeps.sweep()):
            swept += deleted
            self.catch_up()
        return swept

    def catch_up(self) -> None:
        """Waits for the ledger's last block."""
        self._gateway.watch.wait_for_block(self._gateway.runtime.call(self._gateway.ledger.height()) - 1, 30)


def test_a_gateway_sweeps_what_is_over(gateway: Gateway, ledger_file: Path) -> None:

    async def issue(msp_id: str) -> None:
        opened = {"class_id": msp_id, "enrolled_only": False}
        given = {"address": LIN.address, "class_id": msp_id, "points": 5}
        async with EmbeddedLedger(ledger_file, embedded_identity(msp_id, "gateway")) as ledger:
            await ledger.submit(operation("UpdateClass", secrets.token_hex(8), opened))
            await ledger.submit(operation("Issue", secrets.token_hex(8), given))

    run(issue("northstar"))
    run(issue("harbor"))
    own, foreign = f"balance/northstar/{LIN.address}", f"balance/harbor/{LIN.address}"
    swept = Swept(gateway)
    assert swept.sweep() == 0, "everything is still remembered"
    swept.now = forgotten_from(gateway, "balance/") + MARGIN_SECONDS
    assert swept.now > time.time() + CLAWBACK_DAYS * SECONDS_PER_DAY
    swept.sweep()
    assert remembered(gateway, own) == []
    assert len(remembered(gateway, foreign)) == 1, "the harbor's own gateway sees to it first"
    swept.now += OTHERS_SECONDS
    assert swept.sweep() >= 1
    assert remembered(gateway, foreign) == []
    assert swept.sweep() == 0


def test_a_gateway_sweeps_redemptions_that_nobody_can_refund(
    gateway: Gateway, ledger_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those at its merchant, however many of others' end on the same day; others' a day later. What they were is
    still told."""
    monkeypatch.setattr("gateway.submissions.sweeps.SEEN_PER_ROUND", 3)
    monkeypatch.setattr("gateway.submissions.sweeps.ITEMS_PER_SWEEP_MAX", 2)
    buyer, spent = member("swept: buyer"), {"northstar": 5, "harbor": 7}

    async def spend(acceptor: str) -> None:
        opened = {"class_id": acceptor, "enrolled_only": False}
        given = {"address": buyer.address, "class_id": acceptor, "points": 50}
        args = {"acceptor_msp": acceptor, "class_ids": [acceptor], "order_ref": "an order", "points": 1}
        async with EmbeddedLedger(ledger_file, embedded_identity(acceptor, "gateway")) as ledger:
            await ledger.submit(operation("UpdateClass", secrets.token_hex(8), opened))
            await ledger.submit(operation("Issue", secrets.token_hex(8), given))
            for _ in range(spent[acceptor]):
                await ledger.submit(buyer.authorise(operation("Redeem", secrets.token_hex(8), args), PLACE))

    for acceptor in spent:
        run(spend(acceptor))

    def standing() -> Counter[str]:
        prefix = f"redemption/{buyer.address}/"
        with gateway.store.reading() as session:
            return Counter(json.loads(text)[0] for _, text in documents(session, prefix))

    swept = Swept(gateway)
    swept.now += (REFUND_DAYS - 1) * SECONDS_PER_DAY
    swept.sweep()
    assert standing() == spent, "they can be refunded still"
    over = forgotten_from(gateway, f"redemption/{buyer.address}/")
    assert swept.now < over <= swept.now + 4 * SECONDS_PER_DAY
    swept.now = over + OTHERS_SECONDS // 2
    swept.sweep()
    assert standing() == {"harbor": 7}
    swept.now = over + 2 * OTHERS_SECONDS
    swept.sweep()
    assert standing() == {}
    told = gateway.projection.accounts.redemptions(member=buyer.address).items
    assert [(one["acceptor_msp"], one["points"], one["swept"]) for one in told] == [
        *[("harbor", 1, True)] * 7,
        *[("northstar", 1, True)] * 5,
    ]


def test_what_stands_under_a_key_is_named() -> None:
    place_of_it = f"balance/north/{LIN.address}"
    assert named(
        [
            place_of_it,
            "hold/jf1a/till",
            "redemption/jf1a/shop",
            f"memory/{place_of_it}/northstar/r1",
            "proposal/SUSPEND/lotus/northstar/r3",
            "receipt/r2/harbor",
        ]
    ) == {
        "balances": [{"account": LIN.address, "class_id": "north"}],
        "holds": ["jf1a/till"],
        "memories": [
            {"about": place_of_it, "authoriser": "northstar", "request_id": "r1"},
        ],
        "proposals": ["SUSPEND/lotus/northstar/r3"],
        "receipts": [{"authoriser": "harbor", "request_id": "r2"}],
        "redemptions": ["jf1a/shop"],
    }
