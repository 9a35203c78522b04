"""Making points: the one place where they come into being, with the record of their issuance."""

from __future__ import annotations

from chaincode.spec import keys
from chaincode.spec.balances import Balance
from chaincode.spec.calendar import add_days, date_of, expiry
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Context
from chaincode.spec.counters import count
from chaincode.spec.issuances import stored
from chaincode.spec.receipts import ISSUANCE
from chaincode.spec.state import View, exact


def issue_prefetch(context: Context, class_id: str, address: str) -> list[str]:
    """The keys that new points for a member's account are known to want."""
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


def issue(
    view: View,
    context: Context,
    found: Json,
    account: str,
    points: int,
    index: int = 0,
    available: int | None = None,
    expires: int | None = None,
    clawback: bool = True,
    pays_debt: bool = False,
) -> Json:
    """Issues `points` of class `found` to `account` as issuance `<prefix>.<index>`, spendable from day `available` (default today) to
    `expires` (default by the class's validity); they can be clawed back in the class's claw-back days, or never. Where they pay debt, what the account owes of the class
    is taken off first. EXPIRES_BEFORE_AVAILABLE, ISSUANCE_EXISTS (the request_id made one before, though its receipt was swept), TOO_MANY_BUCKETS,
    OVERFLOW. Gives the issuance's id, points, dates and what it paid of a debt."""
    today = context.today
    available = today if available is None else available
    if expires is None:
        expires = expiry(today, found["validity"])
    if expires is not None and expires < available:
        raise Refusal("EXPIRES_BEFORE_AVAILABLE", f"expires {date_of(expires)}, available {date_of(available)}")
    issuance_id = f"{context.issuance_prefix}.{index}"
    if ISSUANCE in context.taken:
        raise Refusal("ISSUANCE_EXISTS", issuance_id)
    balance = Balance.load(view, found["class_id"], account, today)
    paid = min(balance.debt, points) if pays_debt else 0
    if paid:
        balance.change_debt(-paid)
    if points > paid:
        balance.credit(available, expires, points - paid)
    balance.save(context)
    issuance = {
        "account": account,
        "available_on": date_of(available),
        "clawback_until": date_of(add_days(today, found["clawback_days"]) if clawback else None),
        "expires_on": date_of(expires),
        "issued_on": date_of(today),
        "points": points,
        "reversed": 0,
    }
    view.put(keys.issuance(found["class_id"], issuance_id), stored(issuance))
    count(view, context, found["class_id"], "issued", points)
    count(view, context, found["class_id"], "repaid", paid)
    told = {name: issuance[name] for name in ("available_on", "expires_on", "issued_on", "points")}
    return {**told, "debt_paid": paid, "issuance_id": issuance_id}
