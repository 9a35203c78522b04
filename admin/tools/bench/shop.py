"""What the benches that need no network begin with: a consortium of one merchant with one class, whose points everybody
earns."""

from __future__ import annotations

from collections.abc import Sequence

from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json

OPENED = 1_767_196_800
ISSUER, CLASS = "northstar", "points"
OPERATOR = "operator"
DAYS_BETWEEN = 10
"""How often one account buys."""
Call = tuple[str, str, Json]
"""(op, request_id, args)."""


def opening(network_id: str, validity: Json) -> list[tuple[str, str, Call]]:
    """The operations that found it, each in a transaction of its own: who sends it, with which role, and what."""
    consortium = {
        "acceptance_days": 7,
        "confirmation_days": 3,
        "currency": {"code": "CNY", "minor_unit_millionths": 10_000},
        "disputes": {"answer_days": 5, "escalation_days": 5, "fee_minor": 0, "inquiry_days": 5, "vote_days": 5},
        "name": "Bench",
        "network_id": network_id,
        "operators": [OPERATOR],
        "payment_days": 3,
        "refund_days": 90,
        "time_zone": {"name": "Asia/Shanghai", "offsets": [[0, 28_800]]},
    }
    point_class = {
        "category": "points",
        "class_id": CLASS,
        "decimals": 0,
        "earn_rate": {"amount_minor": 100, "points": 1, "rounding": "STEPS"},
        "enrolled_only": False,
        "name": "Points",
        "symbol": "P",
        "transferable": True,
        "unit_value_millionths": 10_000,
        "validity": validity,
    }
    return [
        (OPERATOR, "admin", ("OpenConsortium", "open", consortium)),
        (OPERATOR, "admin", ("RegisterMerchant", "invite", {"msp_id": ISSUER, "name": ISSUER})),
        (ISSUER, "admin", ("JoinConsortium", "join", {})),
        (ISSUER, "admin", ("DefineClass", "class", point_class)),
    ]


def time_of(purchase: int, accounts: int) -> int:
    """When the shop's purchase of this number, counted from 0, is made, if so many accounts buy in turn."""
    return OPENED + SECONDS_PER_DAY + purchase * DAYS_BETWEEN * SECONDS_PER_DAY // accounts


def purchases(addresses: Sequence[str], numbers: range, now: int) -> list[Call]:
    """The purchases of these numbers, made together."""
    return [
        (
            "Accrue",
            f"{now:011d}-{number:09d}",
            {"address": addresses[number % len(addresses)], "amount_minor": 2_000, "class_id": CLASS},
        )
        for number in numbers
    ]


def entries(calls: Sequence[Call], now: int) -> list[Json]:
    """The calls as a transaction's operations."""
    return [
        {"args": args, "op": op, "request_id": request_id, "valid_until": now + SECONDS_PER_DAY}
        for op, request_id, args in calls
    ]
