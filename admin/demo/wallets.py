"""What the demo knows of its members' points: the buckets of each wallet, as the ledger's own rules move them.

It is what a gateway's projection is to a live system: it tells how much a member can spend before they sign. The
receipts are held against it.
"""

from __future__ import annotations

import datetime

from admin.demo.setting import CLASS_IDS, VALIDITY_DAYS
from chaincode.spec.kernel.balances import Balance, Day, choose
from chaincode.spec.kernel.calendar import date_of, day_number
from chaincode.spec.kernel.memory_state import MemoryState
from chaincode.spec.kernel.state import View

Draw = tuple[str, str | None, int]
"""(class_id, expires_on, points)."""


class Wallet:
    """One member's points of all classes. Whatever changes the points of a class books what has expired of it, as on
    the ledger."""

    def __init__(self, address: str) -> None:
        view = View(MemoryState())
        self.address = address
        self._balances = {class_id: Balance(view, class_id, address, 0) for class_id in CLASS_IDS}

    def spendable(self, day: datetime.date, class_ids: list[str]) -> int:
        """Points that can be spent on `day`."""
        return sum(self._on(day, class_id).spendable() for class_id in class_ids)

    def redeem(self, points: int, day: datetime.date) -> list[Draw]:
        """Takes `points` in draw order over all classes."""
        chosen = choose([self._on(day, class_id) for class_id in CLASS_IDS], points)
        for balance, expires, part in chosen:
            self._put(balance, expires, -part)
        return [(balance.class_id, date_of(expires), part) for balance, expires, part in chosen]

    def refund(self, draws: list[Draw], day: datetime.date) -> None:
        """Brings back what was drawn on the same day."""
        for class_id, expires_on, part in draws:
            self._put(self._on(day, class_id), day_number(expires_on), part)

    def accrue(self, class_id: str, points: int, day: datetime.date) -> None:
        """Brings in new points."""
        expires = day + datetime.timedelta(days=VALIDITY_DAYS)
        self._put(self._on(day, class_id), day_number(expires.isoformat()), points)

    def send(self, other: Wallet, class_id: str, points: int, day: datetime.date) -> None:
        """Moves `points` of one class to another wallet."""
        mine, theirs = self._on(day, class_id), other._on(day, class_id)
        for _, expires, part in choose([mine], points):
            self._put(mine, expires, -part)
            self._put(theirs, expires, part)

    def expire(self, class_id: str, day: datetime.date) -> int:
        """Drops what has expired on `day`; gives its points."""
        balance = self._on(day, class_id)
        points = balance.drop_expired(balance.today)
        balance.postings.clear()
        return points

    def has_expired(self, class_id: str, day: datetime.date) -> bool:
        """Whether there are points that have expired on `day`."""
        balance = self._on(day, class_id)
        return balance.expired(balance.today) > 0

    def _on(self, day: datetime.date, class_id: str) -> Balance:
        balance = self._balances[class_id]
        balance.today = day_number(day.isoformat())
        return balance

    def _put(self, balance: Balance, expires: Day, points: int) -> None:
        balance.change(expires, points, 0)
        balance.drop_expired(balance.today)
        balance.postings.clear()
