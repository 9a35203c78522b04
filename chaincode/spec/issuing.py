"""Making points: the one place where a lot comes into being, with the record of its issuance."""

from __future__ import annotations

from chaincode.spec import issuances, keys
from chaincode.spec.balances import Balance
from chaincode.spec.calendar import expiry
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Context
from chaincode.spec.counters import count
from chaincode.spec.receipts import LOT
from chaincode.spec.state import View, exact


def issue_prefetch(context: Context, class_id: str, address: str) -> list[str]:
    """The keys that one new lot for a member's account is known to want."""
    return [
        keys.merchant(context.msp_id),
        keys.point_class(class_id),
        keys.member(address),
        keys.balance(class_id, address),
        keys.supply(class_id, context.msp_id, context.shard),
    ]


def points_earned(amount_minor: int, earn_rate: Json) -> int:
    """The points that a purchase of so much earns at `{"amount_minor", "points", "rounding"}`. STEPS: `points` for each whole
    `amount_minor` of it; DOWN and HALF_UP: the exact share, rounded so. OVERFLOW."""
    step, points = earn_rate["amount_minor"], earn_rate["points"]
    match earn_rate["rounding"]:
        case "STEPS":
            return exact(amount_minor // step * points)
        case "DOWN":
            return exact(amount_minor * points // step)
    return exact((2 * amount_minor * points + step) // (2 * step))


def issue_lot(
    view: View,
    context: Context,
    found: Json,
    account: str,
    points: int,
    index: int = 0,
    available_on: str | None = None,
    expires_on: str | None = None,
) -> Json:
    """Issues `points` of class `found` to `account` as lot `<lot prefix>.<index>`, spendable from `available_on` (default today) to
    `expires_on` (default by the class's validity). EXPIRES_BEFORE_AVAILABLE, LOT_EXISTS (the request_id made a lot
    before, though its receipt was swept), TOO_MANY_LOTS, OVERFLOW. Gives the new lot's id, points and dates."""
    available = available_on or context.today
    expires = expires_on or expiry(context.today, found["validity"])
    if expires is not None and expires < available:
        raise Refusal("EXPIRES_BEFORE_AVAILABLE", f"expires {expires}, available {available}")
    lot_id = f"{context.lot_prefix}.{index}"
    if LOT in context.taken:
        raise Refusal("LOT_EXISTS", lot_id)
    dates = {"available_on": available, "expires_on": expires, "issued_on": context.today}
    lot = {**dates, "lot_id": lot_id}
    balance = Balance.load(view, found["class_id"], account)
    balance.credit(lot, points)
    balance.save()
    issuance = {**dates, "account": account, "points": points, "reversed": 0}
    view.put(keys.issuance(found["class_id"], lot_id), issuances.stored(issuance))
    count(view, context, found["class_id"], "issued", points)
    return {**lot, "points": points}
