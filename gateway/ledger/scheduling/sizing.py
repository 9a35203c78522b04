"""How large a batch may be, found by feedback: as large as it can be while its way to the commit stays short."""

from __future__ import annotations

from gateway.ledger.scheduling.queue import Room

FIRST_GROWTH = 2.0
GROWTH = 1.3
DECREASE = 0.7
SMOOTHING = 0.2


class BatchSize:
    """Slow start, then multiplicative increase and decrease over the operations of a batch (after Chiu and Jain, 1989,
    and Jacobson, 1988), with the times of its two stages as signals: how long the peers take to endorse it, which is
    what its own size costs, and its whole way to the commit, which is what its callers wait. A full batch within both
    targets lets the size grow, one beyond either or a failed one makes it shrink."""

    def __init__(
        self,
        *,
        operations_max: int,
        bytes_max: int,
        target_seconds: float,
        endorsement_seconds: float | None = None,
        first: int = 32,
    ) -> None:
        self._operations_max = operations_max
        self._bytes_max = bytes_max
        self._target_seconds = target_seconds
        self._endorsement_seconds = target_seconds if endorsement_seconds is None else endorsement_seconds
        self._limit = float(min(first, operations_max))
        self._growth = FIRST_GROWTH
        self.seconds_per_operation = 0.0
        """Smoothed, over all batches: what a caller who is sent away can expect."""

    @property
    def room(self) -> Room:
        """What the next batch may hold."""
        return Room(int(self._limit), self._bytes_max)

    def committed(self, operations: int, seconds: float, endorsement_seconds: float | None = None) -> None:
        """A batch of so many operations took so long, and to be endorsed so long (None where nobody endorses)."""
        each = seconds / max(operations, 1)
        self.seconds_per_operation += SMOOTHING * (each - self.seconds_per_operation)
        if seconds > self._target_seconds or (endorsement_seconds or 0.0) > self._endorsement_seconds:
            self.shrink()
        elif operations >= int(self._limit):
            self._limit = min(self._limit * self._growth + 1, self._operations_max)

    def shrink(self) -> None:
        """A batch was too slow, or failed."""
        self._growth = GROWTH
        self._limit = max(self._limit * DECREASE, 1.0)
