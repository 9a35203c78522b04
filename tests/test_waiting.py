"""The tests' own `eventually`: what it gives, and what it says when nothing came."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from tests.scenes.waiting import at_least, eventually, eventually_async


def count() -> itertools.count[int]:
    return itertools.count(1)


def test_what_was_enough_is_given() -> None:
    numbers = count()
    assert eventually("three", lambda: next(numbers), at_least(3), seconds=5) == 3


async def test_coroutines_are_looked_at_as_well() -> None:
    numbers = count()

    async def look() -> int:
        return next(numbers)

    assert await eventually_async("three", look, at_least(3), seconds=5) == 3
    assert await eventually_async("four", lambda: next(numbers), seconds=5) == 4


def test_the_failure_says_what_was_seen_last() -> None:
    with pytest.raises(AssertionError, match=r"^three: not within 0\.05 s; last seen: 2$"):
        eventually("three", lambda: 2, at_least(3), seconds=0.05)


async def test_a_look_that_hangs_ends_with_the_limit() -> None:
    looks = iter([0.0, 60.0])

    async def look() -> str:
        await asyncio.sleep(next(looks))
        return ""

    with pytest.raises(AssertionError, match=r"^words: not within 0\.1 s; last seen: ''$"):
        await eventually_async("words", look, seconds=0.1)


async def test_an_error_of_the_look_is_told_as_it_is() -> None:
    async def look() -> str:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        await eventually_async("words", look, seconds=5)


def test_it_stops_when_there_is_nothing_left_to_wait_for() -> None:
    def ended() -> None:
        raise AssertionError("the process ended")

    with pytest.raises(AssertionError, match="the process ended"):
        eventually("an answer", lambda: False, seconds=60, still_possible=ended)
