"""Holds against those who would break them: a limit lowered after the goods were handed out, a date ahead, a state that
grows for free."""

from __future__ import annotations

from typing import Any

import pytest

from chaincode.cases.world import (
    ALICE,
    CAP,
    DAY,
    OPERATOR,
    Speaker,
    World,
    class_args,
    funded,
    grants,
    issue,
    refill,
    sliced,
    standard,
)
from chaincode.spec.invariants import check
from chaincode.spec.kernel.apply import apply_batch
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.limits import DATE_MARGIN_SECONDS, GUEST_SHARD
from chaincode.spec.operations import OPERATIONS

MINUTES_15 = 900


def reservation(world: World, points: int, *class_ids: str) -> Json:
    return {
        "acceptor_msp": "harbor",
        "class_ids": list(class_ids) or ["north"],
        "expires_at": world.now + MINUTES_15,
        "order_ref": "an order",
        "points": points,
    }


def sound(world: World) -> bool:
    return not any(check(world.state.values, now=world.now).values())


def code(world: World, op: str, args: Json, msp_id: str, member: str = "") -> str:
    """What the ledger would answer."""
    entry = world.entry(op, args, member=member, request_id="tried")
    receipt: Any = apply_batch(world.state, world.transaction(Speaker(msp_id)), [entry], OPERATIONS).receipts[0]
    return str(receipt["code"])


@pytest.mark.parametrize(("relay", "shard"), [("northstar", 3), ("harbor", 1)])
def test_a_limit_lowered_after_the_hold_does_not_stop_its_capture(relay: str, shard: int) -> None:
    world = funded({"north": 500})
    held = world.do("Hold", reservation(world, 100), relay, member="alice", shard=shard)["hold"]
    assert sound(world)
    world.do("SetLimits", {"issuer_msp": "northstar", "limits": grants("northstar", 0, 1_000_000, "harbor")})
    assert sound(world)
    again = reservation(world, 1)
    assert code(world, "Hold", again, "northstar", "alice") == "CAP_EXCEEDED"
    world.do("CutWindow", {"window_id": 1}, OPERATOR)
    world.do("Capture", {"hold_id": held["hold_id"], "points": 70}, "harbor")
    assert sound(world)
    assert code(world, "Hold", again, "northstar", "alice") == "CAP_EXCEEDED"


def test_holds_and_redemptions_together_stay_within_the_limit() -> None:
    """The lane's room is 100 points: a hold of 60 leaves 40, its capture of 10 gives 50 back to the same lane, wherever
    it is captured."""
    world = funded({"north": 500})
    sliced(sliced(world, 1_000_000, CAP, 1), 0, CAP, 0)
    held = world.do("Hold", reservation(world, 60), "harbor", member="alice", shard=1)["hold"]
    spent = {name: value for name, value in reservation(world, 40).items() if name != "expires_at"}
    world.do("Redeem", spent, "harbor", member="alice", shard=1)
    world.do("Capture", {"hold_id": held["hold_id"], "points": 10}, "harbor", shard=0)
    world.do("Redeem", {**spent, "points": 50}, "harbor", member="alice", shard=1)
    entry = world.entry("Redeem", {**spent, "points": 1}, member="alice")
    for lane in (0, 1):
        receipt = apply_batch(
            world.state, world.transaction(Speaker("harbor"), shard=lane), [entry], OPERATIONS
        ).receipts[0]
        assert receipt["code"] == "CAP_EXCEEDED"
    assert sound(world)


def test_nobody_ends_anothers_hold_by_dating_ahead() -> None:
    """A hold of a quarter of an hour, and a date as far ahead as peers take: while its time runs, only its parties end
    it."""
    world = funded({"north": 500})
    held = world.do("Hold", reservation(world, 100), "northstar", member="alice")["hold"]
    for seconds in (0, 1, MINUTES_15 // 2, MINUTES_15):
        ahead = world.fork().later(seconds=seconds + DATE_MARGIN_SECONDS)
        assert code(ahead, "Release", {"hold_id": held["hold_id"]}, "lotus") == "NOT_HOLD_PARTY"
    after = world.fork().later(seconds=MINUTES_15 + DATE_MARGIN_SECONDS + 1)
    assert code(after, "Release", {"hold_id": held["hold_id"]}, "lotus") == "OK"
    assert code(world, "Release", {"hold_id": held["hold_id"]}, "northstar", "alice") == "OK"


def test_a_hold_that_has_ended_leaves_little_behind() -> None:
    """A member with 512 buckets of a point each holds and releases them all."""
    world = standard()
    for class_id in ("c0", "c1"):
        world.do("DefineClass", class_args(class_id))
    for _ in range(256):
        for class_id in ("c0", "c1"):
            world.do("Issue", {"address": ALICE, "class_id": class_id, "points": 1})
        world.later(days=1)
    before = dict(world.state.values)
    held = world.do("Hold", reservation(world, 512, "c0", "c1"), "northstar", member="alice")["hold"]
    assert len(held["pins"]) == 512
    open_bytes = grown(before, world)
    assert open_bytes < 85_000
    world.do("Release", {"hold_id": held["hold_id"]}, "northstar", member="alice")
    assert grown(before, world) < 1_500
    assert sound(world)


def grown(before: dict[str, bytes], world: World) -> int:
    """Bytes of keys and values that were not there."""
    return sum(len(key) + len(value) for key, value in world.state.values.items() if key not in before)


def test_the_guests_slice_is_the_acceptors_to_refill() -> None:
    world = funded({"north": 500})
    issue(world, "lotus", 1)
    world.do("RefillLimit", refill("northstar", "harbor", 0, CAP, GUEST_SHARD), "northstar")
    assert code(world, "Hold", reservation(world, 1), "northstar", "alice") == "CAP_EXCEEDED"
    world.do("RefillLimit", refill("northstar", "harbor", GUEST_SHARD, 1_000_000), "harbor")
    world.do("Hold", reservation(world, 100), "northstar", member="alice")
    assert code(world, "Hold", reservation(world, 1), "northstar", "alice") == "CAP_EXCEEDED"
    world.later(days=1, seconds=DAY)
    assert sound(world)
