"""Vectors of the lineage: the operations of some events, and which issuances feed what afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from chaincode.cases.world import (
    ALICE,
    BOB,
    CAROL,
    DAY,
    PEOPLE,
    PLACE,
    REFUND_DAYS,
    Speaker,
    World,
    class_args,
    issue,
    standard,
)
from chaincode.spec.kernel.apply import apply_batch
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.lineage import Lineage
from chaincode.spec.operations import OPERATIONS


class Refused(AssertionError):
    """An operation was refused."""


class Recorded(World):
    """A world that keeps the operations of its events."""

    def __init__(self, begun: World) -> None:
        super().__init__()
        self.state, self.now, self._count, self.operators = begun.state, begun.now, begun._count, begun.operators
        self.operations: list[Json] = []

    def carry_out(self, speaker: Speaker, entry: Json, shard: int) -> Any:
        """The result of an entry. Raises Refused."""
        outcome = apply_batch(self.state, self.transaction(speaker, shard=shard), [entry], OPERATIONS)
        if outcome.event is None:
            raise Refused(outcome.receipts[0])
        self.state.commit(outcome.writes)
        operation = json.loads(outcome.event)["operations"][0]
        self.operations.append(operation)
        return operation["result"]

    def tried(self, op: str, args: Json, speaker: str | Speaker = "northstar", *, member: str = "") -> Any:
        """The result of an operation; None where it is refused."""
        try:
            return self.do(op, args, speaker, member=member)
        except Refused:
            return None


def _transfer(world: World, points: int, *to: str, member: str = "alice") -> None:
    recipients = [{"address": address, "points": points} for address in to]
    world.do("Transfer", {"class_id": "north", "recipients": recipients}, member=member)


def _spend(world: World, points: int, *class_ids: str) -> str:
    args = {"acceptor_msp": "lotus", "class_ids": list(class_ids), "order_ref": "till", "points": points}
    return str(world.do("Redeem", args, "lotus", member="alice")["redemption"]["redemption_id"])


def _hold(world: World, points: int, *class_ids: str) -> str:
    args = {
        "acceptor_msp": "lotus",
        "class_ids": list(class_ids),
        "expires_at": world.now + 3 * DAY,
        "order_ref": "till",
        "points": points,
    }
    return str(world.do("Hold", args, "lotus", member="alice")["hold"]["hold_id"])


def first_in_first_out(world: World) -> None:
    """Two accruals of one day are one bucket; a redemption takes the first, and part of the second."""
    issue(world, "north", 100)
    issue(world, "north", 50)
    _spend(world, 120, "north")


def last_days_apart(world: World) -> None:
    """Points of another day are another bucket; what expires first goes first, and each draw has issuances of its
    own."""
    issue(world, "north", 100)
    world.later(days=1)
    issue(world, "north", 50)
    _spend(world, 120, "north")


def passed_on(world: World) -> None:
    """A transfer to two takes the parcels in the order of the recipients; what one of them passes on keeps its
    origin."""
    issue(world, "north", 30)
    issue(world, "north", 30)
    world.later(days=1)
    issue(world, "north", 40)
    _transfer(world, 45, BOB, CAROL)
    _transfer(world, 20, CAROL, member="bob")


def same_issuance_twice(world: World) -> None:
    """Parcels of one issuance that come to lie next to each other are one."""
    issue(world, "north", 100)
    _transfer(world, 10, BOB)
    _transfer(world, 15, BOB)


def refunded(world: World) -> None:
    """What comes back of a draw are its last parcels, the last one first; again, what was drawn before them."""
    for points in (10, 20, 30):
        issue(world, "north", points)
    redemption_id = _spend(world, 60, "north")
    issue(world, "north", 5)
    world.do("Refund", {"points": 35, "redemption_id": redemption_id}, "lotus")
    world.do("Refund", {"points": 20, "redemption_id": redemption_id}, "lotus")


def refunded_late(world: World) -> None:
    """Points whose last day has passed come back with another one."""
    world.do("DefineClass", class_args("brief", grace_days=5, validity={"days": 3, "kind": "DAYS"}))
    world.do("Issue", {"address": ALICE, "class_id": "brief", "points": 40})
    world.later(days=1)
    world.do("Issue", {"address": ALICE, "class_id": "brief", "points": 40})
    redemption_id = _spend(world, 60, "brief")
    world.later(days=3)
    world.do("Refund", {"points": 50, "redemption_id": redemption_id}, "lotus")


def redeemed_again(world: World) -> None:
    """A redemption that was swept comes again under its id: what comes back is of the newest."""
    args = {"acceptor_msp": "lotus", "class_ids": ["north"], "order_ref": "till", "points": 20}
    for points in (10, 20, 30):
        issue(world, "north", points)
    redemption_id = world.do("Redeem", args, "lotus", member="alice", request_id="till")["redemption"]["redemption_id"]
    world.later(days=REFUND_DAYS + 2).do("Sweep", {"redemptions": [redemption_id]})
    world.do("Redeem", args, "lotus", member="alice", request_id="till")
    world.do("Refund", {"points": 15, "redemption_id": redemption_id}, "lotus")


def held_and_captured(world: World) -> None:
    """A hold moves nothing; its capture takes the first parcels, and the rest stays."""
    issue(world, "north", 50)
    issue(world, "north", 50)
    hold_id = _hold(world, 70, "north")
    _transfer(world, 20, BOB)
    world.do("Capture", {"hold_id": hold_id, "points": 60}, "lotus")


def captured_beside_expired(world: World) -> None:
    """A capture of a bucket whose last day has passed: what was free of it expires, and is not drawn."""
    world.do("DefineClass", class_args("brief", validity={"days": 1, "kind": "DAYS"}))
    for _ in range(2):
        world.do("Issue", {"address": ALICE, "class_id": "brief", "points": 40})
    hold_id = _hold(world, 50, "brief")
    world.later(days=2)
    world.do("Capture", {"hold_id": hold_id, "points": 45}, "lotus")


def released(world: World) -> None:
    """A release moves nothing."""
    issue(world, "north", 50)
    world.do("Release", {"hold_id": _hold(world, 20, "north")}, "lotus")


def waiting(world: World) -> None:
    """Points that are not available yet wait apart, and join their bucket behind what came meanwhile."""
    world.do("DefineClass", class_args("slow", waiting_days=3, validity={"date": "2027-01-31", "kind": "DATE"}))
    for points in (10, 20):
        world.do("Accrue", {"address": ALICE, "amount_minor": points * 100, "class_id": "slow"})
    world.later(days=1)
    world.do("Accrue", {"address": ALICE, "amount_minor": 4000, "class_id": "slow"})
    world.later(days=2)
    _spend(world, 15, "slow")
    world.later(days=1)
    world.do("Accrue", {"address": ALICE, "amount_minor": 5000, "class_id": "slow"})


def expired(world: World) -> None:
    """Whoever touches a balance books what has expired of it, the recipient's as well as the sender's."""
    world.do("DefineClass", class_args("brief", validity={"days": 2, "kind": "DAYS"}))
    for address in (ALICE, BOB):
        world.do("Issue", {"address": address, "class_id": "brief", "points": 25})
    world.later(days=1)
    world.do("Issue", {"address": ALICE, "class_id": "brief", "points": 25})
    world.later(days=2)
    args = {"class_id": "brief", "recipients": [{"address": BOB, "points": 10}]}
    world.do("Transfer", args, member="alice")
    world.later(days=2)
    world.do("Expire", {"accounts": [ALICE, BOB], "class_id": "brief"}, "harbor")


def joined_and_expired(world: World) -> None:
    """What became available and expired before anyone looked joins its bucket first, and goes from there."""
    world.do("DefineClass", class_args("brief", waiting_days=1, validity={"days": 2, "kind": "DAYS"}))
    world.do("Issue", {"address": ALICE, "class_id": "brief", "points": 25})
    world.later(days=5)
    world.do("Issue", {"address": ALICE, "class_id": "brief", "points": 5})


def clawed_back(world: World) -> None:
    """A claw-back takes from the bucket first in, first out, whatever issuance it names; what has expired goes beside
    it."""
    world.do("DefineClass", class_args("owed", debt=True, validity={"days": 2, "kind": "DAYS"}))

    def give(points: int) -> str:
        args = {"address": ALICE, "class_id": "owed", "points": points}
        return str(world.do("Issue", args)["issuance"]["issuance_id"])

    give(7)
    world.later(days=3)
    give(10)
    named = give(20)
    world.later(days=1)
    give(15)
    args = {"account": ALICE, "class_id": "owed", "issuance_id": named, "points": 18, "reason": "returned"}
    world.do("ReverseIssue", args)


def debt_paid(world: World) -> None:
    """What pays a debt comes nowhere; of the issuance that pays it only the rest does."""
    world.do("DefineClass", class_args("owed", debt=True))
    issued = world.do("Issue", {"address": ALICE, "class_id": "owed", "points": 50})["issuance"]
    args = {"class_id": "owed", "recipients": [{"address": BOB, "points": 40}]}
    world.do("Transfer", args, member="alice")
    back = {"account": ALICE, "class_id": "owed", "issuance_id": issued["issuance_id"], "points": 50, "reason": "back"}
    world.do("ReverseIssue", back)
    world.do("Accrue", {"address": ALICE, "amount_minor": 2500, "class_id": "owed"})
    world.do("Accrue", {"address": ALICE, "amount_minor": 2500, "class_id": "owed"})


def merged(world: World) -> None:
    """Points that move into another account of the same person keep their issuances, those that wait too."""
    world.do("Issue", {"address": ALICE, "class_id": "north", "points": 5})
    world.do("Issue", {"address": ALICE, "class_id": "north", "points": 6, "available_on": "2026-04-01"})
    world.do("Issue", {"address": BOB, "class_id": "north", "points": 7})
    merging = PEOPLE["bob"].merging(ALICE, ["north"], "merge", world.now + DAY, PLACE)
    world.do("MergeAccounts", merging, member="alice", request_id="merge")


def rebound(world: World) -> None:
    """What moves to the key that takes a lost one's place keeps its issuances, those that wait too."""
    world.do("Issue", {"address": ALICE, "class_id": "north", "points": 5})
    world.do("Issue", {"address": ALICE, "class_id": "north", "points": 6, "available_on": "2026-04-01"})
    pair = {"address": ALICE, "new_address": CAROL}
    world.do("RebindMember", PEOPLE["carol"].rebinding(ALICE, "northstar", PLACE))
    world.do("ConfirmRebind", pair, "harbor")
    world.later(days=8).do("CompleteRebind", {**pair, "class_ids": ["north"]})


def exchanged(world: World) -> None:
    """Points given in exchange are drawn, those received are an issuance."""
    rate = {"active": True, "denominator": 1, "from_class_id": "north", "numerator": 2, "to_class_id": "lotus"}
    world.do("SetRate", rate, "lotus")
    issue(world, "north", 30)
    args: dict[str, Json] = {
        "from_class_id": "north",
        "points": 20,
        "rate_version": 1,
        "terms_hash": world.terms("lotus"),
        "to_class_id": "lotus",
    }
    world.do("Exchange", args, "lotus", member="alice", request_id="swap")


def brought_over(world: World) -> None:
    """Each entry of an import is an issuance; a withdrawal from custody and a deposit keep the origin."""
    entries = [{"points": points, "reference_hash": f"{points:064x}"} for points in (30, 40)]
    world.do("ImportBalances", {"class_id": "north", "control_total_points": 70, "entries": entries})
    issue(world, "north", 5)
    world.do("DepositFromWallet", {"class_id": "north", "points": 5, "reference_hash": f"{30:064x}"}, member="alice")


def several_classes(world: World) -> None:
    """A redemption of several classes draws by last day over all of them; a refund of it is told by class and last
    day."""
    issue(world, "north", 10)
    issue(world, "harbor", 10)
    world.later(days=1)
    issue(world, "north", 10)
    issue(world, "harbor", 10)
    redemption_id = _spend(world, 35, "harbor", "north")
    world.do("Refund", {"points": 12, "redemption_id": redemption_id}, "lotus")


SCENES: tuple[Callable[[World], None], ...] = (
    first_in_first_out,
    last_days_apart,
    passed_on,
    same_issuance_twice,
    refunded,
    refunded_late,
    redeemed_again,
    held_and_captured,
    captured_beside_expired,
    released,
    waiting,
    expired,
    joined_and_expired,
    clawed_back,
    debt_paid,
    exchanged,
    brought_over,
    merged,
    rebound,
    several_classes,
)


def lineage_vectors() -> Iterator[tuple[str, str, Json]]:
    """(folder, name, document)."""
    for scene in SCENES:
        world = Recorded(standard())
        scene(world)
        operations = [operation for operation in world.operations if operation["postings"]]
        document = {
            "description": " ".join((scene.__doc__ or "").split()),
            "operations": operations,
            "expect": expected(operations),
        }
        yield "lineage", scene.__name__, document


def expected(operations: list[Json]) -> Json:
    """What the lineage says after these operations."""
    lineage = Lineage()
    for operation in operations:
        lineage.take(operation)
    assert not lineage.problems, lineage.problems
    places = sorted(lineage.parcels, key=json.dumps)
    return {
        "places": [
            {
                "class_id": class_id,
                "account": account,
                "expires_day": expires,
                "available_day": available,
                "parcels": [list(parcel) for parcel in lineage.origins(class_id, account, expires, available)],
            }
            for class_id, account, expires, available in places
        ],
        "redemptions": [
            {
                "redemption_id": redemption_id,
                "class_id": class_id,
                "expires_day": expires,
                "parcels": [list(parcel) for parcel in parcels],
            }
            for redemption_id in sorted(lineage.redeemed)
            for (class_id, expires), parcels in lineage.drawn(redemption_id).items()
        ],
        "issuances": [
            {"class_id": class_id, "issuance_id": issuance_id, **_whereabouts(lineage, class_id, issuance_id)}
            for class_id, issuance_id in sorted(lineage.issued)
        ],
    }


def _whereabouts(lineage: Lineage, class_id: str, issuance_id: str) -> Json:
    found = lineage.whereabouts(class_id, issuance_id)
    return {
        "held": [
            {"account": account, "expires_day": expires, "available_day": available, "points": points}
            for (_, account, expires, available), points in sorted(
                found.held.items(), key=lambda one: json.dumps(one[0])
            )
        ],
        "redeemed": dict(sorted(found.redeemed.items())),
        "expired": found.expired,
        "reversed": found.reversed,
    }
