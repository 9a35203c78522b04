"""The waiting operations as a graph: who must wait for whom, and which may go together into the next batch.

Two operations conflict when one writes a key that the other reads or writes. On each key the order of arrival holds: a later one waits until
the earlier ones have finished, or goes into the same batch behind them, where it sees what they did.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.ledger.scheduling.ticket import State, Ticket

BULK_SHARE = 8
"""Of this many places in a batch one is kept for bulk work that waits, so that it comes forward under any interactive load."""


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


class ConflictQueue:
    """Tickets from arrival to end. Not for several threads."""

    def __init__(self) -> None:
        self._keys: dict[str, _Key] = {}
        self._ready: dict[bool, list[Ticket]] = {False: [], True: []}
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
            heapq.heappush(self._ready[ticket.bulk], ticket)

    def has_ready(self) -> bool:
        """Whether a batch could be made."""
        return any(self._ready.values())

    def take(self, room: Room) -> list[Ticket]:
        """The next batch, in an order that keeps each key's. Interactive tickets go first, then those that follow them on their keys,
        then bulk work, for which some places are kept. All have the first one's timestamp."""
        batch: list[Ticket] = []
        kept = room.operations // BULK_SHARE if self._ready[True] else 0
        joined: Counter[Ticket] = Counter()
        left = Room(room.operations, room.size)
        chains: list[Ticket] = []
        left = self._fill(batch, self._ready[False], Room(left.operations - kept, left.size), joined, chains)
        left = self._fill(batch, chains, left, joined, chains)
        left = self._fill(batch, self._ready[True], Room(left.operations + kept, left.size), joined, chains)
        self._fill(batch, chains, left, joined, chains)
        batch.sort()
        return batch

    def _fill(
        self, batch: list[Ticket], source: list[Ticket], room: Room, joined: Counter[Ticket], chains: list[Ticket]
    ) -> Room:
        """Moves tickets from a heap into the batch. Those that wait only for tickets of the batch go on the heap `chains`."""
        operations, size = room.operations, room.size
        aside: list[Ticket] = []
        while source and operations > 0:
            ticket = heapq.heappop(source)
            fits = ticket.size <= size or not batch
            if ticket.state is not State.QUEUED:
                continue
            if not fits or (batch and ticket.timestamp != batch[0].timestamp):
                aside.append(ticket)
                if not fits:
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
        if source is not chains:
            for ticket in aside:
                heapq.heappush(source, ticket)
        return Room(operations, size)

    def drop(self, ticket: Ticket) -> None:
        """Takes out a queued ticket: its caller went away, or its deadline passed."""
        assert ticket.state is State.QUEUED
        ticket.state = State.FAILED
        self.waiting[ticket.bulk] -= 1
        self.size -= ticket.size
        if not ticket.blockers:
            # Its place in the heap is passed over when it comes up; its followers go on now.
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
                        heapq.heappush(self._ready[follower.bulk], follower)
                    elif follower.state is State.FAILED:
                        self.finish([follower])
            ticket.followers = []
