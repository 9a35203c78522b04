"""The requests of a mixed load, made (and signed) before the clock runs: of ten, seven read the projection, two accrue,
one is signed by a member."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

from admin.tools.bench.gateway.connection import request_bytes
from admin.tools.bench.gateway.load import Request
from admin.tools.bench.throughput.ground import ISSUER, Ground

READ, ACCRUE, SIGNED = "read", "accrue", "signed"
TURN = (READ,) * 7 + (ACCRUE,) * 2 + (SIGNED,)
HISTORY_EVERY = 5
"""Every so manieth read asks for an account's history, the others for its balances."""
PATHS = {"Accrue": "/operations/accrue", "Redeem": "/operations/redeem", "Transfer": "/operations/transfer"}


class Requests:
    """Makes requests to one gateway on one ground. No request is made twice."""

    def __init__(self, ground: Ground, host: str, api_key: str) -> None:
        self._ground, self._host, self._api_key = ground, host, api_key
        self._dice = random.Random(5)
        self._accruals = ground.accruals()
        self._signed = ground.signed()
        self._redemptions = ground.redemptions(acceptor=ISSUER)
        self._members = itertools.cycle(self._dice.sample(ground.members, len(ground.members)))
        self._reads = itertools.count()

    def mixed(self, count: int) -> list[Request]:
        """So many requests; each ten of them, in any order, are of the mix."""
        found: list[Request] = []
        while len(found) < count:
            found += [self._one(kind) for kind in self._dice.sample(TURN, len(TURN))]
        return found

    def redemptions(self) -> Iterator[dict[str, Any]]:
        """Signed redemptions at the gateway's own merchant, of one member after the other."""
        return self._redemptions

    def operation(self, operation: dict[str, Any]) -> bytes:
        """The request that submits an operation."""
        body = {name: value for name, value in operation.items() if name != "op"}
        return request_bytes("POST", PATHS[operation["op"]], self._host, self._api_key, body)

    def read(self, path: str) -> bytes:
        """The request for a document."""
        return request_bytes("GET", path, self._host, self._api_key)

    def _one(self, kind: str) -> Request:
        if kind == ACCRUE:
            return kind, self.operation(next(self._accruals))
        if kind == SIGNED:
            return kind, self.operation(next(self._signed))
        history = "/history?limit=20" if next(self._reads) % HISTORY_EVERY == 0 else ""
        return kind, self.read(f"/accounts/{next(self._members).address}{history}")
