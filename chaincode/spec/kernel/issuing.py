"""Making points: the one place where they come into being, with the record of their issuance."""

from __future__ import annotations

from enum import Enum

from chaincode.spec.kernel.balances import Balance
from chaincode.spec.kernel.calendar import add_days, date_of, expiry
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.counters import count
from chaincode.spec.kernel.state import View, exact


class Kind(Enum):
    """How points come to an account."""

    GIVEN = "given"
    """By Issue or Accrue: they pay debt first, are remembered in the account's balance, and can be clawed back."""
    IMPORTED = "imported"
    """From a legacy system: they can be clawed back."""
    EXCHANGED = "exchanged"
    """For other points: they stay the member's."""


def points_earned(amount_minor: int, earn_rate: Json) -> int:
    """The points that a purchase of so much earns at `{"amount_minor", "points", "rounding"}`. STEPS: `points` for each
    whole `amount_minor` of it; DOWN and HALF_UP: the exact share, rounded so. OVERFLOW."""
    step, points = earn_rate["amount_minor"], earn_rate["points"]
    match earn_rate["rounding"]:
        case "STEPS":
            return exact(amount_minor // step * points)
        case "DOWN":
            return exact(amount_minor * points // step)
    return exact((2 * amount_minor * points + step) // (2 * step))


def clawback(context: Context, found: Json, points: int, available: int, expires: int | None) -> Json:
    """What the memory keeps of points that were issued: how many, their days, and the last day on which they can be
    clawed back."""
    return [points, available, expires, add_days(context.today, found["clawback_days"])]


def issue(
    view: View,
    context: Context,
    found: Json,
    account: str,
    points: int,
    index: int = 0,
    available: int | None = None,
    expires: int | None = None,
    kind: Kind = Kind.GIVEN,
) -> Json:
    """Issues `points` of class `found` to `account` as issuance `<prefix>.<index>`, spendable from day `available`
    (default today) to `expires` (default by the class's validity). EXPIRES_BEFORE_AVAILABLE, TOO_MANY_BUCKETS,
    OVERFLOW. Gives the issuance's id, points, dates and what it paid of a debt."""
    today = context.today
    available = today if available is None else available
    if expires is None:
        expires = expiry(today, found["validity"])
    if expires is not None and expires < available:
        raise Refusal("EXPIRES_BEFORE_AVAILABLE", f"expires {date_of(expires)}, available {date_of(available)}")
    balance = Balance.load(view, found["class_id"], account, today)
    paid = min(balance.debt, points) if kind is Kind.GIVEN else 0
    if paid:
        balance.change_debt(-paid)
    if points > paid:
        balance.credit(available, expires, points - paid)
    if kind is Kind.GIVEN:
        balance.remember(context, clawback(context, found, points, available, expires))
    elif kind is Kind.IMPORTED:
        issued = clawback(context, found, points, available, expires)
        balance.memory.add(context, [f"{context.new_id}/{index}", "", 0, "", issued])
    balance.save(context)
    count(view, context, found["class_id"], "issued", points)
    count(view, context, found["class_id"], "repaid", paid)
    return {
        "available_on": date_of(available),
        "debt_paid": paid,
        "expires_on": date_of(expires),
        "issuance_id": f"{context.issuance_prefix}.{index}",
        "issued_on": date_of(today),
        "points": points,
    }
