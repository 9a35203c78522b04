"""Lots in balances: what can be spent, in which order it is drawn, how it comes in.

A lot is `{lot_id, points, held, issued_on, available_on, expires_on}`; `held` points are pinned by holds and part of `points`. In the state it is
the list of these values in this order: a balance is read and written by every movement, and the names were more than half of it.
Draw order: earliest `expires_on` (null, never, is last), then oldest `issued_on`, then `lot_id`; over several classes, last, class_id.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chaincode.spec import keys
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.limits import LOTS_PER_BALANCE_MAX
from chaincode.spec.state import View, exact

LOT_FIELDS = ("lot_id", "points", "held", "issued_on", "available_on", "expires_on")
"""The order of a stored lot's values."""
_NEVER = "~"
"""Sorts after every date."""


def lots_of(document: Json) -> list[Json]:
    """The lots of a stored balance."""
    return [dict(zip(LOT_FIELDS, lot, strict=True)) for lot in document["lots"]]


def stored(lots: list[Json]) -> Json:
    """The document of a balance with these lots."""
    return {"lots": [[lot[name] for name in LOT_FIELDS] for lot in lots]}


def draw_key(lot: Json) -> tuple[str, str, str]:
    """Sorts lots in draw order."""
    return lot["expires_on"] or _NEVER, lot["issued_on"], lot["lot_id"]


def is_expired(lot: Json, today: str) -> bool:
    """Whether the lot's last day has passed."""
    return lot["expires_on"] is not None and lot["expires_on"] < today


def free_points(lot: Json, today: str) -> int:
    """Points of the lot that can be spent on `today`: neither held, nor expired, nor not yet available."""
    if is_expired(lot, today) or lot["available_on"] > today:
        return 0
    return int(lot["points"] - lot["held"])


@dataclass
class Balance:
    """The lots of one class in one account, in draw order. Changes are posted to the view and stored by `save`."""

    view: View
    class_id: str
    account: str
    lots: list[Json] = field(default_factory=list)

    @classmethod
    def load(cls, view: View, class_id: str, account: str) -> Balance:
        found = view.get(keys.balance(class_id, account))
        return cls(view, class_id, account, lots_of(found) if found else [])

    def spendable(self, today: str) -> int:
        """Points that can be spent on `today`."""
        return sum(free_points(lot, today) for lot in self.lots)

    def find(self, lot_id: str) -> Json | None:
        """The lot with this id, or None."""
        return next((lot for lot in self.lots if lot["lot_id"] == lot_id), None)

    def change(self, lot: Json, points: int, held: int) -> None:
        """Adds `points` and `held` (either sign) to a lot that is here, or brings `lot` in; an emptied one goes."""
        found = self.find(lot["lot_id"])
        if found is None:
            found = {**lot, "points": 0, "held": 0}
            self.lots.append(found)
            self.lots.sort(key=draw_key)
        found["points"] = exact(found["points"] + points)
        found["held"] = exact(found["held"] + held)
        assert 0 <= found["held"] <= found["points"], found
        if found["points"] == 0:
            self.lots.remove(found)
        self.view.postings.append(
            [
                self.class_id,
                self.account,
                found["lot_id"],
                points,
                held,
                found["issued_on"],
                found["available_on"],
                found["expires_on"],
            ]
        )

    def credit(self, lot: Json, points: int) -> None:
        """Brings in `points` of `lot`. Past the limit of lots, the first pair in draw order that expires and becomes available
        on the same days, neither pinned, merges into its first; without such a pair: TOO_MANY_LOTS."""
        self.change(lot, points, 0)
        while len(self.lots) > LOTS_PER_BALANCE_MAX:
            pair = next(
                (
                    (first, second)
                    for first, second in zip(self.lots, self.lots[1:], strict=False)
                    if first["expires_on"] == second["expires_on"]
                    and first["available_on"] == second["available_on"]
                    and not first["held"]
                    and not second["held"]
                ),
                None,
            )
            if pair is None:
                raise Refusal("TOO_MANY_LOTS", f"{self.account} has {LOTS_PER_BALANCE_MAX} lots of {self.class_id}")
            first, second = pair
            merged = second["points"]
            self.change(second, -merged, 0)
            self.change(first, merged, 0)

    def draw(self, points: int, today: str) -> list[tuple[Json, int]]:
        """Takes `points` of the spendable lots in draw order: [(lot, points taken)]. INSUFFICIENT_POINTS when there are fewer."""
        chosen = choose([self], points, today)
        for _, lot, part in chosen:
            self.change(lot, -part, 0)
        return [(lot, part) for _, lot, part in chosen]

    def save(self) -> None:
        """Stores the balance; an empty one is deleted."""
        key = keys.balance(self.class_id, self.account)
        if self.lots:
            self.view.put(key, stored(self.lots))
        else:
            self.view.delete(key)


def check_sufficient(spendable: int, points: int) -> None:
    """Refuses INSUFFICIENT_POINTS when `points` exceed `spendable`."""
    if points > spendable:
        raise Refusal("INSUFFICIENT_POINTS", f"balance {spendable}, asked {points}")


def choose(balances: list[Balance], points: int, today: str) -> list[tuple[Balance, Json, int]]:
    """Which lots of `balances` give `points`, in draw order over all of them: [(balance, copy of the lot, points)]. Changes nothing.
    INSUFFICIENT_POINTS when together they have fewer."""
    check_sufficient(sum(balance.spendable(today) for balance in balances), points)
    lots = [(balance, lot) for balance in balances for lot in balance.lots if free_points(lot, today)]
    lots.sort(key=lambda entry: (*draw_key(entry[1]), entry[0].class_id))
    chosen = []
    for balance, lot in lots:
        if points == 0:
            break
        part = min(free_points(lot, today), points)
        chosen.append((balance, dict(lot), part))
        points -= part
    return chosen


def lot_dates(lot: Json) -> Json:
    """The parts of a lot that stay with it wherever it moves."""
    return {name: lot[name] for name in ("lot_id", "issued_on", "available_on", "expires_on")}
