"""How often each caller may ask: a moving window for each key, session and source, counted in this process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from gateway.core.errors import GatewayError
from gateway.security.principals import Anonymous, ApiKeyCaller, Principal


@dataclass(frozen=True)
class Rates:
    """Requests a minute, for each session and each source of callers that did not say who they are. A key has its
    own."""

    session_per_minute: int = 600
    anonymous_per_minute: int = 120


class RateLimiter:
    """Counts requests. One gateway has one process that serves, so its memory is where the counts belong."""

    def __init__(self, rates: Rates, *, now: Callable[[], float] = time.time) -> None:
        self._rates = rates
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._now = now

    def spend(self, principal: Principal, cost: int = 1) -> None:
        """Counts one request, or `cost` of them. Raises GatewayError RATE_LIMITED with the time until there is room."""
        item, who = self._of(principal)
        if self._limiter.hit(item, who, cost=cost):
            return
        reset = self._limiter.get_window_stats(item, who).reset_time
        wait = max(1, math.ceil(reset - self._now()))
        raise GatewayError("RATE_LIMITED", f"more than {item.amount} requests a minute", retry_after_seconds=wait)

    def _of(self, principal: Principal) -> tuple[RateLimitItem, str]:
        match principal:
            case ApiKeyCaller():
                return RateLimitItemPerMinute(principal.requests_per_minute), f"key:{principal.key_id}"
            case Anonymous():
                return RateLimitItemPerMinute(self._rates.anonymous_per_minute), f"source:{principal.source}"
            case _:
                return RateLimitItemPerMinute(self._rates.session_per_minute), f"session:{principal.session_id}"
