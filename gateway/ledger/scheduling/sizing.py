"""How large a batch may be, found by feedback: as large as it can be while its way to the commit stays short."""

from __future__ import annotations

from gateway.ledger.scheduling.queue import Room

GROWTH = 1.3
DECREASE = 0.7
SMOOTHING = 0.2


class BatchSize:
    """Additive-increase/multiplicative-decrease over the operations of a batch (Chiu and Jain, 1989), with the time from endorsement to
    commit as the signal. A full batch within the target lets it grow, one beyond it or a failed one makes it shrink."""

    def __init__(self, *, operations_max: int, bytes_max: int, target_seconds: float, first: int = 32) -> None:
        self._operations_max = operations_max
        self._bytes_max = bytes_max
        self._target_seconds = target_seconds
        self._limit = float(min(first, operations_max))
        self.seconds_per_operation = 0.0
        """Smoothed, over all batches: what a caller who is sent away can expect."""

    @property
    def room(self) -> Room:
        """What the next batch may hold."""
        return Room(int(self._limit), self._bytes_max)

    def committed(self, operations: int, seconds: float) -> None:
        """A batch of so many operations took so long."""
        each = seconds / max(operations, 1)
        self.seconds_per_operation += SMOOTHING * (each - self.seconds_per_operation)
        if seconds > self._target_seconds:
            self.shrink()
        elif operations >= int(self._limit):
            self._limit = min(self._limit * GROWTH + 1, self._operations_max)

    def shrink(self) -> None:
        """A batch was too slow, or failed."""
        self._limit = max(self._limit * DECREASE, 1.0)
