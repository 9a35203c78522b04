"""Messages arrive signed, in order for each account, after failures too, and only of what was committed."""

from __future__ import annotations

import asyncio
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from sqlalchemy import func, select, text
from standardwebhooks import Webhook, WebhookVerificationError

from chaincode.cases.world import ALICE, BOB, CAROL
from chaincode.spec.operations import OPERATIONS
from gateway.core.errors import GatewayError
from gateway.projection.fold.operations import FoldedOperation
from gateway.projection.fold.projector import Projector
from gateway.webhooks.dispatcher import Dispatcher
from gateway.webhooks.documents import EndpointChange
from gateway.webhooks.events import CLOSING_EVENT, EVENT_TYPES, event_type
from gateway.webhooks.models import WebhookMessage, WebhookTurn
from tests.gateway.webhooks.conftest import Shop
from tests.scenes.chain import grow, issue
from tests.scenes.waiting import at_least, eventually_async
from tests.scenes.webhook_receiver import Received, Receiver, answer


def test_every_operation_has_an_event_type() -> None:
    assert set(EVENT_TYPES) == set(OPERATIONS)


@pytest.mark.parametrize(
    ("status", "wanted"), [("CLOSING", CLOSING_EVENT), ("CLOSED", "window.closed"), ("SETTLED", "window.closed")]
)
def test_a_window_is_told_closed_once_it_is_netted_whole(status: str, wanted: str) -> None:
    operation = FoldedOperation(
        1, 0, 0, 0, "f" * 64, 1, "CloseWindow", "operator", "operator", "r", {}, {"window": {"status": status}}
    )
    assert event_type(operation) == wanted


async def test_a_message_is_signed_and_says_what_happened(shop: Shop, receiver: Receiver) -> None:
    created = await shop.create(receiver.url())
    issuance = issue(shop.world, "north", 25)["issuance"]
    async with shop.sending():
        await shop.projector.catch_up()
        (got,) = await asyncio.to_thread(receiver.wait_count, 1)
        await shop.finished(created.id, "DELIVERED", 1)
    # The standard's own library knows no clock but the machine's, so the timestamp is signed anew for it below.
    assert got.payload["type"] == "points.issued"
    data = got.payload["data"]
    assert data["result"]["issuance"] == issuance
    assert data["changes"] == [{"account": ALICE, "class_id": "north", "points": 25, "held": 0, "debt": 0}]
    assert data["block_number"] == shop.projector.next_block() - 1
    assert got.headers["webhook-timestamp"] == str(shop.now)
    assert got.headers["content-type"] == "application/json"
    message = shop.messages.get(created.id, got.id)
    assert message.payload == got.payload
    assert [attempt.status_code for attempt in message.attempt_list] == [204]


async def test_signatures_are_those_of_the_standard_also_while_a_secret_is_rotated(
    shop: Shop, receiver: Receiver
) -> None:
    import time

    shop.now = int(time.time())
    created = await shop.create(receiver.url())
    secrets = [created.secret]
    for hours in (1.0, 1.0):
        secrets.append(shop.endpoints.rotate_secret(created.id, hours).secret)
    issue(shop.world, "north", 1)
    async with shop.sending():
        await shop.projector.catch_up()
        (got,) = await asyncio.to_thread(receiver.wait_count, 1)
        for secret in secrets:
            assert Webhook(secret).verify(got.body, got.headers) == got.payload
        with pytest.raises(WebhookVerificationError):
            Webhook(secrets[0]).verify(got.body + b" ", got.headers)
        shop.now += 3601
        issue(shop.world, "north", 2)
        await shop.projector.catch_up()
        last = (await asyncio.to_thread(receiver.wait_count, 2))[1]
    assert len(last.headers["webhook-signature"].split(" ")) == 1
    shop_time = {**last.headers, "webhook-timestamp": last.headers["webhook-timestamp"]}
    key = Webhook(secrets[-1])
    assert shop_time["webhook-signature"] == key.sign(last.id, _moment(shop.now), last.body.decode())


def _moment(now: int) -> Any:
    import datetime

    return datetime.datetime.fromtimestamp(now, datetime.UTC)


async def test_secrets_are_kept_sealed_and_are_not_shown_again(shop: Shop, receiver: Receiver) -> None:
    created = await shop.create(receiver.url())
    import base64

    plain = base64.b64decode(created.secret.removeprefix("whsec_"))
    with shop.store.reading() as session:
        (sealed,) = session.execute(text("SELECT sealed FROM webhook_secrets")).one()
    assert plain not in bytes(sealed)
    assert created.secret not in shop.endpoints.get(created.id).model_dump_json()
    assert shop.endpoints.secrets_in_force(created.id) == 1
    for _ in range(5):
        shop.endpoints.rotate_secret(created.id, 24)
    assert shop.endpoints.secrets_in_force(created.id) == 3
    shop.endpoints.rotate_secret(created.id, 0)
    assert shop.endpoints.secrets_in_force(created.id) == 1
    assert shop.endpoints.reseal() >= 1


async def test_everything_arrives_in_order_for_each_account(shop: Shop, receiver: Receiver) -> None:
    created = await shop.create(receiver.url())
    failed: set[str] = set()

    def flaky(handler: BaseHTTPRequestHandler, received: Received) -> None:
        """Every third message fails at first."""
        fails = received.id not in failed and hash(received.id) % 3 == 0
        failed.add(received.id)
        answer(500 if fails else 200)(handler, received)

    receiver.behaviour = flaky
    first = shop.projector.next_block()
    grow(shop.world, 60, seed=21)
    async with shop.sending():
        await shop.projector.catch_up()
        with shop.store.reading() as session:
            count = session.scalar(select(func.count()).select_from(WebhookMessage)) or 0
        assert count > 20
        await shop.finished(created.id, "DELIVERED", count)
    assert {request.id for request in receiver.requests} == {one.id for one in receiver.once_each()}
    assert len(receiver.once_each()) == count
    _assert_ordered(receiver, first)


def _assert_ordered(receiver: Receiver, first_block: int) -> None:
    """In each account's queue no message came for the first time after a later one."""
    queues: dict[str, list[tuple[int, ...]]] = {}
    for one in receiver.once_each():
        assert one.place[0] >= first_block
        for account in one.accounts or [""]:
            queues.setdefault(account, []).append(one.place)
    for places in queues.values():
        assert places == sorted(places)


async def test_an_account_waits_for_its_failed_message_and_others_do_not(shop: Shop, receiver: Receiver) -> None:
    await shop.create(receiver.url())
    receiver.behaviour = lambda handler, got: answer(500 if ALICE in got.accounts else 200)(handler, got)
    shop.settings = shop.settings.model_copy(update={"first_pause_seconds": 1e6, "longest_pause_seconds": 1e6})
    issue(shop.world, "north", 1, "alice")
    issue(shop.world, "north", 2, "alice")
    for _ in range(3):
        issue(shop.world, "north", 3, "bob")
    shop.world.do(
        "Transfer",
        {"class_id": "north", "recipients": [{"address": CAROL, "points": 1}, {"address": ALICE, "points": 1}]},
        member="bob",
    )
    issue(shop.world, "north", 4, "bob")
    async with shop.sending():
        await shop.projector.catch_up()
        await asyncio.to_thread(receiver.wait_count, 4)
        await asyncio.sleep(0)
    # alice's second, and bob's transfer to her with all that comes behind it, wait for alice's first.
    assert sorted(got.accounts[0] for got in receiver.requests) == sorted([ALICE, BOB, BOB, BOB])


async def test_a_dead_letter_lets_its_followers_go_and_can_be_sent_again(shop: Shop, receiver: Receiver) -> None:
    created = await shop.create(receiver.url())
    issue(shop.world, "north", 11)
    issue(shop.world, "north", 12)

    def refuse_first(handler: BaseHTTPRequestHandler, got: Received) -> None:
        answer(400 if got.payload["data"]["changes"][0]["points"] == 11 else 200)(handler, got)

    receiver.behaviour = refuse_first
    async with shop.sending():
        await shop.projector.catch_up()
        await shop.finished(created.id, "DEAD", 1)
        await shop.finished(created.id, "DELIVERED", 1)
        (dead,) = shop.messages.list(created.id, status="DEAD").items
        assert dead.attempts == shop.settings.attempts_max
        assert dead.last_outcome == "400"
        assert [one.status_code for one in shop.messages.get(created.id, dead.id).attempt_list] == [400] * 5
        receiver.behaviour = answer(200)
        assert shop.messages.resend_dead(created.id).messages == 1
        await shop.finished(created.id, "DELIVERED", 2)
    with shop.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(WebhookTurn)) == 0
    assert len({got.id for got in receiver.requests}) == 2


async def test_gone_disables_and_a_replay_tells_what_was_missed(shop: Shop, receiver: Receiver) -> None:
    created = await shop.create(receiver.url())
    receiver.behaviour = answer(410)
    issue(shop.world, "north", 1)
    async with shop.sending():
        await shop.projector.catch_up()
        await shop.finished(created.id, "DEAD", 1)
        assert shop.endpoints.get(created.id).status == "DISABLED"
        for points in (2, 3):
            issue(shop.world, "north", points)
        await shop.projector.catch_up()
        with pytest.raises(GatewayError) as refused:
            shop.messages.replay(created.id, "0-0-0")
        assert refused.value.code == "WEBHOOK_DISABLED"
        assert len(receiver.requests) == 1
        receiver.behaviour = answer(200)
        shop.endpoints.change(created.id, EndpointChange(status="ACTIVE"))
        before = receiver.requests[0].payload["data"]["cursor"]
        replayed = shop.messages.replay(created.id, before)
        assert (replayed.messages, replayed.next) == (2, None)
        await shop.finished(created.id, "DELIVERED", 2)
        again = shop.messages.replay(created.id, before)
        assert again.messages == 2
        got = await asyncio.to_thread(receiver.wait_count, 5)
    assert [one.payload["data"]["changes"][0]["points"] for one in got] == [1, 2, 3, 2, 3]
    assert got[1].id == got[3].id
    assert got[1].body == got[3].body


async def test_a_rebuild_sends_nothing_again(shop: Shop, receiver: Receiver) -> None:
    created = await shop.create(receiver.url())
    issue(shop.world, "north", 1)
    async with shop.sending():
        await shop.projector.catch_up()
        await shop.finished(created.id, "DELIVERED", 1)
        await shop.projector.rebuild()
        issue(shop.world, "north", 2)
        await shop.projector.catch_up()
        await shop.finished(created.id, "DELIVERED", 2)
    assert [got.payload["data"]["changes"][0]["points"] for got in receiver.requests] == [1, 2]


async def test_what_was_folded_where_no_outbox_listened_is_told_all_the_same(shop: Shop, receiver: Receiver) -> None:
    created = await shop.create(receiver.url())
    for points in (1, 2, 3):
        issue(shop.world, "north", points)
    await Projector(shop.store, shop.ledger).catch_up()  # as `jifen projection compare` does
    assert shop.messages.list(created.id).items == []
    async with shop.sending():
        running = asyncio.create_task(shop.projector.run())
        await asyncio.to_thread(receiver.wait_count, 3)
        issue(shop.world, "north", 4)
        got = await asyncio.to_thread(receiver.wait_count, 4)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [one.payload["data"]["changes"][0]["points"] for one in got] == [1, 2, 3, 4]


async def test_filters(shop: Shop, receiver: Receiver) -> None:
    wanted = {
        "/types": {"event_types": ["hold.created", "redemption.created"]},
        "/classes": {"class_ids": ["lotus"]},
        "/accounts": {"accounts": [BOB]},
        "/own": {"own_only": True},
    }
    endpoints = {path: await shop.create(receiver.url(path), **more) for path, more in wanted.items()}
    issue(shop.world, "lotus", 5, "alice")
    issue(shop.world, "harbor", 6, "bob")
    issue(shop.world, "north", 7, "carol")
    redeem = {"acceptor_msp": "lotus", "class_ids": ["lotus"], "order_ref": "order 1", "points": 3}
    shop.world.do("Redeem", redeem, "lotus", member="alice")
    shop.world.do("Redeem", {**redeem, "acceptor_msp": "northstar"}, "northstar", member="alice")
    async with shop.sending():
        await shop.projector.catch_up()
        for path, count in {"/types": 2, "/classes": 3, "/accounts": 1, "/own": 2}.items():
            await shop.finished(endpoints[path].id, "DELIVERED", count)
    told = {path: [got.payload["data"]["op"] for got in receiver.requests if got.path == path] for path in wanted}
    assert {path: sorted(ops) for path, ops in told.items()} == {
        "/types": ["Redeem", "Redeem"],
        "/classes": ["Issue", "Redeem", "Redeem"],
        "/accounts": ["Issue"],
        "/own": ["Issue", "Redeem"],
    }
    assert {got.payload["data"]["reference"] for got in receiver.requests if got.path == "/types"} == {"order 1"}


async def test_what_is_not_committed_is_not_told(shop: Shop, receiver: Receiver) -> None:
    await shop.create(receiver.url())
    issue(shop.world, "north", 1)

    def broken(session: Any, operations: Any) -> None:
        raise RuntimeError("after the outbox")

    projector = Projector(shop.store, shop.ledger, listeners=[shop.outbox, broken])
    with pytest.raises(RuntimeError):
        await projector.catch_up()
    with shop.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(WebhookMessage)) == 0


async def test_two_dispatchers_share_the_work(shop: Shop, receiver: Receiver) -> None:
    created = await shop.create(receiver.url())
    for points in range(1, 41):
        issue(shop.world, "north", points, ("alice", "bob", "carol")[points % 3])
    async with shop.sending(), shop.sending():
        await shop.projector.catch_up()
        await shop.finished(created.id, "DELIVERED", 40)
    assert len(receiver.requests) == 40
    _assert_ordered(receiver, 0)


async def test_a_slow_endpoint_leaves_room_for_others(shop: Shop, receiver: Receiver) -> None:
    release = threading.Event()

    def behave(handler: BaseHTTPRequestHandler, got: Received) -> None:
        if got.path == "/slow":
            release.wait(20)
        answer(200)(handler, got)

    receiver.behaviour = behave
    shop.settings = shop.settings.model_copy(update={"concurrent_max": 4, "timeout_seconds": 30})
    await shop.create(receiver.url("/slow"))
    quick = await shop.create(receiver.url("/quick"))
    for name in ("alice", "bob", "carol", "dave") * 3:
        issue(shop.world, "north", 1, name)
    async with shop.sending():
        await shop.projector.catch_up()
        await shop.finished(quick.id, "DELIVERED", 12)
        assert sum(got.path == "/slow" for got in receiver.requests) <= 2
        release.set()


async def test_an_endpoint_that_is_away_is_asked_by_one_message_at_a_time(shop: Shop, receiver: Receiver) -> None:
    receiver.behaviour = answer(503, retry_after="40")
    shop.settings = shop.settings.model_copy(update={"longest_pause_seconds": 3600.0})
    created = await shop.create(receiver.url())
    for name in ("alice", "bob", "carol"):
        issue(shop.world, "north", 1, name)
    async with shop.sending() as dispatcher:
        await shop.projector.catch_up()
        await asyncio.to_thread(receiver.wait_count, 3)
        await eventually_async(
            "three failures in a row",
            lambda: shop.endpoints.get(created.id).failures_in_a_row,
            at_least(3),
            seconds=10,
        )
        assert shop.endpoints.get(created.id).resume_at == shop.now + 40
        receiver.behaviour = answer(200)
        shop.now += 41
        dispatcher.wake()
        await shop.finished(created.id, "DELIVERED", 3)
    assert shop.endpoints.get(created.id).failures_in_a_row == 0


async def test_a_lease_that_ran_out_is_taken_over_and_its_holder_comes_too_late(shop: Shop, receiver: Receiver) -> None:
    from gateway.webhooks.queue import Finished, Queue
    from gateway.webhooks.transport import DeliveryOutcome

    created = await shop.create(receiver.url())
    issue(shop.world, "north", 1)
    await shop.projector.catch_up()
    queue = Queue(shop.store, shop.settings, shop.clock)
    (first,) = queue.step([], {}, 8)
    assert queue.step([], {}, 8) == []
    shop.now += 60
    (second,) = queue.step([], {}, 8)
    assert second.message_id == first.message_id
    queue.step([Finished(first, DeliveryOutcome(500, None, 1))], {}, 0)
    assert shop.messages.get(created.id, first.message_id).attempts == 0
    queue.step([Finished(second, DeliveryOutcome(200, None, 1))], {}, 0)
    assert shop.messages.get(created.id, first.message_id).status == "DELIVERED"
    shop.now += 15 * 86_400
    assert queue.purge() == 1
    assert shop.messages.list(created.id).items == []


async def test_a_test_message_and_pages_of_messages(shop: Shop, receiver: Receiver) -> None:
    created = await shop.create(receiver.url())
    for points in range(1, 6):
        issue(shop.world, "north", points)
    async with shop.sending():
        await shop.projector.catch_up()
        shop.messages.test(created.id)
        await shop.finished(created.id, "DELIVERED", 6)
    assert sum(got.payload["type"] == "webhook.test" for got in receiver.requests) == 1
    items, cursor = [], None
    while True:
        page = shop.messages.list(created.id, cursor=cursor, limit=2)
        items += page.items
        cursor = page.next
        if cursor is None:
            break
    assert [one.id for one in items] == [one.id for one in shop.messages.list(created.id, limit=500).items]
    assert len({one.id for one in items}) == 6
    with pytest.raises(GatewayError) as refused:
        shop.messages.list(created.id, cursor="nonsense")
    assert refused.value.code == "CURSOR_INVALID"
    shop.endpoints.delete(created.id)
    for ask in (
        lambda: shop.endpoints.get(created.id),
        lambda: shop.messages.list(created.id),
        lambda: shop.messages.test(created.id),
        lambda: shop.messages.replay(created.id, "0-0-0"),
    ):
        with pytest.raises(GatewayError) as unknown:
            ask()
        assert unknown.value.code == "OBJECT_UNKNOWN"


async def test_it_ends_when_it_is_ended_in_the_moment_it_is_woken(shop: Shop) -> None:
    """The two meet when a gateway is stopped just after an operation was folded."""
    dispatcher = Dispatcher(shop.store, shop.cipher, shop.settings, watch=shop.projector.watch, clock=shop.clock)
    running = asyncio.create_task(dispatcher.run())
    await eventually_async("it has nothing to do", lambda: dispatcher.waits, seconds=10)
    dispatcher.wake()
    await asyncio.sleep(0)  # it hears of it
    await asyncio.sleep(0)  # and wakes
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=5)
    assert done
