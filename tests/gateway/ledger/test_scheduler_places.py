"""Which of the operations that wait go into a batch together: those of neighbouring accounts, and the oldest in any case."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.footprint import Footprint
from gateway.ledger.scheduling.queue import ConflictQueue, Room
from gateway.ledger.scheduling.ticket import State, Ticket, place_of

PLACES = "023456789acdefghjklmnpqrstuvwxyz"
"""First characters of the data part of an address, in key order."""
LARGE = 10**6
Make = Callable[..., Ticket]


@pytest.fixture
def ticket() -> Iterator[Make]:
    loop = asyncio.new_event_loop()
    yield maker(loop)
    loop.close()


def maker(loop: asyncio.AbstractEventLoop) -> Make:
    """Makes tickets one after the other, each of an account of its own unless told."""
    numbers = itertools.count(1)

    def make(
        place: str = "q",
        *,
        account: str | None = None,
        size: int = 1,
        bulk: bool = False,
        timestamp: int | None = None,
    ) -> Ticket:
        number = next(numbers)
        balance = keys.balance("north", account or f"jf1{place}{number:06d}")
        footprint = Footprint(reads={keys.CONSORTIUM}, writes={keys.receipt("northstar", f"r{number}"), balance})
        future = loop.create_future()
        return Ticket({}, footprint, number, size, bulk, timestamp, None, future)

    return make


def queue_of(tickets: Iterable[Ticket]) -> ConflictQueue:
    queue = ConflictQueue()
    for one in tickets:
        queue.add(one)
    return queue


def places(batch: Iterable[Ticket]) -> str:
    return "".join(sorted({one.place for one in batch}))


@pytest.mark.parametrize(
    ("writes", "place"),
    [
        (set(), ""),
        ({keys.member("jf1qa")}, ""),
        ({keys.balance("north", "jf1za"), keys.balance("a", "jf1qb"), keys.receipt("x", "y")}, "q"),
        ({keys.balance("north", "legacy:00")}, ""),
        ({keys.balance("north", "legacy:00"), keys.balance("north", "jf1za")}, "z"),
        ({keys.balance("north", "jf1qa"), "account/jf12a"}, "q"),
        ({keys.balance("north", "jf1")}, ""),
        ({keys.balance("north", "jf1b")}, ""),
        ({keys.balance("north", "jf1Ω")}, ""),
    ],
)
def test_the_place_of_an_operation_is_that_of_its_first_account(writes: set[str], place: str) -> None:
    assert place_of(Footprint(writes=writes)) == place


def test_a_batch_is_made_of_neighbours_when_more_is_ready_than_it_holds(ticket: Make) -> None:
    waiting = [ticket(PLACES[number % 32]) for number in range(3200)]
    queue = queue_of(waiting)
    seen = []
    while queue.has_ready():
        batch = queue.take(Room(500, LARGE), 0)
        assert batch == sorted(batch)
        seen.append(places(batch))
    assert sum(map(len, seen)) <= 32 + len(seen), "each batch a stretch of its own; at most one place is cut at its end"
    assert seen[:2] == ["02345", "6789a"]
    assert all(one.state is State.IN_FLIGHT for one in waiting)
    assert len(queue) == queue.size == 0


def test_it_begins_where_the_oldest_is_and_goes_round_the_end(ticket: Make) -> None:
    oldest = ticket("y")
    queue = queue_of([oldest, *(ticket(place) for place in PLACES * 3)])
    batch = queue.take(Room(11, LARGE), 0)
    assert batch[0] is oldest
    assert places(batch) == "02yz"


def test_what_fits_goes_at_once_in_the_order_of_arrival(ticket: Make) -> None:
    places_drawn = random.Random(1).choices(PLACES, k=100)
    waiting = [ticket(place) for place in places_drawn]
    assert queue_of(waiting).take(Room(100, LARGE), 0) == waiting


def test_nobody_starves_under_a_steady_inflow_at_another_place(ticket: Make) -> None:
    before = [ticket("2") for _ in range(5)]
    lone = ticket("z")
    queue = queue_of([*before, lone])
    for turn in range(len(before) + 1):
        for _ in range(50):
            queue.add(ticket("3" if turn % 2 else "2"))
        batch = queue.take(Room(2, LARGE), 0)
        queue.finish(batch)
        if lone in batch:
            break
    assert lone.state is State.IN_FLIGHT, "an operation with n older ones waits for n + 1 batches at most"


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    drawn=st.lists(st.lists(st.tuples(st.sampled_from("02qz"), st.booleans()), max_size=12), min_size=1, max_size=12),
    room=st.integers(1, 8),
    chance=st.randoms(use_true_random=False),
)
def test_the_oldest_is_always_in_the_next_batch(
    drawn: list[list[tuple[str, bool]]], room: int, chance: random.Random
) -> None:
    loop = asyncio.new_event_loop()
    make, queue = maker(loop), ConflictQueue()
    waiting: list[Ticket] = []
    batches_waited: dict[int, int] = {}
    allowed: dict[int, int] = {}
    for arrivals in [*drawn, *[[]] * sum(map(len, drawn))]:
        for place, goes_away in arrivals:
            one = make(place)
            queue.add(one)
            if goes_away:
                queue.drop(one)
            else:
                allowed[one.sequence] = len(waiting) + 1
                waiting.append(one)
        if waiting and chance.random() < 0.2:
            queue.drop(waiting.pop(chance.randrange(len(waiting))))
        assert queue.has_ready() == bool(waiting)
        assert len(queue) == queue.size == len(waiting)
        batch = queue.take(Room(room, LARGE), 0)
        assert len(batch) == min(room, len(waiting)), "a batch is filled"
        assert batch[:1] == waiting[:1], "the oldest goes"
        for one in waiting:
            batches_waited[one.sequence] = batches_waited.get(one.sequence, 0) + 1
            assert batches_waited[one.sequence] <= allowed[one.sequence]
        waiting = [one for one in waiting if one.state is State.QUEUED]
        queue.finish(batch)
    assert not waiting
    loop.close()


def test_one_that_went_away_is_not_taken_for_the_oldest(ticket: Make) -> None:
    gone, oldest = ticket("z"), ticket("2")
    queue = queue_of([gone, oldest, *(ticket("z") for _ in range(5))])
    queue.drop(gone)
    assert oldest in queue.take(Room(1, LARGE), 0)


def test_nothing_is_ready_when_all_went_away(ticket: Make) -> None:
    gone = [ticket("z"), ticket("2", bulk=True)]
    queue = queue_of(gone)
    assert queue.has_ready()
    for one in gone:
        queue.drop(one)
    assert not queue.has_ready()
    assert queue.take(Room(5, LARGE), 0) == []
    queue.add(ticket("z"))
    assert queue.has_ready()


def test_an_account_keeps_its_order_and_followers_join(ticket: Make) -> None:
    own = [ticket(account="jf1q0") for _ in range(3)]
    others = [ticket("z") for _ in range(8)]
    queue = queue_of([*own, *others])
    assert queue.take(Room(4, LARGE), 0) == [own[0], *others[:3]], "interactive that is ready goes ahead of followers"
    assert queue.take(Room(20, LARGE), 0) == others[3:], "while the first is in flight its followers wait"
    queue.finish([own[0]])
    assert queue.take(Room(20, LARGE), 0) == own[1:]


def test_bulk_work_is_of_neighbours_too_and_has_its_share(ticket: Make) -> None:
    bulk = [ticket(PLACES[number % 32], bulk=True) for number in range(320)]
    live = [ticket(PLACES[number % 32]) for number in range(320)]
    queue = queue_of([*bulk, *live])
    batch = queue.take(Room(80, LARGE), 0)
    assert places(one for one in batch if one.bulk) == "0", "ten places of eighty are kept"
    assert places(one for one in batch if not one.bulk) == "0234567"
    assert sum(one.bulk for one in batch) == 10


def test_a_batch_has_the_oldest_ones_time(ticket: Make) -> None:
    waiting = [ticket("z", timestamp=7), ticket("2"), ticket("z"), ticket("2", timestamp=7), ticket("3", timestamp=8)]
    queue = queue_of(waiting)
    assert queue.take(Room(9, LARGE), 0) == [waiting[0], waiting[3]]
    assert queue.take(Room(9, LARGE), 0) == [waiting[1], waiting[2]]
    assert queue.take(Room(9, LARGE), 0) == [waiting[4]]


def test_a_batch_has_no_more_than_its_size(ticket: Make) -> None:
    waiting = [ticket("z", size=60), ticket("z", size=60), ticket("z", size=20), ticket("2", size=500)]
    queue = queue_of(waiting)
    assert queue.take(Room(9, 100), 0) == [waiting[0]]
    assert queue.take(Room(9, 100), 0) == [waiting[1], waiting[2]]
    assert queue.take(Room(9, 100), 0) == [waiting[3]], "what alone is too large goes alone"
    assert queue.size == 0


def test_what_must_go_in_a_lane_goes_in_no_other(ticket: Make) -> None:
    """Beside what may go anywhere; and one that follows another on an account waits for its own lane, too."""
    waiting = [ticket("z"), ticket("2", account="jf1q0"), ticket("3"), ticket(account="jf1q0")]
    waiting[0].shard, waiting[2].shard, waiting[3].shard = 2, 3, 2
    queue = queue_of(waiting)
    assert queue.take(Room(9, LARGE), 0) == [waiting[1]]
    assert queue.take(Room(9, LARGE), 0) == []
    assert queue.has_ready()
    assert queue.take(Room(9, LARGE), 3) == [waiting[2]]
    assert queue.take(Room(9, LARGE), 2) == [waiting[0]]
    queue.finish([waiting[1]])
    assert queue.take(Room(9, LARGE), 1) == []
    assert queue.take(Room(9, LARGE), 2) == [waiting[3]]
    assert len(queue) == queue.size == 0
