"""The scheduler: no two batches in flight fight over a key, order per key, fairness, bounds, and outcomes that are never guessed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest

from chaincode.cases.world import (
    ALICE,
    BOB,
    CAP,
    CLASSES,
    DAY,
    MERCHANTS,
    OPERATOR,
    PLACE,
    World,
    funded,
    person,
    sliced,
    standard,
)
from chaincode.signing import MemberKey
from chaincode.spec.invariants import check
from chaincode.spec.kernel.limits import GUEST_SHARD
from gateway.ledger.errors import TOO_LARGE, CommitFailed, EndorseFailed, OutcomeUnknown, Rejected, SubmitFailed
from gateway.ledger.scheduling import Bounds, Busy, DeadlinePassed, Scheduler
from tests.scenes.optimistic import Channel, OptimisticLedger, lost
from tests.scenes.waiting import at_least, eventually_async

PEOPLE = [person(number) for number in range(40)]


def channel_of(world: World) -> Channel:
    return Channel(world.state, world.now)


def crowded() -> World:
    """Forty people with 1,000 points each."""
    world = standard()
    for number, key in enumerate(PEOPLE):
        args = {"address": key.address, "class_id": "north", "points": 1000}
        world.do("Issue", args, "northstar", request_id=f"gift{number}")
    for issuer in MERCHANTS:
        for acceptor in MERCHANTS:
            for shard in (0, 1, 2, 3, GUEST_SHARD) if issuer != acceptor else ():
                sliced(world, CAP, shard=shard, issuer=issuer, acceptor=acceptor)
    return world


def request(world_now: int, op: str, args: Any, request_id: str, member: MemberKey | None = None) -> dict[str, Any]:
    entry = {"args": args, "op": op, "request_id": request_id, "valid_until": world_now + DAY}
    return member.authorise(entry, PLACE) if member else entry


def transfer(now: int, sender: MemberKey, recipient: MemberKey, points: int, request_id: str) -> dict[str, Any]:
    args = {"class_id": "north", "recipients": [{"address": recipient.address, "points": points}]}
    return request(now, "Transfer", args, request_id, sender)


def gift(now: int, address: str, request_id: str, class_id: str = "north") -> dict[str, Any]:
    return request(now, "Issue", {"address": address, "class_id": class_id, "points": 1}, request_id)


async def test_many_callers_and_no_invalid_transaction() -> None:
    world = crowded()
    channel = channel_of(world)
    ledger = OptimisticLedger(channel)
    draw = random.Random(7)
    pairs = [draw.sample(range(len(PEOPLE)), 2) for _ in range(1500)]
    async with Scheduler(ledger, Bounds(lanes=4)) as scheduler:
        calls = [
            scheduler.submit(transfer(world.now, PEOPLE[a], PEOPLE[b], 1, f"t{number}"))
            for number, (a, b) in enumerate(pairs)
        ]
        receipts = await asyncio.gather(*calls)
    assert all(receipt.accepted for receipt in receipts)
    assert channel.invalid == 0
    assert scheduler.counts["conflicts"] == 0
    assert max(ledger.batches) > 20, "under load batches fill by themselves"
    assert not [name for name, found in check(channel.state.values, now=channel.now).items() if found]
    place = {request_id: index for index, request_id in enumerate(channel.order)}
    for member in range(len(PEOPLE)):
        own = [f"t{number}" for number, pair in enumerate(pairs) if member in pair]
        assert [place[name] for name in own] == sorted(place[name] for name in own), "arrival order on each key"


async def test_redemptions_of_one_hot_member_and_of_others() -> None:
    world = crowded()
    channel = channel_of(world)
    ledger = OptimisticLedger(channel, "harbor")
    hot = PEOPLE[0]

    def redeem(member: MemberKey, number: int) -> dict[str, Any]:
        args = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 1}
        return request(world.now, "Redeem", args, f"r{number}", member)

    finished: list[str] = []

    async def call(member: MemberKey, number: int, name: str) -> None:
        await scheduler.submit(redeem(member, number))
        finished.append(name)

    async with Scheduler(ledger, Bounds(lanes=4)) as scheduler:
        calls = [asyncio.create_task(call(hot, number, "hot")) for number in range(600)]
        await asyncio.sleep(0)
        calls += [asyncio.create_task(call(PEOPLE[1 + n % 30], 1000 + n, "other")) for n in range(60)]
        await asyncio.gather(*calls)
    assert channel.invalid == 0
    last_other = len(finished) - 1 - finished[::-1].index("other")
    assert finished[:last_other].count("hot") < 600, "those who came later do not wait for all of the hot account's"
    supply = [key for key in channel.state.values if key.startswith("supply/north/harbor/")]
    assert len(supply) > 1, "lanes have shards of their own"


@pytest.mark.parametrize("relay", ["harbor", "lotus"])
async def test_holds_are_captured_between_redemptions_and_no_lane_meets_another(relay: str) -> None:
    """What lanes and guests reserve is booked and given back where it was reserved."""
    world = crowded()
    channel = channel_of(world)
    spent = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 5}

    def hold(number: int) -> dict[str, Any]:
        args = {**spent, "expires_at": world.now + DAY}
        return request(world.now, "Hold", args, f"h{number}", PEOPLE[number % 40])

    def end(number: int) -> dict[str, Any]:
        op, args = ("Release", {}) if number % 5 == 0 else ("Capture", {"points": 1 + number % 5})
        return request(world.now, op, {**args, "hold_id": f"{PEOPLE[number % 40].address}/h{number}"}, f"c{number}")

    async with (
        Scheduler(OptimisticLedger(channel, relay), Bounds(lanes=4)) as relaying,
        Scheduler(OptimisticLedger(channel, "harbor"), Bounds(lanes=4)) as accepting,
    ):
        made = await asyncio.gather(*(relaying.submit(hold(number)) for number in range(300)))
        assert len({receipt.result["hold"]["shard"] for receipt in made if receipt.result}) == (
            4 if relay == "harbor" else 1
        )
        redemptions = (
            accepting.submit(request(world.now, "Redeem", spent, f"r{number}", PEOPLE[number % 40]))
            for number in range(300)
        )
        ended = await asyncio.gather(*(accepting.submit(end(number)) for number in range(300)), *redemptions)
    assert all(receipt.accepted for receipt in (*made, *ended))
    assert channel.invalid == 0
    assert not [name for name, found in check(channel.state.values, now=channel.now).items() if found]


@pytest.mark.parametrize("refusal", [SubmitFailed, EndorseFailed])
async def test_a_batch_that_is_too_large_goes_in_halves(refusal: type[SubmitFailed | EndorseFailed]) -> None:
    """An orderer takes no transaction beyond a size. Fifty honest operations stand; the one that is too large by itself fails by name."""
    world = crowded()
    channel = channel_of(world)
    ledger = OptimisticLedger(channel)
    ledger.refuses = lambda size: refusal(TOO_LARGE, f"message payload is {size} bytes") if size > 6_000 else None
    ledger.gate.clear()
    recipients = [{"address": person(100 + number).address, "points": 1} for number in range(100)]
    large = request(world.now, "Transfer", {"class_id": "north", "recipients": recipients}, "large", PEOPLE[39])
    async with Scheduler(ledger, Bounds(lanes=1, patience_seconds=5)) as scheduler:
        first = asyncio.create_task(scheduler.submit(gift(world.now, BOB, "first")))
        await comes_to(lambda: ledger.batches, [1], seconds=1)
        calls = [
            asyncio.create_task(
                scheduler.submit(transfer(world.now, PEOPLE[number % 39], PEOPLE[number % 38], 1, f"t{number}"))
            )
            for number in range(50)
        ]
        failing = asyncio.create_task(scheduler.submit(large))
        await asyncio.sleep(0)
        ledger.gate.set()
        receipts = await asyncio.gather(first, *calls)
        with pytest.raises(refusal, match=TOO_LARGE):
            await failing
    assert all(receipt.accepted for receipt in receipts)
    assert scheduler.counts["splits"] >= 3
    assert len(ledger.batches) < 60, "halves, not one by one"
    assert "large" not in channel.order
    assert not [name for name, found in check(channel.state.values, now=channel.now).items() if found]


async def test_a_lone_operation_leaves_at_once() -> None:
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    async with Scheduler(ledger) as scheduler:
        task = asyncio.create_task(scheduler.submit(gift(world.now, ALICE, "one")))
        await comes_to(lambda: ledger.batches, [1], seconds=1)
        assert scheduler.in_flight == 1
        assert (await task).accepted


async def comes_to(look: Callable[[], Any], expected: Any, seconds: float = 10) -> None:
    """Looks at every turn of the event loop: some of what it waits for is there for one turn alone."""
    await eventually_async(f"{expected}", look, lambda found: found == expected, seconds=seconds, pause_seconds=0)


async def test_interactive_goes_ahead_of_bulk_and_bulk_comes_forward() -> None:
    world = crowded()
    ledger = OptimisticLedger(channel_of(world))
    finished: list[str] = []

    async def call(name: str, number: int, bulk: bool) -> None:
        address = PEOPLE[number % len(PEOPLE)].address if not bulk else f"{person(100 + number % 50).address}"
        await scheduler.submit(gift(world.now, address, f"{name}{number}"), bulk=bulk)
        finished.append(name)

    async with Scheduler(ledger, Bounds(lanes=1)) as scheduler:
        bulk = [asyncio.create_task(call("bulk", number, True)) for number in range(1500)]
        await asyncio.sleep(0)
        live = [asyncio.create_task(call("live", number, False)) for number in range(1500)]
        await asyncio.gather(*bulk, *live)
    middle = finished.index("live", 32), len(finished) - finished[::-1].index("live")
    inside = finished[middle[0] : middle[1]]
    assert inside.count("live") > 2 * inside.count("bulk"), "interactive first"
    assert "bulk" in inside, "bulk work is not starved"


async def test_a_full_queue_says_busy_and_loses_nobody() -> None:
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    ledger.gate.clear()
    async with Scheduler(ledger, Bounds(lanes=1, queued_max=50)) as scheduler:
        calls = [asyncio.create_task(scheduler.submit(gift(world.now, ALICE, f"b{n}"))) for n in range(80)]
        await eventually_async("a full queue", lambda: scheduler.counts["busy"], seconds=10, pause_seconds=0)
        for _ in range(200):
            await asyncio.sleep(0)
        ledger.gate.set()
        results = await asyncio.gather(*calls, return_exceptions=True)
    busy = [result for result in results if isinstance(result, Busy)]
    accepted = [result for result in results if not isinstance(result, BaseException)]
    assert len(busy) + len(accepted) == 80
    assert busy
    assert all(error.retry_after_seconds > 0 for error in busy)
    assert len(ledger.channel.order) == len(accepted)


async def test_a_deadline_in_the_queue() -> None:
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    ledger.gate.clear()
    async with Scheduler(ledger, Bounds(lanes=1)) as scheduler:
        first = asyncio.create_task(scheduler.submit(gift(world.now, ALICE, "first")))
        await comes_to(lambda: scheduler.in_flight, 1)
        with pytest.raises(DeadlinePassed):
            await scheduler.submit(gift(world.now, ALICE, "late"), timeout_seconds=0.02)
        behind = asyncio.create_task(scheduler.submit(gift(world.now, ALICE, "behind")))
        ledger.gate.set()
        assert (await first).accepted
        assert (await behind).accepted, "what waited behind the one that went away goes on"
    assert ledger.channel.order == ["first", "behind"]


async def test_a_caller_that_goes_away() -> None:
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    ledger.gate.clear()
    async with Scheduler(ledger, Bounds(lanes=1)) as scheduler:
        flying = asyncio.create_task(scheduler.submit(gift(world.now, ALICE, "flying")))
        await comes_to(lambda: scheduler.in_flight, 1)
        queued = asyncio.create_task(scheduler.submit(gift(world.now, ALICE, "queued")))
        await comes_to(lambda: scheduler.queued, 1)
        flying.cancel()
        queued.cancel()
        await asyncio.wait({flying, queued})
        behind = asyncio.create_task(scheduler.submit(gift(world.now, ALICE, "behind")))
        ledger.gate.set()
        await behind
    assert ledger.channel.order == ["flying", "behind"], "in flight it goes on, in the queue it is never sent"


@pytest.mark.parametrize("after_commit", [True, False])
async def test_after_a_lost_outcome_the_batch_is_sent_again(after_commit: bool) -> None:
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    ledger.faults = [lost(after_commit, ledger)]
    async with Scheduler(ledger) as scheduler:
        receipt = await scheduler.submit(gift(world.now, ALICE, "once"))
    assert receipt.accepted
    assert not receipt.repeated, "it was this batch that carried it out"
    assert ledger.channel.order == ["once"]
    assert scheduler.counts["unknown"] == 1


async def test_while_an_outcome_is_lost_the_batch_stays_whole() -> None:
    """Its transaction may still be committed: a half that went alone could be refused, and then carried out by it."""
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    ledger.gate.clear()
    conflict = CommitFailed("MVCC_READ_CONFLICT", "", transaction_id="x", block_number=1)
    async with Scheduler(ledger, Bounds(lanes=1)) as scheduler:
        first = asyncio.create_task(scheduler.submit(gift(world.now, ALICE, "first")))
        await comes_to(lambda: scheduler.in_flight, 1)
        both = [asyncio.create_task(scheduler.submit(gift(world.now, ALICE, name))) for name in ("a", "b")]
        await comes_to(lambda: scheduler.queued, 2)
        ledger.faults = [None, lost(False, ledger), conflict, conflict, conflict]
        ledger.gate.set()
        await asyncio.gather(first, *both)
    assert scheduler.counts["conflicts"] == 3
    assert scheduler.counts["splits"] == 0
    assert ledger.batches[1:] == [2] * 5


async def test_what_fails_after_a_lost_outcome_is_unknown() -> None:
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    ledger.faults = [lost(False, ledger), EndorseFailed("TIMESTAMP_REFUSED", "too old")]
    async with Scheduler(ledger) as scheduler:
        with pytest.raises(OutcomeUnknown):
            await scheduler.submit(gift(world.now, ALICE, "who knows"))


async def test_faults_on_the_way_are_tried_again_and_counted() -> None:
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    ledger.faults = [
        EndorseFailed("ENDORSEMENT_MISMATCH", "", passing=True),
        EndorseFailed("LEDGER_UNAVAILABLE", "", passing=True),
        CommitFailed("MVCC_READ_CONFLICT", "", transaction_id="x", block_number=1),
    ]
    async with Scheduler(ledger) as scheduler:
        assert (await scheduler.submit(gift(world.now, ALICE, "once"))).accepted
    assert scheduler.counts["endorse_failures"] == 2
    assert scheduler.counts["conflicts"] == 1
    assert ledger.channel.order == ["once"]


async def test_what_cannot_help_is_told_at_once() -> None:
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    ledger.faults = [EndorseFailed("TIMESTAMP_REFUSED", "too old")]
    async with Scheduler(ledger) as scheduler:
        with pytest.raises(EndorseFailed, match="too old"):
            await scheduler.submit(gift(world.now, ALICE, "old"))
        assert (await scheduler.submit(gift(world.now, ALICE, "new"))).accepted, "the lane is free again"


async def test_a_batch_that_fails_as_a_whole_is_split() -> None:
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    ledger.gate.clear()
    poison = EndorseFailed("ENDORSE_FAILED", "INTERNAL: impossible")
    async with Scheduler(ledger, Bounds(lanes=1)) as scheduler:
        calls = [asyncio.create_task(scheduler.submit(gift(world.now, ALICE, f"p{n}"))) for n in range(9)]
        await comes_to(lambda: scheduler.queued, 8)
        real = ledger.submit_many

        async def poisoned(operations: Any, **more: Any) -> Any:
            if any(operation["request_id"] == "p5" for operation in operations):
                raise poison
            return await real(operations, **more)

        ledger.submit_many = poisoned  # type: ignore[method-assign]
        ledger.gate.set()
        results = await asyncio.gather(*calls, return_exceptions=True)
    failed = {number: result for number, result in enumerate(results) if isinstance(result, BaseException)}
    assert failed == {5: poison}
    assert scheduler.counts["splits"] >= 3


async def test_a_refusal_is_the_callers_alone() -> None:
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    async with Scheduler(ledger) as scheduler:
        bad = scheduler.submit(gift(world.now, ALICE, "bad", class_id="harbor"))
        malformed = scheduler.submit({"op": "Issue", "args": [], "request_id": "m", "valid_until": 1})
        good = scheduler.submit(gift(world.now, ALICE, "good"))
        results = await asyncio.gather(bad, malformed, good, return_exceptions=True)
    assert isinstance(results[0], Rejected)
    assert results[0].code == "NOT_ISSUER"
    assert isinstance(results[1], Rejected)
    assert results[1].code == "INVALID_ARGUMENT"
    assert ledger.channel.order.count("good") == 1


async def test_two_gateways_on_the_same_members_converge() -> None:
    world = crowded()
    channel = channel_of(world)
    draw = random.Random(3)
    ledgers = [OptimisticLedger(channel, "northstar"), OptimisticLedger(channel, "harbor")]
    schedulers = [Scheduler(ledger, Bounds(lanes=2)) for ledger in ledgers]
    calls = []
    for number in range(400):
        a, b = draw.sample(range(8), 2)
        calls.append(schedulers[number % 2].submit(transfer(world.now, PEOPLE[a], PEOPLE[b], 1, f"t{number}")))
    receipts = await asyncio.gather(*calls)
    for scheduler in schedulers:
        await scheduler.close()
    assert all(receipt.accepted for receipt in receipts)
    assert sum(scheduler.counts["conflicts"] for scheduler in schedulers) == channel.invalid > 0
    assert sorted(channel.order) == sorted(f"t{number}" for number in range(400)), "each once"
    assert not [name for name, found in check(channel.state.values, now=channel.now).items() if found]


async def test_a_refund_waits_for_its_redemption() -> None:
    world = funded()
    ledger = OptimisticLedger(channel_of(world), "harbor")
    args = {"acceptor_msp": "harbor", "class_ids": list(CLASSES), "order_ref": "o", "points": 700}
    from chaincode.cases.world import PEOPLE as NAMED

    async with Scheduler(ledger) as scheduler:
        redeem = asyncio.create_task(scheduler.submit(request(world.now, "Redeem", args, "shop", NAMED["alice"])))
        await comes_to(lambda: scheduler.in_flight, 1)
        refund = request(world.now, "Refund", {"redemption_id": f"{ALICE}/shop"}, "back")
        assert (await scheduler.submit(refund)).accepted
        assert (await redeem).accepted


async def test_from_threads() -> None:
    world = standard()
    ledger = OptimisticLedger(channel_of(world))
    async with Scheduler(ledger) as scheduler:
        receipts = await asyncio.gather(
            *(
                asyncio.to_thread(lambda n=n: scheduler.submit_from_thread(gift(world.now, BOB, f"th{n}")).result(10))
                for n in range(20)
            )
        )
    assert all(receipt.accepted for receipt in receipts)


async def test_a_window_is_cut_under_load() -> None:
    world = crowded()
    channel = channel_of(world)
    channel.now += 5
    harbor, operator = OptimisticLedger(channel, "harbor"), OptimisticLedger(channel, "operator")
    assert OPERATOR.msp_id == "operator"
    async with Scheduler(harbor) as shop, Scheduler(operator) as clock:
        args = {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 1}
        calls = [
            asyncio.create_task(shop.submit(request(world.now, "Redeem", args, f"r{n}", PEOPLE[n % 40])))
            for n in range(400)
        ]
        await eventually_async("51 are done", lambda: len(channel.order), at_least(51), seconds=10, pause_seconds=0)
        assert (await clock.submit(request(world.now, "CutWindow", {"window_id": 1}, "cut"))).accepted
        receipts = await asyncio.gather(*calls)
    windows = {receipt.result["redemption"]["window_id"] for receipt in receipts}
    assert windows == {1, 2}
    assert not [name for name, found in check(channel.state.values, now=channel.now).items() if found]


def test_bounds() -> None:
    with pytest.raises(ValueError, match="lanes"):
        Bounds(lanes=17)


async def test_what_arrives_at_once_for_one_account_is_carried_out_in_its_order() -> None:
    """A refund stands behind its redemption and before what comes after it, though what it gives back is not known when it arrives."""
    world = crowded()
    channel = channel_of(world)
    member, other = PEOPLE[0], PEOPLE[1]
    spent = {"acceptor_msp": "northstar", "class_ids": ["north"], "order_ref": "o", "points": 1000}
    calls = [
        request(world.now, "Redeem", spent, "spend", member),
        request(world.now, "Refund", {"redemption_id": f"{member.address}/spend"}, "back"),
        transfer(world.now, member, other, 1000, "all-of-it"),
    ]
    async with Scheduler(OptimisticLedger(channel), Bounds(lanes=4)) as scheduler:
        receipts = await asyncio.gather(*(scheduler.submit(call) for call in calls))
        conflicts = scheduler.counts["conflicts"]
    assert [receipt.code for receipt in receipts] == ["OK"] * 3
    assert channel.order == ["spend", "back", "all-of-it"]
    assert conflicts == channel.invalid == 0


async def test_a_window_that_another_may_cut_is_refused_in_the_rules_own_words() -> None:
    world = crowded()
    async with Scheduler(OptimisticLedger(channel_of(world))) as scheduler:
        with pytest.raises(Rejected) as refused:
            await scheduler.submit(request(world.now, "CutWindow", {"window_id": 1}, "cut"))
    assert refused.value.code == "NOT_OPERATOR"
