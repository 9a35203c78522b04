"""Waiting for a condition, with a limit."""

from __future__ import annotations

import time
from collections.abc import Callable

from network.errors import NetworkError

INTERVAL_SECONDS = 0.05


def wait_until(
    condition: Callable[[], bool],
    what: str,
    limit_seconds: float,
    *,
    interval_seconds: float = INTERVAL_SECONDS,
    still_possible: Callable[[], None] = lambda: None,
) -> None:
    """Returns when `condition` holds. `still_possible` is asked between tries and raises when it cannot hold any more.
    Raises NetworkError WAIT_TIMEOUT after `limit_seconds`."""
    deadline = time.monotonic() + limit_seconds
    while not condition():
        still_possible()
        if time.monotonic() > deadline:
            raise NetworkError("WAIT_TIMEOUT", f"{what}: not within {limit_seconds:g} s")
        time.sleep(interval_seconds)
