"""A small consortium in memory, in which a case sets its scene."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chaincode.signing import MemberKey
from chaincode.spec.kernel import keys
from chaincode.spec.kernel.apply import apply_batch
from chaincode.spec.kernel.calendar import day_number, day_of
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.context import Creator, Transaction
from chaincode.spec.kernel.exposure import NO_POSITION, NO_SLICE, lane_gross_max
from chaincode.spec.kernel.limits import GUEST_SHARD, MERCHANTS_MAX, REFUND_SHARD, RUN_OFF_DAYS_MIN
from chaincode.spec.kernel.memory_state import MemoryState
from chaincode.spec.kernel.signatures import SigningPlace
from chaincode.spec.kernel.terms import terms_hash
from chaincode.spec.operations import OPERATIONS

NOW = 1_772_341_200
"""2026-03-01 13:00 in Shanghai."""
DAY = 86_400
MERCHANTS = {"northstar": "北辰书店", "harbor": "海港唱片", "lotus": "莲花百货"}
CLASSES = {"north": ("northstar", 10_000), "harbor": ("harbor", 8_000), "lotus": ("lotus", 12_500)}
CAP = 5_000_000_000
REFUND_DAYS = 90
NETWORK = "8769cfc5f51f4f9d5159382e35c5b91ad8ccfa414e648b29be2b07613d359370"
"""The hash of a first block: tests of the gateway make a ledger that begins with it."""
PLACE = SigningPlace("jifen", "jifen", NETWORK)
"""Where the vectors' signatures are good."""
ELSEWHERE = replace(PLACE, network="0" * 64)
"""Another network of equal names."""
PEOPLE = {name: MemberKey.derived(f"vector {name}") for name in ("alice", "bob", "carol", "dave")}
ALICE, BOB, CAROL, DAVE = (PEOPLE[name].address for name in ("alice", "bob", "carol", "dave"))
"""alice and bob are enrolled, at northstar and harbor; carol and dave have keys only."""


def person(number: int) -> MemberKey:
    """One of any number of further keys."""
    return MemberKey.derived(f"vector person {number}")


@dataclass(frozen=True)
class Speaker:
    """Who submits: an organisation with a role, or a Fabric client with a key."""

    msp_id: str
    role: str = "gateway"
    public_key: str = ""

    @property
    def creator(self) -> Creator:
        return Creator(self.msp_id, self.role, self.public_key)


class Recorder:
    """A state reader that remembers which keys were read."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state
        self.read: set[str] = set()

    def get(self, key: str) -> bytes | None:
        self.read.add(key)
        return self._state.get(key)

    def get_many(self, keys: list[str]) -> dict[str, bytes | None]:
        self.read.update(keys)
        return self._state.get_many(keys)

    def range(self, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        for key, value in self._state.range(start, end):
            self.read.add(key)
            yield key, value


class World:
    """A state and a clock. `do` carries out an operation that must be accepted."""

    def __init__(self) -> None:
        self.state = MemoryState()
        self.now = NOW
        self.operators: tuple[str, ...] | None = None
        """Those that the endorser was told of."""
        self.network_id: str | None = None
        """What it was told of the network."""
        self._count = 0

    def fork(self) -> World:
        """A copy that goes its own way."""
        other = World()
        other.state = MemoryState(self.state.values)
        other.now, other._count = self.now, self._count
        other.operators, other.network_id = self.operators, self.network_id
        return other

    def transaction(self, speaker: Speaker, *, shard: int = 0, tx_id: str = "") -> Transaction:
        """The next transaction of a speaker."""
        tx_id = tx_id or f"{self._count:064x}"
        where = PLACE.channel, PLACE.chaincode
        return Transaction(*where, tx_id, self.now, speaker.creator, shard, self.operators, self.network_id)

    def entry(self, op: str, args: Json, *, member: str = "", request_id: str = "r1", valid_for: int = DAY) -> Json:
        """An operation, signed by `member` where one is named."""
        entry = {"args": args, "op": op, "request_id": request_id, "valid_until": self.now + valid_for}
        return PEOPLE[member].authorise(entry, PLACE) if member else entry

    def do(
        self,
        op: str,
        args: Json,
        speaker: str | Speaker = "northstar",
        *,
        member: str = "",
        shard: int = 0,
        request_id: str = "",
    ) -> Any:
        """The result of an operation that must be accepted."""
        self._count += 1
        who = Speaker(speaker) if isinstance(speaker, str) else speaker
        entry = self.entry(op, args, member=member, request_id=request_id or f"s{self._count}")
        return self.carry_out(who, entry, shard)

    def carry_out(self, speaker: Speaker, entry: Json, shard: int) -> Any:
        """The result of an entry that must be accepted, in a transaction of its own."""
        outcome = apply_batch(self.state, self.transaction(speaker, shard=shard), [entry], OPERATIONS)
        receipt = outcome.receipts[0]
        assert receipt["code"] == "OK", receipt
        self.state.commit(outcome.writes)
        return copy.deepcopy(receipt["result"])

    def admit(self, msp_id: str, name: str = "m") -> None:
        """A merchant is invited, and joins."""
        self.do("RegisterMerchant", {"msp_id": msp_id, "name": name}, ADMIN)
        self.do("JoinConsortium", {}, Speaker(msp_id, "admin"))

    def let_run_off(self, msp_id: str, days: int = RUN_OFF_DAYS_MIN) -> str:
        """A merchant's points can be spent for so many days more; gives the last of them."""
        until = day_of(self.now + days * DAY, consortium_args()["time_zone"])
        self.do("SetMerchantStatus", {"msp_id": msp_id, "run_off_until": until, "status": "RUN_OFF"}, ADMIN)
        return until

    def let_go(self, msp_id: str) -> None:
        """A merchant has left, on this very day; which no operation made."""
        merchant = json.loads(self.state.values[keys.merchant(msp_id)])
        merchant.update(run_off_until=None, status="EXITED")
        self.state.commit({keys.merchant(msp_id): encode(merchant)})

    def put_in(self, msp_id: str, status: str) -> None:
        """A merchant comes into a status."""
        if status == "RUN_OFF":
            self.let_run_off(msp_id)
        elif status == "EXITED":
            self.let_go(msp_id)
        else:
            self.do("SetMerchantStatus", {"msp_id": msp_id, "status": status}, ADMIN)

    def terms(self, class_id: str) -> str:
        """The hash of a class's terms as they are now."""
        return terms_hash(json.loads(self.state.values[keys.point_class(class_id)]))

    def later(self, *, days: int = 0, seconds: int = 0) -> World:
        """The clock goes on."""
        self.now += days * DAY + seconds
        return self


def class_args(class_id: str, unit_value: int = 10_000, **changes: Json) -> dict[str, Json]:
    """Arguments of DefineClass."""
    return {
        "accepted_by": None,
        "category": "points",
        "class_id": class_id,
        "decimals": 0,
        "earn_rate": {"amount_minor": 100, "points": 1, "rounding": "STEPS"},
        "enrolled_only": False,
        "name": f"{class_id} 积分",
        "symbol": class_id[:4].upper(),
        "transferable": True,
        "unit_value_millionths": unit_value,
        "validity": {"days": 365, "kind": "DAYS"},
        **changes,
    }


def consortium_args(**changes: Json) -> dict[str, Json]:
    """Arguments of OpenConsortium."""
    return {
        "acceptance_days": 7,
        "confirmation_days": 3,
        "currency": {"code": "CNY", "minor_unit_millionths": 10_000},
        "disputes": {"answer_days": 4, "escalation_days": 3, "fee_minor": 7, "inquiry_days": 5, "vote_days": 2},
        "name": "Vectors",
        "network_id": NETWORK,
        "operators": ["operator"],
        "payment_days": 5,
        "refund_days": REFUND_DAYS,
        "time_zone": {"name": "Asia/Shanghai", "offsets": [[0, 28_800]]},
        **changes,
    }


ADMIN = Speaker("operator", "admin")
OPERATOR = Speaker("operator")


def empty() -> World:
    """Nothing at all."""
    return World()


def told(*operators: str, network_id: str = NETWORK) -> World:
    """Nothing at all, before an endorser that was told of these operators and this network."""
    world = World()
    world.operators, world.network_id = operators, network_id
    return world


def opened() -> World:
    """A consortium without merchants."""
    world = World()
    world.do("OpenConsortium", consortium_args(), ADMIN)
    return world


def grants(issuer: str, cap: int = 4 * CAP, cover: int | None = None, *acceptors: str) -> list[Json]:
    """Limits of an issuer for the acceptors, both other merchants when none is named."""
    return [
        {"acceptor_msp": other, "cap_millionths": cap, "cover_millionths": cap if cover is None else cover}
        for other in acceptors or MERCHANTS
        if other != issuer
    ]


def deposit(msp_id: str, millionths: int, account: str = "COVER") -> Json:
    """What a merchant has paid in."""
    return {"account": account, "amount_millionths": millionths, "msp_id": msp_id, "reference": f"bank {msp_id}"}


def refill(issuer: str, acceptor: str, to_shard: int, amount: int = CAP, from_shard: int = 0) -> Json:
    """So much of cap and cover, to a slice from another."""
    return {
        "acceptor_msp": acceptor,
        "cap_millionths": amount,
        "cover_millionths": amount,
        "from_shard": from_shard,
        "issuer_msp": issuer,
        "to_shard": to_shard,
    }


def sliced(
    world: World,
    cap: int,
    cover: int | None = None,
    shard: int = 0,
    issuer: str = "northstar",
    acceptor: str = "harbor",
) -> World:
    """A slice of a limit holds so much; which no operation made."""
    key = keys.limit(issuer, acceptor, shard)
    read = {
        place: json.loads(world.state.values[place])
        for place in (key, keys.cover(issuer))
        if place in world.state.values
    }
    slice_, booked = read.get(key, dict(NO_SLICE)), read[keys.cover(issuer)]
    new = {**slice_, "cap_millionths": cap, "cover_millionths": cap if cover is None else cover}
    booked["allocated_millionths"] += new["cover_millionths"] - slice_["cover_millionths"]
    booked["posted_millionths"] = max(booked["posted_millionths"], booked["allocated_millionths"])
    world.state.commit({key: encode(new), keys.cover(issuer): encode(booked)})
    return world


_cache: dict[str, World] = {}


def standard() -> World:
    """Three merchants with a class and limits each, which have 4 CAP for each other: in lanes 0 and 1, the guests' and
    lane 0's refunds; alice and bob enrolled."""
    if "standard" not in _cache:
        world = opened()
        for msp_id, name in MERCHANTS.items():
            world.admit(msp_id, name)
            world.do("DepositCollateral", deposit(msp_id, 12 * CAP), OPERATOR)
            world.do("SetLimits", {"issuer_msp": msp_id, "limits": grants(msp_id)}, msp_id)
        for issuer in MERCHANTS:
            for acceptor in MERCHANTS:
                if acceptor != issuer:
                    world.do("RefillLimit", refill(issuer, acceptor, 1), acceptor)
                    world.do("RefillLimit", refill(issuer, acceptor, GUEST_SHARD, CAP // 2), acceptor)
                    world.do("RefillLimit", refill(issuer, acceptor, REFUND_SHARD), issuer)
        for class_id, (issuer, unit_value) in CLASSES.items():
            world.do("DefineClass", class_args(class_id, unit_value), issuer)
        for name, home in (("alice", "northstar"), ("bob", "harbor")):
            world.do("EnrollMember", PEOPLE[name].enrolment(home, PLACE), home)
        _cache["standard"] = world
    return _cache["standard"].fork()


def funded(points: Mapping[str, int] | None = None, name: str = "alice") -> World:
    """The standard world, with points for a member: 500 of each class when nothing is said."""
    world = standard()
    for class_id, amount in (points or {"north": 500, "harbor": 500, "lotus": 500}).items():
        issue(world, class_id, amount, name)
    return world


def issue(world: World, class_id: str, points: int, name: str = "alice", request_id: str = "", **more: Json) -> Any:
    """Issues points of a class to a person."""
    args = {"address": PEOPLE[name].address, "class_id": class_id, "points": points, **more}
    return world.do("Issue", args, CLASSES[class_id][0], request_id=request_id)


def hoard(world: World, class_id: str, account: str, days: int, *, points: int = 1, held: int = 0) -> World:
    """An account has a bucket of the class on each of so many days, from 2030-01-01 on; which no operation made."""
    buckets = [[_HOARD_BEGINS + number, points, held] for number in range(days)]
    world.state.commit({keys.balance(class_id, account): encode([buckets, [], 0, [], 0])})
    return world


_HOARD_BEGINS = day_number("2030-01-01")


def mesh(issuers: int, lanes: int) -> World:
    """So many of MERCHANTS_MAX merchants, whose ids are as long as may be, owe all others something, in so many
    lanes."""
    world = opened()
    names = [f"merchant-{number:03}".ljust(64, "x") for number in range(MERCHANTS_MAX)]
    values = {}
    for number, issuer in enumerate(names):
        merchant = {
            "invited_until": None,
            "msp_id": issuer,
            "name": "商户",
            "registered_at": world.now,
            "run_off_until": None,
            "status": "ACTIVE",
            "suspended_by": None,
        }
        values[keys.merchant(issuer)] = encode(merchant)
        for place, acceptor in enumerate(names):
            if acceptor == issuer or number >= issuers:
                continue
            values[keys.carry(issuer, acceptor)] = encode({"millionths": -4_999})
            redeemed = lane_gross_max(10_000) - (number * 7 + place * 3) * 10_001
            position = encode(
                {**NO_POSITION, "redeemed_millionths": redeemed, "refunded_millionths": redeemed // (2 + place % 3)}
            )
            values.update({keys.position(1, issuer, acceptor, lane): position for lane in range(lanes)})
    world.state = MemoryState({**world.state.values, **values})
    world.later(seconds=1).do("CutWindow", {"window_id": 1}, OPERATOR)
    return world
