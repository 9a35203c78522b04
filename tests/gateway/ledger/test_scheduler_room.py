"""A limit is one number to people: no redemption is refused for it while the whole of it has room, in whichever lanes that lies."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaincode.cases.disputes import ORDER, disputed
from chaincode.cases.world import DAY, OPERATOR, PLACE, World, class_args, deposit, grants, person, sliced, standard
from chaincode.spec.invariants import check
from chaincode.spec.kernel import keys
from chaincode.spec.kernel.limits import GUEST_SHARD, REFUND_SHARD
from gateway.ledger.errors import Rejected
from gateway.ledger.scheduling import Bounds, Scheduler
from tests.scenes.optimistic import Channel, OptimisticLedger

PEOPLE = [person(number) for number in range(40)]
POINT = 10_000
LANES = 4


def granted(points: list[int], cover: list[int] | None = None) -> World:
    """Forty people with 1,000 points each of northstar's, and its limit for the harbor in so many points a lane; the last is the guests'."""
    world = standard()
    for number, key in enumerate(PEOPLE):
        args = {"address": key.address, "class_id": "north", "points": 1000}
        world.do("Issue", args, "northstar", request_id=f"gift{number}")
    world.state.commit({key: None for key in world.state.values if key.startswith("limit/northstar/")})
    world.state.commit(
        {
            "cover/northstar": b'{"allocated_millionths":0,"drawn_millionths":0,"posted_millionths":1000000000000,"returning_millionths":0}'
        }
    )
    for place, cap in enumerate(points):
        shard = GUEST_SHARD if place == LANES else place
        sliced(world, cap * POINT, (cover or points)[place] * POINT, shard)
    return world


def redeem(world: World, number: int, points: int) -> dict[str, Any]:
    args = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": points}
    entry = {"args": args, "op": "Redeem", "request_id": f"r{number}", "valid_until": world.now + DAY}
    return PEOPLE[number % len(PEOPLE)].authorise(entry, PLACE)


async def spend(world: World, amounts: list[int], *, at_once: bool) -> list[bool]:
    """Whether each was accepted. A refusal must be for the limit."""
    channel = Channel(world.state, world.now)
    told: list[bool] = []
    async with Scheduler(OptimisticLedger(channel, "harbor"), Bounds(lanes=LANES)) as scheduler:
        calls = [
            scheduler.submit(redeem(world, number, points), timestamp=world.now)
            for number, points in enumerate(amounts)
        ]
        if at_once:
            answers = await asyncio.gather(*calls, return_exceptions=True)
        else:
            answers = [(await asyncio.gather(call, return_exceptions=True))[0] for call in calls]
    for answer in answers:
        assert not isinstance(answer, BaseException) or (
            isinstance(answer, Rejected) and answer.code in ("CAP_EXCEEDED", "COVER_EXCEEDED")
        ), answer
        told.append(not isinstance(answer, BaseException))
    assert not [name for name, found in check(channel.state.values, now=channel.now).items() if found]
    return told


async def test_what_no_lane_has_room_for_all_have_together() -> None:
    world = granted([100, 100, 100, 100])
    assert await spend(world, [250, 151, 150, 1], at_once=False) == [True, False, True, False]


async def test_what_does_not_help_is_not_moved() -> None:
    """A redemption that the whole has no room for moves nothing; of the guests' slice is taken last."""
    world = granted([100, 100, 100, 100, 100])
    before = {key: value for key, value in world.state.values.items() if key.startswith("limit/northstar/")}
    assert await spend(world, [501, 550], at_once=False) == [False, False]
    assert before == {key: value for key, value in world.state.values.items() if key.startswith("limit/northstar/")}
    guests = f"limit/northstar/harbor/{GUEST_SHARD:02d}"
    assert await spend(world, [400], at_once=False) == [True]
    assert world.state.values[guests] == before[guests]
    assert await spend(granted([100] * (LANES + 1)), [400, 100, 1], at_once=False) == [True, True, False]


async def test_a_hold_elsewhere_brings_what_it_is_short_of_and_no_more() -> None:
    """Lotus relays a hold at the harbor that the harbor's guests' slice has no room for; its own limit stays, and
    northstar's for refunds, from which a third one may not take."""
    world = granted([100, 100, 100, 100, 10])
    refunds = sliced(world, 50_000 * POINT, shard=REFUND_SHARD).state.values[
        keys.limit("northstar", "harbor", REFUND_SHARD)
    ]
    for shard in range(LANES):
        sliced(world, 10**6, shard=shard, acceptor="lotus")
    own = {key: value for key, value in world.state.values.items() if key.startswith("limit/northstar/lotus/")}

    def hold(points: int) -> dict[str, Any]:
        args = {"acceptor_msp": "harbor", "class_ids": ["north"], "expires_at": world.now + DAY, "order_ref": "o"}
        args |= {"points": points}
        entry = {"args": args, "op": "Hold", "request_id": f"h{points}", "valid_until": world.now + DAY}
        return PEOPLE[0].authorise(entry, PLACE)

    async with Scheduler(OptimisticLedger(Channel(world.state, world.now), "lotus")) as scheduler:
        with pytest.raises(Rejected, match=r"CAP_EXCEEDED: .*room for 4100000 millionths, asked 4110000"):
            await scheduler.submit(hold(411), timestamp=world.now)
        assert (await scheduler.submit(hold(20), timestamp=world.now)).accepted
    guests = json.loads(world.state.values[f"limit/northstar/harbor/{GUEST_SHARD:02d}"])
    assert guests["cap_millionths"] == guests["reserved_millionths"] == 20 * POINT
    assert own == {key: value for key, value in world.state.values.items() if key.startswith("limit/northstar/lotus/")}
    assert world.state.values[keys.limit("northstar", "harbor", REFUND_SHARD)] == refunds


async def test_a_refund_of_an_earlier_window_takes_the_acceptors_limit_wherever_it_lies() -> None:
    """The harbor's limit for northstar lies in northstar's lanes; a refund brings it to the slice of refunds."""
    world = granted([100, 0, 0, 0])
    channel = Channel(world.state, world.now)
    async with Scheduler(OptimisticLedger(channel, "harbor"), Bounds(lanes=LANES)) as scheduler:
        made = [await scheduler.submit(redeem(world, number, 50), timestamp=world.now) for number in (1, 2)]
        world.state.commit({key: None for key in world.state.values if key.startswith("limit/harbor/")})
        world.state.commit(
            {
                "cover/harbor": b'{"allocated_millionths":0,"drawn_millionths":0,"posted_millionths":0,"returning_millionths":0}'
            }
        )
        for shard in range(LANES):
            sliced(world, 15 * POINT, shard=shard, issuer="harbor", acceptor="northstar")
        world.later(seconds=1).do("CutWindow", {"window_id": 1}, OPERATOR)
        channel.now = world.now

        def refund(place: int, points: int, request_id: str) -> dict[str, Any]:
            redemption = made[place].document["result"]["redemption"]["redemption_id"]
            args = {"points": points, "redemption_id": redemption}
            return {"args": args, "op": "Refund", "request_id": request_id, "valid_until": world.now + DAY}

        assert (await scheduler.submit(refund(0, 50, "b1"), timestamp=world.now)).accepted
        with pytest.raises(Rejected, match="harbor at northstar: cap has room for 100000 millionths, asked 110000"):
            await scheduler.submit(refund(1, 11, "b2"), timestamp=world.now)
        assert (await scheduler.submit(refund(1, 10, "b3"), timestamp=world.now)).accepted
    assert not [name for name, found in check(channel.state.values, now=channel.now).items() if found]


async def test_room_is_brought_for_each_of_many_issuers() -> None:
    """One redemption of six issuers' points, all of whose limits lie in lane 0, goes in lane 3."""
    world, key = standard(), PEOPLE[0]
    names = [f"issuer{number}" for number in range(6)]
    for name in names:
        world.admit(name, name)
        world.do("DefineClass", class_args(name, POINT), name)
        world.do("Issue", {"address": key.address, "class_id": name, "points": 10}, name)
        world.do("DepositCollateral", deposit(name, 10**9), OPERATOR)
        world.do("SetLimits", {"issuer_msp": name, "limits": grants(name, 10**9, 10**9, "harbor")}, name)
    args = {"acceptor_msp": "harbor", "class_ids": names, "order_ref": "o", "points": 60}
    entry = {"args": args, "op": "Redeem", "request_id": "many", "valid_until": world.now + DAY}
    channel = Channel(world.state, world.now)
    async with Scheduler(OptimisticLedger(channel, "harbor"), Bounds(lanes=1, first_shard=3)) as scheduler:
        assert (await scheduler.submit(key.authorise(entry, PLACE), timestamp=world.now)).accepted


async def test_forty_callers_at_once_use_the_limit_up() -> None:
    world = granted([100, 100, 100, 100])
    assert await spend(world, [10] * 40, at_once=True) == [True] * 40
    assert (await spend(granted([100, 100, 100, 100]), [10] * 45, at_once=True)).count(True) == 40


@pytest.mark.parametrize("of_cover", [False, True])
@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    slices=st.lists(st.integers(0, 120), min_size=LANES + 1, max_size=LANES + 1),
    amounts=st.lists(st.integers(1, 200), min_size=1, max_size=12),
)
def test_refused_only_when_the_whole_has_no_room(of_cover: bool, slices: list[int], amounts: list[int]) -> None:
    plenty = [1000] * (LANES + 1)
    world = granted(plenty, slices) if of_cover else granted(slices, plenty)
    told = asyncio.run(spend(world, amounts, at_once=False))
    left = sum(slices)
    for points, accepted in zip(amounts, told, strict=True):
        assert accepted == (points <= left), (slices, amounts, told)
        left -= points if accepted else 0


async def test_the_fee_of_a_dispute_finds_the_room_that_lies_in_another_lane() -> None:
    world = sliced(disputed(), 0, 0, 1, "harbor", "northstar")
    channel = Channel(world.state, world.now)
    args = {"answer": "CONTEST", "evidence_sha256": "0" * 64, "issuer_msp": "northstar", "redemption_id": ORDER}
    entry = {"args": args, "op": "AnswerDispute", "request_id": "contest", "valid_until": world.now + DAY}
    async with Scheduler(OptimisticLedger(channel, "harbor"), Bounds(lanes=LANES)) as scheduler:
        receipt = await scheduler.submit(entry, timestamp=world.now)
    assert receipt.accepted
    fee = json.loads(channel.state.values[keys.limit("harbor", "northstar", 1)])["reserved_millionths"]
    assert fee == json.loads(channel.state.values[keys.CONSORTIUM])["disputes"]["fee_minor"] * POINT
    assert not [name for name, found in check(channel.state.values, now=channel.now).items() if found]
