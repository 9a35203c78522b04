"""A network of one merchant on an embedded ledger, at which a member has points."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

from chaincode.cases.world import class_args, consortium_args
from chaincode.signing import MemberKey
from gateway.ledger.adapters.embedded import EmbeddedHost, EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity

ALICE = MemberKey.derived("two networks: alice")
CARD = hashlib.sha256(b"a card of the first edition").hexdigest()
DAY_SECONDS = 86_400


class Network:
    """A network of one merchant, at which alice has ten points, and twenty on an old card."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.host = EmbeddedHost(file)
        self.ledgers = {
            name: EmbeddedLedger(self.host, embedded_identity(*name))
            for name in (("operator", "admin"), ("northstar", "admin"), ("northstar", "gateway"))
        }
        self.place = self.host.store.place

    async def do(self, entry: dict[str, Any], msp_id: str = "northstar", role: str = "gateway") -> Any:
        """The receipt of an operation that must be accepted. Raises Rejected."""
        return (await self.ledgers[msp_id, role].submit(entry)).checked()

    async def open(self) -> None:
        """Sets the scene."""
        await self.do(entry("OpenConsortium", consortium_args(network_id=self.place.network)), "operator", "admin")
        await self.do(entry("RegisterMerchant", {"msp_id": "northstar", "name": "北辰书店"}), "operator", "admin")
        await self.do(entry("JoinConsortium", {}), role="admin")
        await self.do(entry("DefineClass", class_args("north")))
        await self.do(entry("Issue", {"address": ALICE.address, "class_id": "north", "points": 10}))
        rows = [{"points": 20, "reference_hash": CARD}]
        await self.do(entry("ImportBalances", {"class_id": "north", "control_total_points": 20, "entries": rows}))

    async def close(self) -> None:
        for ledger in self.ledgers.values():
            await ledger.close()


def entry(op: str, args: dict[str, Any], request_id: str = "") -> dict[str, Any]:
    """An operation that is good for a day."""
    valid_until = int(time.time()) + DAY_SECONDS
    return {"args": args, "op": op, "request_id": request_id or op, "valid_until": valid_until}
