"""What every adapter of the ledger port promises. The same tests run on all of them, on real peers where they need peers."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chaincode.spec.kernel.limits import OPERATIONS_PER_BATCH_MAX, SHARDS_MAX
from gateway.ledger.errors import CommitFailed, Rejected
from gateway.ledger.port import Block, LedgerEvent
from tests.scenes.consortium import new_member
from tests.scenes.two_merchants import TwoMerchants, is_read_conflict, sent_until_committed
from tests.scenes.waiting import at_least, eventually_async

WAIT_SECONDS = 60
IN_FLIGHT = 100


async def next_events(stream: Any, count: int) -> list[LedgerEvent]:
    """So many events from a stream, or a timeout."""

    async def take() -> list[LedgerEvent]:
        found = []
        async for event in stream:
            found.append(event)
            if len(found) == count:
                break
        return found

    found = await asyncio.wait_for(take(), WAIT_SECONDS)
    await stream.aclose()
    return found


async def test_an_accepted_operation_is_seen_by_the_next_query(world: TwoMerchants) -> None:
    member = new_member()
    operation = world.issue(member.address, 40)
    receipt = await world.merchant.submit(operation)
    assert (receipt.accepted, receipt.repeated, receipt.code) == (True, False, "OK")
    assert receipt.request_id == operation["request_id"]
    assert receipt.result["issuance"]["points"] == 40
    assert await world.balance(member.address) == 40


async def test_a_refused_operation_has_its_code_and_leaves_no_trace(world: TwoMerchants) -> None:
    operation = world.operation("Issue", {"address": new_member().address, "class_id": "no-such-class", "points": 1})
    before = await world.merchant.height()
    with pytest.raises(Rejected) as refused:
        await world.merchant.submit(operation)
    assert refused.value.code == "UNKNOWN_CLASS"
    assert refused.value.detail
    assert await world.merchant.height() == before


async def test_the_role_in_the_certificate_decides(world: TwoMerchants) -> None:
    with pytest.raises(Rejected) as refused:
        await world.merchant.submit(world.operation("RegisterMerchant", {"msp_id": "stranger", "name": "Stranger"}))
    assert refused.value.code == "ROLE_REQUIRED"


async def test_a_request_id_is_carried_out_once(world: TwoMerchants) -> None:
    member = new_member()
    operation = world.issue(member.address, 7)
    first = await world.merchant.submit(operation)
    again = await world.merchant.submit(operation)
    assert again.repeated
    assert again.document["tx_id"] == first.document["tx_id"]
    assert again.document == {**first.document, "repeated": True}, "in full, from the transaction's event"
    assert [one.document for one in await world.merchant.dry_run([operation])] == [again.document]
    (batched,) = (await world.merchant.submit_many([operation], shard=1)).receipts
    assert batched.document == again.document
    transaction = await world.merchant.transaction(first.document["tx_id"])
    assert (transaction.valid, transaction.function) == (True, "Issue")
    with pytest.raises(Rejected) as refused:
        await world.merchant.submit(world.issue(member.address, 8, request_id=operation["request_id"]))
    assert refused.value.code == "REQUEST_ID_REUSED"
    assert await world.balance(member.address) == 7
    about = f"balance/{world.class_id}/{member.address}"
    asked = {"about": about, "authoriser": world.merchant.msp_id, "request_id": operation["request_id"]}
    assert (await world.merchant.evaluate("GetReceipt", asked))["tx_id"] == first.document["tx_id"]


async def test_one_id_about_two_accounts_is_two_requests(world: TwoMerchants) -> None:
    """In one transaction: each repetition is told its own result, alone and in a batch that says it twice."""
    first, second = new_member(), new_member()
    operations = [world.issue(first.address, 5), world.issue(second.address, 7)]
    operations[1] = {**operations[1], "request_id": operations[0]["request_id"]}
    told = (await world.merchant.submit_many(operations)).receipts
    assert [receipt.result["issuance"]["points"] for receipt in told] == [5, 7]
    again = await world.merchant.submit(operations[1])
    assert again.document == {**told[1].document, "repeated": True}
    both = (await world.merchant.submit_many([*operations, *operations])).receipts
    assert [receipt.result["issuance"]["points"] for receipt in both] == [5, 7, 5, 7]


async def test_an_operation_twice_in_a_batch_is_told_twice(world: TwoMerchants) -> None:
    operation = world.issue(new_member().address, 9)
    for told in (
        await world.merchant.dry_run([operation, operation]),
        (await world.merchant.submit_many([operation, operation])).receipts,
    ):
        assert [receipt.repeated for receipt in told] == [False, True]
        assert told[0].result == told[1].result


async def test_a_batch_gives_each_operation_its_receipt_in_order(world: TwoMerchants) -> None:
    member = new_member()
    operations = [
        world.issue(member.address, 1),
        world.operation("Issue", {"address": member.address, "class_id": "no-such-class", "points": 1}),
        world.issue(member.address, 2),
        world.operation("NoSuchOperation", {}),
    ]
    result = await world.merchant.submit_many(operations, shard=3)
    assert [receipt.code for receipt in result.receipts] == ["OK", "UNKNOWN_CLASS", "OK", "UNKNOWN_OPERATION"]
    assert [receipt.request_id for receipt in result.receipts] == [one["request_id"] for one in operations]
    assert result.block_number is not None
    assert result.block_number < await world.merchant.height()
    assert await world.balance(member.address) == 3


async def test_a_dry_run_answers_like_the_real_one_and_changes_nothing(world: TwoMerchants) -> None:
    member = new_member()
    good = world.issue(member.address, 5)
    bad = world.operation("Issue", {"address": member.address, "class_id": "no-such-class", "points": 1})
    before = await world.merchant.height()
    dry = await world.merchant.dry_run([good, bad])
    assert [receipt.code for receipt in dry] == ["OK", "UNKNOWN_CLASS"]
    assert await world.merchant.height() == before
    assert await world.balance(member.address) == 0
    real = await world.merchant.submit_many([good, bad])
    assert [receipt.result for receipt in dry] == [receipt.result for receipt in real.receipts]
    assert not real.receipts[0].repeated


async def test_a_batch_that_changes_nothing_is_not_sent(world: TwoMerchants) -> None:
    before = await world.merchant.height()
    refused = world.operation("Issue", {"address": new_member().address, "class_id": "no-such-class", "points": 1})
    result = await world.merchant.submit_many([refused])
    assert result.block_number is None
    assert [receipt.code for receipt in result.receipts] == ["UNKNOWN_CLASS"]
    assert await world.merchant.height() == before


async def test_a_batch_out_of_bounds_is_refused_whole(world: TwoMerchants) -> None:
    operation = world.issue(new_member().address, 1)
    with pytest.raises(Rejected) as refused:
        await world.merchant.submit_many([operation], shard=SHARDS_MAX)
    assert refused.value.code == "SHARD_OUT_OF_RANGE"
    with pytest.raises(Rejected) as refused:
        await world.merchant.submit_many([operation] * (OPERATIONS_PER_BATCH_MAX + 1))
    assert refused.value.code == "BATCH_TOO_LARGE"


async def test_the_largest_batch_is_taken(world: TwoMerchants) -> None:
    members = [new_member() for _ in range(4)]
    operations = [world.issue(members[n % 4].address, 1) for n in range(OPERATIONS_PER_BATCH_MAX)]
    result = await world.merchant.submit_many(operations)
    assert all(receipt.accepted for receipt in result.receipts)
    assert len(result.receipts) == OPERATIONS_PER_BATCH_MAX
    assert [await world.balance(member.address) for member in members] == [125] * 4


async def test_queries_refuse_with_a_code(world: TwoMerchants) -> None:
    with pytest.raises(Rejected) as refused:
        await world.merchant.evaluate("NoSuchQuery", {})
    assert refused.value.code == "UNKNOWN_QUERY"
    with pytest.raises(Rejected) as refused:
        await world.merchant.evaluate("GetBalance", {"account": "nobody", "class_id": world.class_id})
    assert refused.value.code == "INVALID_ARGUMENT"


async def test_a_members_own_signature_moves_points_and_a_wrong_one_does_not(world: TwoMerchants) -> None:
    sender, receiver = new_member(), new_member()
    await world.merchant.submit(world.issue(sender.address, 50))
    args = {"class_id": world.class_id, "recipients": [{"address": receiver.address, "points": 20}]}
    operation = world.operation("Transfer", args)
    place = world.merchant.place
    for elsewhere in ({"channel": "another"}, {"chaincode": "another"}, {"network": "0" * 64}):
        with pytest.raises(Rejected) as refused:
            await world.merchant.submit(sender.authorise(operation, replace(place, **elsewhere)))
        assert refused.value.code == "SIGNATURE_INVALID", elsewhere
    receipt = await world.merchant.submit(sender.authorise(operation, place))
    assert receipt.document["authoriser"] == sender.address
    assert [await world.balance(one.address) for one in (sender, receiver)] == [30, 20]


async def test_the_submitter_dates_its_transactions(world: TwoMerchants) -> None:
    past = int(time.time()) - 20 * 365 * 86_400
    member = new_member()
    receipt = await world.merchant.submit(world.issue(member.address, 5, now=past), timestamp=past)
    assert receipt.document["now"] == past
    with pytest.raises(Rejected) as refused:
        await world.merchant.submit(world.issue(member.address, 5, now=past))
    assert refused.value.code == "REQUEST_EXPIRED"


async def test_events_come_in_order_and_go_on_behind_a_checkpoint(world: TwoMerchants) -> None:
    member = new_member()
    start = await world.merchant.height()
    operations = [world.issue(member.address, points) for points in range(1, 7)]
    await world.merchant.submit_many(operations[:3])
    stream = world.merchant.events(from_block=start)
    reading = asyncio.create_task(next_events(stream, 6))
    await world.merchant.submit_many(operations[3:])
    events = await reading
    assert [event.payload["request_id"] for event in events] == [one["request_id"] for one in operations]
    assert [event.index for event in events] == [0, 1, 2, 0, 1, 2]
    assert sorted(events, key=lambda event: event.checkpoint) == events
    assert events[0].transaction_id == events[2].transaction_id != events[3].transaction_id
    rest = await next_events(world.merchant.events(events[1].checkpoint), 4)
    assert rest == events[2:]


async def test_blocks_are_chained_and_tell_all(world: TwoMerchants) -> None:
    member = new_member()
    start = await world.merchant.height()
    result = await world.merchant.submit_many([world.issue(member.address, 9)])
    found: list[Block] = [block async for block in world.merchant.blocks(start - 1)]
    assert [block.number for block in found] == list(range(start - 1, await world.merchant.height()))
    for earlier, later in itertools.pairwise(found):
        assert later.previous_hash == earlier.hash
    for block in found:
        assert block.computed_data_hash == block.data_hash
    (transaction,) = [
        one for block in found for one in block.transactions if one.transaction_id == result.transaction_id
    ]
    assert transaction.valid
    assert transaction.function == "Apply"
    assert transaction.creator_msp_id == world.merchant.msp_id
    assert transaction.event is not None
    assert json.loads(transaction.event)["operations"][0]["op"] == "Issue"
    assert json.loads(transaction.response) == [None], "what the event says is not said again"
    assert json.loads(transaction.arguments[0])["operations"][0]["op"] == "Issue"
    (balance,) = [write for write in transaction.writes if write.key.startswith("balance/")]
    assert balance.value is not None
    assert balance.value.decode() == json.dumps(json.loads(balance.value), separators=(",", ":"))
    assert [block.number async for block in world.merchant.blocks(0, 1)] == [0, 1]


async def test_calls_in_flight_keep_their_answers_apart(world: TwoMerchants) -> None:
    members = [new_member() for _ in range(IN_FLIGHT)]
    operations = [world.issue(member.address, number + 1) for number, member in enumerate(members)]

    async def until_committed(number: int) -> None:
        # Operations of one gateway share the counter of its shard, so each goes alone into its own shard's next free turn.
        attempt = partial(world.merchant.submit_many, [operations[number]], shard=number % SHARDS_MAX)
        result = await sent_until_committed(attempt, is_read_conflict, WAIT_SECONDS)
        (receipt,) = result.receipts
        assert receipt.accepted, receipt.detail
        assert receipt.request_id == operations[number]["request_id"]
        assert receipt.result["issuance"]["points"] == number + 1

    lanes = [[number for number in range(IN_FLIGHT) if number % SHARDS_MAX == shard] for shard in range(SHARDS_MAX)]

    async def lane(numbers: list[int]) -> None:
        for number in numbers:
            await until_committed(number)

    await asyncio.gather(*map(lane, lanes))
    balances = await asyncio.gather(*(world.balance(member.address) for member in members))
    assert balances == [number + 1 for number in range(IN_FLIGHT)]


async def test_after_a_conflict_the_same_request_can_be_repeated(world: TwoMerchants) -> None:
    member = new_member()
    operations = [world.issue(member.address, 1) for _ in range(10)]
    conflicts = 0
    waiting = operations
    for _ in range(len(operations)):
        answers = await asyncio.gather(*map(world.merchant.submit, waiting), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, CommitFailed):
                raise answer
        again = [one for one, answer in zip(waiting, answers, strict=True) if isinstance(answer, CommitFailed)]
        conflicts += len(again)
        waiting = again
        if not waiting:
            break
    assert not waiting
    assert await world.balance(member.address) == len(operations)
    assert await world.merchant.submit(operations[0]) is not None
    assert await world.balance(member.address) == len(operations)


async def test_another_organisation_sees_the_same(world: TwoMerchants) -> None:
    member = new_member()
    result = await world.merchant.submit_many([world.issue(member.address, 11)])
    assert result.block_number is not None
    newest = result.block_number
    await eventually_async(
        "the other organisation's peer follows", world.other.height, at_least(newest + 1), seconds=WAIT_SECONDS
    )
    assert await world.balance(member.address, world.other) == 11


async def test_closing_again_does_nothing(open_another: Any) -> None:
    ledger = open_another()
    assert await ledger.height() > 0
    await ledger.close()
    await ledger.close()
