"""Followers of the feed are told everything once and in order: late ones, slow ones, and those of another process."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from chaincode.cases.world import ALICE, BOB, CLASSES
from gateway.core.errors import GatewayError
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.projection.fold.operations import FoldedOperation
from gateway.projection.fold.projector import Projector
from gateway.projection.projection import Projection
from gateway.projection.queries.feed import BUFFER_OPERATIONS_MAX, Subscription
from gateway.store.engine import Store
from tests.scenes.chain import ChainWorld, grow, issue

Opener = Callable[[ChainWorld], EmbeddedLedger]
SECONDS = 20.0


def take(subscription: Subscription, count: int) -> list[FoldedOperation]:
    """The next so many operations."""
    found: list[FoldedOperation] = []
    while len(found) < count:
        more = subscription.next(SECONDS)
        assert more, f"{len(found)} of {count} came"
        found += more
    return found


async def test_a_follower_is_told_what_its_accounts_do(
    store: Store, growing_chain: ChainWorld, open_ledger: Opener
) -> None:
    async with open_ledger(growing_chain) as ledger:
        projection = Projection(store)
        projector = Projector(store, ledger, projection.watch)
        await projector.catch_up()
        with projection.feed.subscribe(frozenset({ALICE})) as alice, projection.feed.subscribe() as everybody:
            assert projection.feed.followers == 2
            assert alice.next(0) == []
            issue(growing_chain, "north", 5, "bob")
            issue(growing_chain, "north", 7, "alice")
            await projector.catch_up()
            (mine,) = take(alice, 1)
            assert [(change.account, change.points) for change in mine.changes] == [(ALICE, 7)]
            assert [change.account for one in take(everybody, 2) for change in one.changes] == [BOB, ALICE]
            assert alice.next(0.05) == []
        assert projection.feed.followers == 0


async def test_a_follower_goes_on_behind_its_cursor(
    store: Store, growing_chain: ChainWorld, open_ledger: Opener
) -> None:
    grow(growing_chain, 60, seed=11)
    async with open_ledger(growing_chain) as ledger:
        projection = Projection(store)
        await Projector(store, ledger, projection.watch).catch_up()
        whole = projection.log.behind(0, 10_000)
        with projection.feed.subscribe(after="1-0-0") as follower:
            assert take(follower, len(whole) - 1) == whole[1:]
        with projection.feed.subscribe(after=whole[20].place) as follower:
            assert take(follower, len(whole) - 21) == whole[21:]
    for wrong in ("", "1", "1-2", "a-b-c", "1-2-3-4", "-1-0-0", "01-0-0"):
        with pytest.raises(GatewayError) as refused:
            projection.feed.subscribe(after=wrong)
        assert refused.value.code == "CURSOR_INVALID"


async def test_a_slow_follower_loses_its_buffer_and_no_operation(
    store: Store, growing_chain: ChainWorld, open_ledger: Opener
) -> None:
    async with open_ledger(growing_chain) as ledger:
        projection = Projection(store)
        projector = Projector(store, ledger, projection.watch)
        await projector.catch_up()
        with projection.feed.subscribe() as slow:
            assert slow.next(0) == []  # from here on it listens
            for _ in range(BUFFER_OPERATIONS_MAX + 50):
                issue(growing_chain, "north", 1)
            await projector.catch_up()
            assert slow.buffered <= BUFFER_OPERATIONS_MAX
            found = take(slow, BUFFER_OPERATIONS_MAX + 50)
        numbers = [operation.number for operation in found]
        assert numbers == list(range(numbers[0], numbers[0] + BUFFER_OPERATIONS_MAX + 50))


async def test_what_another_process_folds_is_told_too(
    store: Store, growing_chain: ChainWorld, open_ledger: Opener
) -> None:
    async with open_ledger(growing_chain) as ledger:
        projection = Projection(store)
        elsewhere = Projector(store, ledger)  # with a watch of its own
        await elsewhere.catch_up()
        with projection.feed.subscribe() as follower:
            assert follower.next(0) == []
            issue(growing_chain, "lotus", 9)
            await elsewhere.catch_up()
            (told,) = take(follower, 1)
            assert told.authoriser == CLASSES["lotus"][0]


async def test_closing_ends_a_waiting_follower(store: Store, growing_chain: ChainWorld) -> None:
    projection = Projection(store)
    follower = projection.feed.subscribe()
    done: list[list[FoldedOperation]] = []
    thread = threading.Thread(target=lambda: done.append(follower.next(SECONDS)))
    thread.start()
    follower.close()
    thread.join(5)
    assert done == [[]]
