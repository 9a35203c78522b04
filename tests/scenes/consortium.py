"""The consortium of most tests: three merchants with a class each, of the same name, whose limits never refuse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec

from chaincode.cases.world import CLASSES, MERCHANTS, PLACE, class_args, consortium_args, deposit
from chaincode.signing import MemberKey
from chaincode.spec.kernel.limits import SHARDS_MAX
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.adapters.embedded_store import EmbeddedStore
from gateway.services.ledger_place import LedgerPlace
from network.declaration.time_zones import offsets

Result = TypeVar("Result")
Step = tuple[str, str, list[dict[str, Any]]]
"""(MSP id, identity, operations)."""

NONCE = "0" * 64
"""What makes an embedded ledger begin with the block that PLACE names."""
OPERATOR = "operator"
ORGS = (OPERATOR, *MERCHANTS)
TIME_ZONE = "Asia/Shanghai"
LIMIT_MILLIONTHS = 200_000_000_000_000
"""What each merchant may come to owe each other one: more than any test spends."""


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """The coroutine's result, from a thread of its own: the tests' own event loop stays as it is."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


def place(file: Path, msp_id: str) -> LedgerPlace:
    """The ledger in a file, for one organisation."""
    return LedgerPlace(lambda identity: EmbeddedLedger(file, embedded_identity(msp_id, identity)), msp_id)


def open_consortium(file: Path) -> None:
    """Opens the consortium on an embedded ledger, on the network PLACE."""
    now = int(time.time()) - 60

    async def work() -> None:
        EmbeddedStore(file, PLACE.channel, PLACE.chaincode, NONCE).close()
        for msp_id, role, operations in opening(now, PLACE.network):
            async with EmbeddedLedger(file, embedded_identity(msp_id, role)) as ledger:
                result = await ledger.submit_many(operations, timestamp=now)
                assert all(receipt.accepted for receipt in result.receipts), result

    run(work())


def opening(now: int, network_id: str) -> list[Step]:
    """What opens the consortium on this network, in order."""

    def request(op: str, request_id: str, args: dict[str, Any]) -> dict[str, Any]:
        return {"args": args, "op": op, "request_id": request_id, "valid_until": now + 86_400}

    consortium = consortium_args(
        name="Three merchants 积分",
        network_id=network_id,
        operators=[OPERATOR],
        time_zone={"name": TIME_ZONE, "offsets": offsets(TIME_ZONE)},
    )
    cover = 2 * LIMIT_MILLIONTHS
    return [
        (OPERATOR, "admin", [request("OpenConsortium", "open", consortium)]),
        (
            OPERATOR,
            "admin",
            [
                request("RegisterMerchant", f"register-{msp_id}", {"msp_id": msp_id, "name": name})
                for msp_id, name in MERCHANTS.items()
            ],
        ),
        *((msp_id, "admin", [request("JoinConsortium", f"join-{msp_id}", {})]) for msp_id in MERCHANTS),
        (
            OPERATOR,
            "admin",
            [request("DepositCollateral", f"cover-{msp_id}", deposit(msp_id, cover)) for msp_id in MERCHANTS],
        ),
        *(
            (
                issuer_msp,
                "gateway",
                [
                    request("DefineClass", f"class-{issuer_msp}", _class_of(issuer_msp, unit_value)),
                    request("SetLimits", f"limits-{issuer_msp}", _limits_of(issuer_msp)),
                ],
            )
            for issuer_msp, unit_value in CLASSES.values()
        ),
    ]


def _class_of(msp_id: str, unit_value: int) -> dict[str, Any]:
    """A merchant's class; members alone hold it, and all take it."""
    name = f"{MERCHANTS[msp_id]}积分"
    return class_args(msp_id, unit_value, accepted_by=list(MERCHANTS), enrolled_only=True, name=name)


def _limits_of(issuer_msp: str) -> dict[str, Any]:
    """What a merchant grants each other one, in as many lanes as there are."""
    limit = {"cap_millionths": LIMIT_MILLIONTHS, "cover_millionths": LIMIT_MILLIONTHS, "lanes": SHARDS_MAX}
    others = [msp_id for msp_id in MERCHANTS if msp_id != issuer_msp]
    return {"issuer_msp": issuer_msp, "limits": [{**limit, "acceptor_msp": other} for other in others]}


def member(name: str) -> MemberKey:
    """A member's key that follows from their name."""
    return MemberKey.derived(f"test member {name}")


def operation(op: str, request_id: str, args: dict[str, Any], seconds: int = 3600) -> dict[str, Any]:
    """An operation that may be sent for an hour."""
    return {"op": op, "args": args, "request_id": request_id, "valid_until": int(time.time()) + seconds}


def new_member() -> MemberKey:
    """A member's key that nobody had before."""
    return MemberKey(ec.generate_private_key(ec.SECP256R1()))
