"""Reservations whose time is over are released by the gateway itself: at its own merchant at once, those of its members elsewhere after the margin."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from chaincode.cases.world import PLACE
from chaincode.spec.kernel.limits import DATE_MARGIN_SECONDS
from gateway.core.errors import GatewayError
from gateway.ledger.port import Operation, Receipt
from gateway.services.gateway import Gateway
from gateway.submissions.lapsed_holds import LapsedHolds
from gateway.submissions.outcomes import Committed
from tests.gateway.security.conftest import settings_of
from tests.scenes.consortium import member, operation, place

LIN, MAY = member("lapsed: lin"), member("lapsed: may")
SECONDS = 900


@pytest.fixture
def gateway(store_url: str, ledger_file: Path, tmp_path: Path) -> Iterator[Gateway]:
    """Northstar's."""
    made = Gateway(settings_of(tmp_path, ledger_file, store_url), place(ledger_file, "northstar"))
    made.start()
    yield made
    made.stop()


def carry_out(gateway: Gateway, op: str, args: dict[str, Any], signer: Any = None) -> Any:
    """Submits an operation, until the gateway's tables have it; its result."""
    made = operation(op, secrets.token_hex(8), args)
    done = gateway.submissions.carry_out(signer.authorise(made, PLACE) if signer else made, wait_seconds=30)
    assert isinstance(done, Committed)
    return done.receipt.document["result"]


def test_lapsed_holds_are_released_by_the_gateway(gateway: Gateway) -> None:
    carry_out(gateway, "EnrollMember", LIN.enrolment("northstar", PLACE))
    start = int(time.time())
    holds = {}
    for name, signer, acceptor in (("own", LIN, "northstar"), ("member's", LIN, "harbor"), ("foreign", MAY, "harbor")):
        carry_out(gateway, "UpdateClass", {"class_id": "northstar", "enrolled_only": False})
        carry_out(gateway, "Issue", {"address": signer.address, "class_id": "northstar", "points": 60})
        args = {
            "acceptor_msp": acceptor,
            "class_ids": ["northstar"],
            "expires_at": start + SECONDS,
            "order_ref": name,
            "points": 50,
        }
        holds[name] = carry_out(gateway, "Hold", args, signer)["hold"]["hold_id"]
    clock = [start]
    lapsed = LapsedHolds(
        gateway.projection.accounts,
        lambda one: gateway.submissions.send(one, timestamp=clock[0]),
        msp_id="northstar",
        valid_seconds=3600,
        clock=lambda: clock[0],
    )
    last = SECONDS + DATE_MARGIN_SECONDS
    ended: set[str] = set()
    for seconds, released in ((SECONDS, ""), (SECONDS + 1, "own"), (last, ""), (last + 1, "member's"), (last + 60, "")):
        clock[0] = start + seconds
        assert gateway.runtime.call(lapsed.release()) == (1 if released else 0), seconds
        ended |= {released}
        for name, hold_id in holds.items():
            status = gateway.projection.accounts.hold(hold_id).hold["status"]
            assert status == ("LAPSED" if name in ended else "RESERVED"), (seconds, name)
    (balance,) = gateway.projection.accounts.balances(LIN.address).balances
    assert balance.held == 0


def test_one_that_ended_meanwhile_is_left(gateway: Gateway) -> None:
    """Its member was first, and the tables did not know yet."""
    carry_out(gateway, "EnrollMember", LIN.enrolment("northstar", PLACE))
    carry_out(gateway, "Issue", {"address": LIN.address, "class_id": "northstar", "points": 60})
    start = int(time.time())
    args = {
        "acceptor_msp": "northstar",
        "class_ids": ["northstar"],
        "expires_at": start + SECONDS,
        "order_ref": "o",
        "points": 50,
    }
    hold_id = carry_out(gateway, "Hold", args, LIN)["hold"]["hold_id"]

    class Late:
        """Tables that are behind."""

        def lapsed_holds(self, *_: Any) -> list[str]:
            return [hold_id]

    lapsed = LapsedHolds(
        Late(),  # type: ignore[arg-type]
        lambda one: gateway.submissions.send(one, timestamp=start + SECONDS + 1),
        msp_id="northstar",
        valid_seconds=3600,
        clock=lambda: start + SECONDS + 1,
    )
    carry_out(gateway, "Release", {"hold_id": hold_id}, LIN)
    assert gateway.runtime.call(lapsed.release()) == 0


async def test_tables_that_do_not_answer_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away, or tables that are being built anew, end no service."""
    monkeypatch.setattr("gateway.submissions.lapsed_holds.ROUND_SECONDS", 0)
    asked: list[int] = []
    again = asyncio.Event()

    class Away:
        """Tables of which nothing is known now."""

        def lapsed_holds(self, *_: Any) -> list[str]:
            asked.append(1)
            if len(asked) == 1:
                raise OperationalError("", {}, Exception("away"))
            if len(asked) == 2:
                raise GatewayError("PROJECTION_REBUILDING", "")
            loop.call_soon_threadsafe(again.set)
            return []

    async def send(_: Operation) -> Receipt:
        raise AssertionError("nothing is to be released")

    loop = asyncio.get_running_loop()
    lapsed = LapsedHolds(Away(), send, msp_id="northstar", valid_seconds=1, clock=lambda: 0)  # type: ignore[arg-type]
    service = asyncio.create_task(lapsed.run())
    await asyncio.wait_for(again.wait(), 10)
    service.cancel()
    with pytest.raises(asyncio.CancelledError):
        await service
