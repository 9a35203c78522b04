"""What the demo knows of its members' points: the lots of each wallet, as the ledger's own rules move them.

It is what a gateway's projection is to a live system: it tells how much a member can spend before she signs. The receipts are held against it.
"""

from __future__ import annotations

import datetime

from admin.demo.setting import CLASS_IDS, VALIDITY_DAYS
from chaincode.spec.balances import Balance, choose, free_points, is_expired
from chaincode.spec.canonical import Json
from chaincode.spec.memory import MemoryState
from chaincode.spec.state import View

Draw = tuple[str, str, int]
"""(class_id, lot_id, points)."""


class Wallet:
    """One member's lots of all classes."""

    def __init__(self, address: str) -> None:
        view = View(MemoryState())
        self.address = address
        self._view = view
        self._balances = {class_id: Balance(view, class_id, address) for class_id in CLASS_IDS}

    def spendable(self, day: datetime.date, class_ids: list[str]) -> int:
        """Points that can be spent on `day`."""
        return sum(self._balances[class_id].spendable(day.isoformat()) for class_id in class_ids)

    def redeem(self, points: int, day: datetime.date) -> list[tuple[str, Json, int]]:
        """Takes `points` in draw order over all classes: [(class_id, lot, points)]."""
        chosen = choose(list(self._balances.values()), points, day.isoformat())
        for balance, lot, part in chosen:
            balance.change(lot, -part, 0)
        self._view.postings.clear()
        return [(balance.class_id, lot, part) for balance, lot, part in chosen]

    def put(self, class_id: str, lot: Json, points: int) -> None:
        """Brings in `points` of a lot."""
        self._balances[class_id].credit(lot, points)
        self._view.postings.clear()

    def accrue(self, class_id: str, lot_id: str, points: int, day: datetime.date) -> None:
        """Brings in a new lot."""
        expires_on = (day + datetime.timedelta(days=VALIDITY_DAYS)).isoformat()
        self.put(
            class_id,
            {"available_on": day.isoformat(), "expires_on": expires_on, "issued_on": day.isoformat(), "lot_id": lot_id},
            points,
        )

    def send(self, other: Wallet, class_id: str, points: int, day: datetime.date) -> None:
        """Moves `points` of one class to another wallet."""
        for lot, part in self._balances[class_id].draw(points, day.isoformat()):
            other.put(class_id, lot, part)
        self._view.postings.clear()

    def expire(self, class_id: str, day: datetime.date) -> int:
        """Drops the lots that have expired on `day`; gives their points."""
        balance, total = self._balances[class_id], 0
        for lot in list(balance.lots):
            if is_expired(lot, day.isoformat()):
                total += lot["points"]
                assert free_points(lot, day.isoformat()) == 0
                balance.change(lot, -lot["points"], 0)
        self._view.postings.clear()
        return total

    def has_expired(self, class_id: str, day: datetime.date) -> bool:
        """Whether there are lots that have expired on `day`."""
        lots = self._balances[class_id].lots
        return any(is_expired(lot, day.isoformat()) for lot in lots)
