"""The one way in which tests wait for what nobody announces: `eventually`, with a limit and a message."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, overload

Found = TypeVar("Found")

PAUSE_SECONDS = 0.02


@dataclass
class Waiting(Generic[Found]):
    """How long one wait may still last, and what it saw last. Not built on the product's `wait_until`, which fails with a
    code for operators: a test is to fail with what was seen."""

    what: str
    enough: Callable[[Found], bool]
    seconds: float
    still_possible: Callable[[], None] | None = None
    seen: str = "nothing"
    began: float = field(default_factory=time.monotonic)

    def ends_with(self, found: Found) -> bool:
        """Whether this is enough. Raises AssertionError when it is not and the time is up."""
        self.seen = repr(found)
        if self.enough(found):
            return True
        if self.still_possible is not None:
            self.still_possible()
        if time.monotonic() - self.began > self.seconds:
            raise self.too_late()
        return False

    def too_late(self) -> AssertionError:
        """Says what was waited for and what there was instead."""
        return AssertionError(f"{self.what}: not within {self.seconds:g} s; last seen: {self.seen}")


def eventually(
    what: str,
    look: Callable[[], Found],
    enough: Callable[[Found], bool] = bool,
    *,
    seconds: float,
    still_possible: Callable[[], None] | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Found:
    """Looks until it sees enough, and returns that. `still_possible` is called between two looks; it raises when there is
    nothing left to wait for. Raises AssertionError after `seconds`, with what was seen last."""
    waiting = Waiting(what, enough, seconds, still_possible)
    while not waiting.ends_with(found := look()):
        pause(PAUSE_SECONDS)
    return found


@overload
async def eventually_async(
    what: str,
    look: Callable[[], Awaitable[Found]],
    enough: Callable[[Found], bool] = ...,
    *,
    seconds: float,
    pause_seconds: float = ...,
) -> Found: ...


@overload
async def eventually_async(
    what: str,
    look: Callable[[], Found],
    enough: Callable[[Found], bool] = ...,
    *,
    seconds: float,
    pause_seconds: float = ...,
) -> Found: ...


async def eventually_async(
    what: str,
    look: Callable[[], Any],
    enough: Callable[[Any], bool] = bool,
    *,
    seconds: float,
    pause_seconds: float = PAUSE_SECONDS,
) -> Any:
    """`eventually` while the event loop goes on; `look` may be a coroutine function, which the limit interrupts."""
    waiting = Waiting(what, enough, seconds)
    try:
        async with asyncio.timeout(seconds) as limit:
            while True:
                found = look()
                if inspect.isawaitable(found):
                    found = await found
                if waiting.ends_with(found):
                    return found
                await asyncio.sleep(pause_seconds)
    except TimeoutError:
        if limit.expired():
            raise waiting.too_late() from None
        raise


def at_least(number: float) -> Callable[[float], bool]:
    """Is enough when there are so many."""
    return lambda found: found >= number
