"""The demo's consortium on an embedded ledger, for the gateway's tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from admin.demo.setting import opening
from admin.vectors.world import NONCE, PLACE
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.adapters.embedded_store import EmbeddedStore
from gateway.ledger.members import MemberKey
from gateway.services.ledger_place import LedgerPlace

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """The coroutine's result, from a thread of its own: the tests' own event loop stays as it is."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


def place(file: Path, msp_id: str) -> LedgerPlace:
    """The ledger in a file, for one organisation."""
    return LedgerPlace(lambda identity: EmbeddedLedger(file, embedded_identity(msp_id, identity)), msp_id)


def open_consortium(file: Path) -> None:
    """Opens the demo's consortium, on the network PLACE: three merchants (northstar, harbor, lotus), a class of each, limits that never refuse."""
    now = int(time.time()) - 60

    async def work() -> None:
        EmbeddedStore(file, PLACE.channel, PLACE.chaincode, NONCE).close()
        for msp_id, role, operations in opening(now, PLACE.network):
            async with EmbeddedLedger(file, embedded_identity(msp_id, role)) as ledger:
                result = await ledger.submit_many(operations, timestamp=now)
                assert all(receipt.accepted for receipt in result.receipts), result

    run(work())


def member(name: str) -> MemberKey:
    """A member's key that follows from her name."""
    return MemberKey.derived(f"test member {name}")


def operation(op: str, request_id: str, args: dict[str, Any], seconds: int = 3600) -> dict[str, Any]:
    """An operation that may be sent for an hour."""
    return {"op": op, "args": args, "request_id": request_id, "valid_until": int(time.time()) + seconds}
