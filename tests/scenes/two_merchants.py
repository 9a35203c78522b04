"""A small consortium on any ledger, for the contract tests: two merchants, a class of the first, and operations about
it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from admin.consortium import admit
from gateway.ledger.errors import CommitFailed, LedgerError, Rejected
from gateway.ledger.port import Ledger
from tests.scenes.waiting import eventually_async

SHANGHAI = {"name": "Asia/Shanghai", "offsets": [[0, 28_800]]}
DAY_SECONDS = 86_400
Committed = TypeVar("Committed")


async def sent_until_committed(
    attempt: Callable[[], Awaitable[Committed]], worth_another: Callable[[LedgerError], bool], seconds: float
) -> Committed:
    """What the first attempt gives that goes through. The others end in errors worth another attempt."""

    async def committed_or_error() -> Committed | LedgerError:
        try:
            return await attempt()
        except LedgerError as error:
            if not worth_another(error):
                raise
            return error

    found: Committed | LedgerError = await eventually_async(
        "a commit", committed_or_error, lambda one: not isinstance(one, LedgerError), seconds=seconds, pause_seconds=0
    )
    assert not isinstance(found, LedgerError)
    return found


def is_read_conflict(error: LedgerError) -> bool:
    """Whether what a transaction read was changed before its commit, as on a busy machine, whose endorsing peer is a block
    behind."""
    return isinstance(error, CommitFailed) and "READ_CONFLICT" in error.code


@dataclass
class TwoMerchants:
    """The ledgers of the operator's admin and of two merchants' gateways, and a class of the first merchant.

    `name` keeps the names of tests on one network apart. `clock` is the time for transactions that are dated.
    """

    name: str
    operator: Ledger
    merchant: Ledger
    other: Ledger
    class_id: str = ""
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def operation(
        self, op: str, args: Mapping[str, Any], *, request_id: str | None = None, now: int | None = None
    ) -> dict[str, Any]:
        """An operation good for one day from `now`, the present when left out."""
        return {
            "op": op,
            "args": dict(args),
            "request_id": request_id or f"{self.name}-{next(self._numbers)}",
            "valid_until": (now if now is not None else int(time.time())) + DAY_SECONDS,
        }

    def issue(
        self, address: str, points: int, *, request_id: str | None = None, now: int | None = None
    ) -> dict[str, Any]:
        """Points of the first merchant's class for an address."""
        args = {"address": address, "class_id": self.class_id, "points": points}
        return self.operation("Issue", args, request_id=request_id, now=now)

    async def balance(self, address: str, ledger: Ledger | None = None) -> int:
        """All points of the class at an address."""
        arguments = {"account": address, "class_id": self.class_id}
        found = await (ledger or self.merchant).evaluate("GetBalance", arguments)
        return int(found["points"])

    async def open(self, admin_of: Callable[[str], Ledger], now: int | None = 0) -> None:
        """Opens the consortium, dated `now`, and admits the merchants by their own admins, unless that was done;
        defines the class."""
        opening = {
            "acceptance_days": 7,
            "confirmation_days": 3,
            "currency": {"code": "CNY", "minor_unit_millionths": 10_000},
            "disputes": {"answer_days": 5, "escalation_days": 5, "fee_minor": 0, "inquiry_days": 5, "vote_days": 5},
            "name": "contract",
            "network_id": self.operator.place.network,
            "operators": [self.operator.msp_id],
            "payment_days": 3,
            "refund_days": 90,
            "time_zone": SHANGHAI,
        }
        await self._unless("CONSORTIUM_OPEN", self.operation("OpenConsortium", opening, now=now), timestamp=now)
        for ledger in (self.merchant, self.other):
            async with admin_of(ledger.msp_id) as admin:
                await admit(self.operator, admin)
                await self._all_have(await admin.height() - 1)
        await self.define_class()

    async def define_class(self) -> None:
        """Defines a class of the first merchant's, which this world is about from now on."""
        self.class_id = f"points-{self.name}" if not self.class_id else f"points-{self.name}-{next(self._numbers)}"
        definition = {
            "category": "shop",
            "class_id": self.class_id,
            "decimals": 0,
            "earn_rate": {"amount_minor": 100, "points": 1, "rounding": "STEPS"},
            "enrolled_only": False,
            "name": "Points",
            "symbol": "PTS",
            "transferable": True,
            "unit_value_millionths": 10_000,
            "validity": {"kind": "NEVER"},
        }
        await self.merchant.submit(self.operation("DefineClass", definition))

    async def _unless(self, code: str, operation: Mapping[str, Any], timestamp: int | None = None) -> None:
        try:
            await self.operator.submit(operation, timestamp=timestamp)
        except Rejected as refusal:
            if refusal.code != code:
                raise
        await self._all_have(await self.operator.height() - 1)

    async def _all_have(self, block: int) -> None:
        """What comes next is endorsed by peers that may not have this yet."""
        for ledger in (self.operator, self.merchant, self.other):
            await ledger.wait_for_block(block)
