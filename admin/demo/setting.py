"""The demo's consortium: three merchants, one point class each, limits that never refuse; and its replayed time."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass

from admin.errors import BadInput
from chaincode.signing import MemberKey
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.limits import INTEGER_MAX, SHARDS_MAX
from network.declaration.time_zones import offsets

OPERATOR = "operator"
TIME_ZONE = "Asia/Shanghai"
ZONE = zoneinfo.ZoneInfo(TIME_ZONE)
CURRENCY = {"code": "CNY", "minor_unit_millionths": 10_000}
VALIDITY_DAYS = 365
LIMIT_MILLIONTHS = 10_000_000_000_000
"""What an issuer may come to owe through one lane of an acceptor's gateway, unless the purchases' points are worth
more."""
VALID_SECONDS = 86_400


@dataclass(frozen=True)
class Merchant:
    """A merchant and its class (of the same id): the value of one point in millionths of the currency."""

    msp_id: str
    name: str
    unit_value_millionths: int


MERCHANTS = (
    Merchant("northstar", "北辰书店", 10_000),
    Merchant("harbor", "海港唱片", 8_000),
    Merchant("lotus", "莲花百货", 12_500),
)
LIMIT_PARTS = 20
"""A limit of so many parts has one for each lane, the guests' eighth beside."""
COVER_PARTS = (len(MERCHANTS) - 1) * LIMIT_PARTS
CLASS_IDS = [merchant.msp_id for merchant in MERCHANTS]


def noon(day: datetime.date) -> int:
    """12:00 local time of `day`, in Unix seconds: when purchases happen."""
    return _at(day, 12)


def night(day: datetime.date) -> int:
    """23:00 local time of `day`: when a month ends."""
    return _at(day, 23)


def _at(day: datetime.date, hour: int) -> int:
    return int(datetime.datetime.combine(day, datetime.time(hour), ZONE).timestamp())


def member_key(number: int) -> MemberKey:
    """The demo's key of customer `number`. It follows from the number alone, so that every run and every reader has the
    same keys: never a way to make keys for people."""
    return MemberKey.derived(f"jifen demo member {number}")


def request(op: str, request_id: str, args: Json, now: int) -> dict[str, Json]:
    """An operation of the demo, to be carried out within a day of `now`."""
    return {"args": args, "op": op, "request_id": request_id, "valid_until": now + VALID_SECONDS}


def limit_for(points: int) -> int:
    """The limit, in millionths, that so many points cannot reach, wherever they are spent. Raises BadInput
    PURCHASES_TOO_LARGE when the ledger cannot hold the cover of all lanes."""
    limit = max(LIMIT_MILLIONTHS, points * max(merchant.unit_value_millionths for merchant in MERCHANTS))
    if limit * COVER_PARTS > INTEGER_MAX:
        raise BadInput(
            "PURCHASES_TOO_LARGE", f"they earn {points} points, which are worth more than the ledger can hold"
        )
    return limit


def opening(
    now: int, network_id: str, limit_millionths: int = LIMIT_MILLIONTHS
) -> list[tuple[str, str, list[dict[str, Json]]]]:
    """What is done before the first purchase on this network: (MSP id, identity, operations), in order."""
    consortium = {
        "acceptance_days": 7,
        "confirmation_days": 3,
        "currency": CURRENCY,
        "disputes": {"answer_days": 5, "escalation_days": 5, "fee_minor": 0, "inquiry_days": 5, "vote_days": 5},
        "name": "Jifen demo 积分",
        "network_id": network_id,
        "operators": [OPERATOR],
        "payment_days": 3,
        "refund_days": 90,
        "time_zone": {"name": TIME_ZONE, "offsets": offsets(TIME_ZONE)},
    }
    steps = [(OPERATOR, "admin", [request("OpenConsortium", "open", consortium, now)])]
    merchants = [
        request(
            "RegisterMerchant", f"register-{merchant.msp_id}", {"msp_id": merchant.msp_id, "name": merchant.name}, now
        )
        for merchant in MERCHANTS
    ]
    covers = [
        request(
            "DepositCollateral",
            f"cover-{merchant.msp_id}",
            {
                "account": "COVER",
                "amount_millionths": limit_millionths * COVER_PARTS,
                "msp_id": merchant.msp_id,
                "reference": f"cover of {merchant.msp_id}",
            },
            now,
        )
        for merchant in MERCHANTS
    ]
    steps.append((OPERATOR, "admin", merchants))
    for merchant in MERCHANTS:
        steps.append((merchant.msp_id, "admin", [request("JoinConsortium", f"join-{merchant.msp_id}", {}, now)]))
    steps.append((OPERATOR, "admin", covers))
    for merchant in MERCHANTS:
        steps.append(
            (
                merchant.msp_id,
                "gateway",
                [
                    request("DefineClass", f"class-{merchant.msp_id}", _point_class(merchant), now),
                    request("SetLimits", f"limits-{merchant.msp_id}", _limits(merchant, limit_millionths), now),
                ],
            )
        )
    return steps


def _point_class(merchant: Merchant) -> Json:
    return {
        "accepted_by": [other.msp_id for other in MERCHANTS],
        "category": "points",
        "class_id": merchant.msp_id,
        "decimals": 0,
        "earn_rate": {"amount_minor": 100, "points": 1, "rounding": "STEPS"},
        "enrolled_only": True,
        "name": f"{merchant.name}积分",
        "symbol": merchant.msp_id[:4].upper(),
        "transferable": True,
        "unit_value_millionths": merchant.unit_value_millionths,
        "validity": {"days": VALIDITY_DAYS, "kind": "DAYS"},
    }


def _limits(merchant: Merchant, limit_millionths: int) -> Json:
    """What a merchant grants each other one, in as many lanes as there are: purchases are replayed in them."""
    total = limit_millionths * LIMIT_PARTS
    limit = {"cap_millionths": total, "cover_millionths": total, "lanes": SHARDS_MAX}
    others = [other.msp_id for other in MERCHANTS if other is not merchant]
    return {"issuer_msp": merchant.msp_id, "limits": [{**limit, "acceptor_msp": other} for other in others]}
