"""The waiting operations as a graph: who must wait for whom, and which may go together into the next batch.

Two operations conflict when one writes a key that the other reads or writes. On each key the order of arrival holds: a
later one waits until the earlier ones have finished, or goes into the same batch behind them, where it sees what they
did.

Where more may go than a batch holds, it is made of operations of neighbouring accounts. The peers keep their states in
key order, many neighbours in one block: a batch whose accounts lie close together makes them read and unpack far fewer
blocks than one whose accounts lie anywhere. So a batch is filled as a lift goes, or a disk's arm (SCAN): from the place
of the oldest on through the key space, and round its end. The oldest goes with the next batch in any case, so one with
n older ones of its kind waits for n + 1 batches at most.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.ledger.scheduling.ticket import State, Ticket

ASIDE_MAX = 4_000
"""So many tickets of other lanes are passed over to fill one lane's batch. Beyond them it is not looked further: they
go when their lanes are free."""
BULK_SHARE = 8
"""Of this many places in a batch one is kept for bulk work that waits, so that it comes forward under any interactive
load."""


@dataclass(frozen=True)
class Room:
    """How much a batch may hold."""

    operations: int
    size: int


@dataclass
class _Key:
    """Who has to do with a key: the last that writes it, and those that read it since."""

    writer: Ticket | None = None
    readers: set[Ticket] = field(default_factory=set)


class _Ready:
    """Tickets that wait for nobody: at each place a heap in order of arrival. One that was dropped is passed over when
    it comes up."""

    def __init__(self) -> None:
        self._places: dict[str, list[Ticket]] = {}

    def __bool__(self) -> bool:
        """Whether there is any."""
        return any(self._oldest_at(place) is not None for place in tuple(self._places))

    def push(self, ticket: Ticket) -> None:
        """Takes one in."""
        heapq.heappush(self._places.setdefault(ticket.place, []), ticket)

    def in_turn(self) -> Iterator[Ticket]:
        """Takes them out one by one: all at the place of the oldest, which comes first, then those at the next places,
        round the end."""
        oldest = {place: ticket for place in sorted(self._places) if (ticket := self._oldest_at(place)) is not None}
        if not oldest:
            return
        places = list(oldest)
        first = places.index(min(oldest, key=oldest.__getitem__))
        for place in places[first:] + places[:first]:
            heap = self._places[place]
            while heap:
                ticket = heapq.heappop(heap)
                if ticket.state is State.QUEUED:
                    yield ticket

    def _oldest_at(self, place: str) -> Ticket | None:
        """The oldest at a place that has one, or had."""
        heap = self._places[place]
        while heap and heap[0].state is not State.QUEUED:
            heapq.heappop(heap)
        if heap:
            return heap[0]
        del self._places[place]
        return None


class ConflictQueue:
    """Tickets from arrival to end. Not for several threads."""

    def __init__(self) -> None:
        self._keys: dict[str, _Key] = {}
        self._ready = {False: _Ready(), True: _Ready()}
        self.waiting = Counter[bool]()
        """Queued tickets, by whether they are bulk work."""
        self.size = 0
        """Bytes of the queued tickets."""

    def __len__(self) -> int:
        return self.waiting.total()

    def add(self, ticket: Ticket) -> None:
        """Takes a ticket in, behind all that conflict with it."""
        blockers: set[Ticket] = set()
        for key in ticket.footprint.writes:
            entry = self._keys.get(key)
            if entry is None:
                self._keys[key] = _Key(ticket)
                continue
            blockers |= entry.readers
            if entry.writer is not None:
                blockers.add(entry.writer)
            entry.writer, entry.readers = ticket, set()
        for key in ticket.footprint.reads - ticket.footprint.writes:
            entry = self._keys.get(key)
            if entry is None:
                entry = self._keys[key] = _Key()
            elif entry.writer is not None:
                blockers.add(entry.writer)
            entry.readers.add(ticket)
        blockers.discard(ticket)
        ticket.blockers = len(blockers)
        for blocker in blockers:
            blocker.followers.append(ticket)
        self.waiting[ticket.bulk] += 1
        self.size += ticket.size
        if not ticket.blockers:
            self._ready[ticket.bulk].push(ticket)

    def has_ready(self) -> bool:
        """Whether a batch could be made."""
        return any(self._ready.values())

    def take(self, room: Room, shard: int) -> list[Ticket]:
        """The next batch of a lane, in an order that keeps each key's; empty when all that is ready must go in others.
        Interactive tickets go first, then those that follow them on their keys, then bulk work, for which some places
        are kept; of each kind the oldest and its neighbours. All have the first one's timestamp."""
        batch: list[Ticket] = []
        kept = room.operations // BULK_SHARE if self._ready[True] else 0
        joined: Counter[Ticket] = Counter()
        left = Room(room.operations, room.size)
        chains: list[Ticket] = []
        left = self._fill(batch, self._ready[False], Room(left.operations - kept, left.size), shard, joined, chains)
        left = self._fill(batch, None, left, shard, joined, chains)
        left = self._fill(batch, self._ready[True], Room(left.operations + kept, left.size), shard, joined, chains)
        self._fill(batch, None, left, shard, joined, chains)
        batch.sort()
        return batch

    def _fill(
        self,
        batch: list[Ticket],
        ready: _Ready | None,
        room: Room,
        shard: int,
        joined: Counter[Ticket],
        chains: list[Ticket],
    ) -> Room:
        """Moves tickets into the batch: ready ones, or, with None, those of `chains`, a heap. Onto that go those that
        wait only for tickets of the batch."""
        operations, size = room.operations, room.size
        source = _popped(chains) if ready is None else ready.in_turn()
        aside: list[Ticket] = []
        while operations > 0 and (ticket := next(source, None)) is not None:
            fits = ticket.size <= size or not batch
            elsewhere = ticket.shard not in (None, shard)
            if elsewhere or not fits or (batch and ticket.timestamp != batch[0].timestamp):
                aside.append(ticket)
                if (not fits and not elsewhere) or len(aside) == ASIDE_MAX:
                    break
                continue
            ticket.state = State.IN_FLIGHT
            batch.append(ticket)
            operations -= 1
            size -= ticket.size
            self.waiting[ticket.bulk] -= 1
            self.size -= ticket.size
            for follower in ticket.followers:
                joined[follower] += 1
                if joined[follower] == follower.blockers and follower.state is State.QUEUED:
                    heapq.heappush(chains, follower)
        if ready is not None:
            for ticket in aside:
                ready.push(ticket)
        return Room(operations, size)

    def drop(self, ticket: Ticket) -> None:
        """Takes out a queued ticket: its caller went away, or its deadline passed."""
        assert ticket.state is State.QUEUED
        ticket.state = State.FAILED
        self.waiting[ticket.bulk] -= 1
        self.size -= ticket.size
        if not ticket.blockers:
            # In its heap it is passed over when it comes up; its followers go on now.
            self.finish([ticket])

    def finish(self, tickets: Iterable[Ticket]) -> None:
        """Lets go of tickets that have ended, and of those that waited for them."""
        for ticket in tickets:
            for key in ticket.footprint.writes | ticket.footprint.reads:
                entry = self._keys.get(key)
                if entry is None:
                    continue
                entry.readers.discard(ticket)
                if entry.writer is ticket:
                    entry.writer = None
                if entry.writer is None and not entry.readers:
                    del self._keys[key]
            for follower in ticket.followers:
                follower.blockers -= 1
                if follower.blockers == 0:
                    if follower.state is State.QUEUED:
                        self._ready[follower.bulk].push(follower)
                    elif follower.state is State.FAILED:
                        self.finish([follower])
            ticket.followers = []


def _popped(heap: list[Ticket]) -> Iterator[Ticket]:
    """Takes tickets from a heap, to which others may come meanwhile."""
    while heap:
        yield heapq.heappop(heap)
