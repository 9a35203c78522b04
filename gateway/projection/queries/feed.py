"""New operations as they are folded, for streams to browsers and programs.

A follower has a small buffer of its own. One that reads too slowly loses the buffer, not an operation: it goes on from
the store, behind the last one it took. So memory is bounded, and nothing is left out or told twice.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from gateway.projection.fold.operations import FoldedOperation
from gateway.projection.fold.progress import FoldProgress
from gateway.projection.queries.log import Log

BUFFER_OPERATIONS_MAX = 256
PAGE_OPERATIONS = 200
LOOK_SECONDS = 1.0
"""How often a quiet follower looks into the store, which another process may feed."""


class Feed:
    """Gives out subscriptions."""

    def __init__(self, log: Log, watch: FoldProgress) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._all: set[Subscription] = set()
        self._accounts: dict[str, set[Subscription]] = {}
        watch.follow(self._publish)

    def subscribe(self, accounts: frozenset[str] | None = None, after: str | None = None) -> Subscription:
        """Operations that change one of `accounts` (all when None) behind the cursor `after`, from now on when that is
        None. To be closed. Raises GatewayError CURSOR_INVALID, PROJECTION_REBUILDING."""
        return Subscription(self._log, accounts, self._log.number_at(after), self._forget, self._remember)

    @property
    def followers(self) -> int:
        """How many subscriptions listen now."""
        with self._lock:
            return len(self._all | set().union(*self._accounts.values()))

    def _publish(self, operations: Sequence[FoldedOperation]) -> None:
        with self._lock:
            for operation in operations:
                told = set(self._all)
                for change in operation.changes:
                    told |= self._accounts.get(change.account, set())
                for subscription in told:
                    subscription.offer(operation)

    def _remember(self, subscription: Subscription) -> None:
        with self._lock:
            if subscription.accounts is None:
                self._all.add(subscription)
            for account in subscription.accounts or ():
                self._accounts.setdefault(account, set()).add(subscription)

    def _forget(self, subscription: Subscription) -> None:
        with self._lock:
            self._all.discard(subscription)
            for account in subscription.accounts or ():
                followers = self._accounts.get(account, set())
                followers.discard(subscription)
                if not followers:
                    self._accounts.pop(account, None)


class Subscription:
    """One follower. `next` is for one thread; `close` ends it from any."""

    def __init__(
        self,
        log: Log,
        accounts: frozenset[str] | None,
        number: int,
        forget: Callable[[Subscription], None],
        remember: Callable[[Subscription], None],
    ) -> None:
        self.accounts = accounts
        self._log = log
        self._number = number
        self._forget = forget
        self._ready = threading.Condition()
        self._buffer: deque[FoldedOperation] = deque()
        self._live = False
        self._closed = False
        remember(self)

    @property
    def buffered(self) -> int:
        """How many operations wait in memory for the reader."""
        with self._ready:
            return len(self._buffer)

    def offer(self, operation: FoldedOperation) -> None:
        """A new operation. When the buffer is full it is given up, and `next` reads from the store again."""
        with self._ready:
            if self._live and len(self._buffer) >= BUFFER_OPERATIONS_MAX:
                self._live = False
                self._buffer.clear()
            if self._live:
                self._buffer.append(operation)
            self._ready.notify()

    def next(self, timeout_seconds: float) -> list[FoldedOperation]:
        """What comes next, oldest first; nothing when there was nothing for so long, or when it was closed."""
        deadline = time.monotonic() + timeout_seconds
        while not self._closed:
            with self._ready:
                live = self._live
                if not live:
                    # From here on the buffer takes what the store may not show yet; what both have is told once, by its
                    # number.
                    self._live = True
                    self._buffer.clear()
            if not live:
                found = self._log.behind(self._number, PAGE_OPERATIONS, self.accounts)
                if len(found) == PAGE_OPERATIONS:
                    with self._ready:
                        self._live = False
                if found:
                    return self._told(found)
            with self._ready:
                found = self._told(self._buffer)
                self._buffer.clear()
                if found:
                    return found
                left = deadline - time.monotonic()
                if left <= 0 or self._closed:
                    return []
                if not self._ready.wait(min(LOOK_SECONDS, left)):
                    self._live = False
        return []

    def events(self, heartbeat_seconds: float) -> Iterator[list[FoldedOperation]]:
        """Handfuls of operations until it is closed; an empty one after each silence of so many seconds."""
        while not self._closed:
            yield self.next(heartbeat_seconds)

    def close(self) -> None:
        """Ends the subscription; a waiting `next` returns."""
        self._forget(self)
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _told(self, operations: Sequence[FoldedOperation] | deque[FoldedOperation]) -> list[FoldedOperation]:
        """Those that were not told yet."""
        found = [operation for operation in operations if operation.number > self._number]
        if found:
            self._number = found[-1].number
        return found
