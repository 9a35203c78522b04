"""Which of the organisation's peers is asked, by their state in turn, on peers that are made up. Real ones are killed
in `test_outages.py`."""

from __future__ import annotations

import asyncio

import pytest

from gateway.ledger.adapters import own_peers
from gateway.ledger.adapters.own_peers import OwnPeers
from gateway.ledger.errors import EvaluateFailed
from tests.scenes.waiting import eventually_async


class Peers:
    """Heights of peers that are made up; None for one that does not answer."""

    def __init__(self, *heights: int | None) -> None:
        self.heights = list(heights)
        self.asked: list[int] = []
        self.error: EvaluateFailed | None = None
        self.choice = OwnPeers([f"peer{place}" for place in range(len(heights))], self.height)

    async def height(self, place: int) -> int:
        self.asked.append(place)
        if self.error is not None:
            raise self.error
        found = self.heights[place]
        if found is None:
            raise EvaluateFailed("LEDGER_UNAVAILABLE", "not there", passing=True)
        return found

    async def until(self, place: int) -> None:
        """Returns when this peer is asked."""
        await eventually_async(
            f"peer{place} is asked", self.choice.choose, lambda chosen: chosen == place, seconds=10, pause_seconds=0.01
        )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_peers, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(own_peers, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(own_peers, "CATCH_UP_SECONDS", 0.1)
    monkeypatch.setattr(own_peers, "CATCH_UP_LOOK_SECONDS", 0.01)


async def test_one_alone_is_asked_without_a_look() -> None:
    peers = Peers(None)
    peers.choice.failed(await peers.choice.choose())
    assert (await peers.choice.choose(), peers.asked) == (0, [])


async def test_one_that_failed_is_left_at_once_and_taken_again_when_it_is_well(quick: None) -> None:
    peers = Peers(None, 8, 8)
    assert await peers.choice.choose() == 0
    left = asyncio.create_task(peers.choice.left(0))
    peers.choice.failed(0)
    assert await peers.choice.choose() == 1
    await asyncio.wait_for(left, 1)
    peers.heights[0] = 8
    await peers.until(0)
    await peers.choice.close()


async def test_one_that_hangs_or_lags_is_left_without_a_call_that_met_it(quick: None) -> None:
    peers = Peers(100, 101)
    assert await peers.choice.choose() == 0
    peers.heights = [100, 101 + own_peers.BEHIND_MAX]
    await peers.until(1)
    peers.heights = [100 + own_peers.BEHIND_MAX] * 2
    await peers.until(0)
    peers.heights[0] = None
    await peers.until(1)
    await peers.choice.close()


async def test_nothing_is_read_from_one_that_has_not_what_was_seen(quick: None) -> None:
    peers = Peers(None, 8)
    assert await peers.choice.choose() == 0
    peers.choice.saw(8)
    peers.choice.failed(0)
    with pytest.raises(EvaluateFailed) as behind:
        await peers.choice.choose()
    assert behind.value.passing
    assert "peer1 is at block 7, and block 8 was seen" in behind.value.detail
    peers.heights[1] = 9
    assert await peers.choice.choose() == 1
    await peers.choice.close()


async def test_an_error_that_a_peer_answers_with_is_its_own_and_no_reason_to_leave(quick: None) -> None:
    """As a wrong clock of this machine's is, which all of them refuse."""
    peers = Peers(8, 8)
    assert await peers.choice.choose() == 0
    peers.choice.failed(0)
    peers.error = EvaluateFailed("TIMESTAMP_REFUSED", "incorrect timestamp")
    for _ in range(3):
        with pytest.raises(EvaluateFailed) as refused:
            await peers.choice.choose()
        assert (refused.value.code, peers.choice.current) == ("TIMESTAMP_REFUSED", 1)
    peers.error = None
    await peers.until(0)
    await peers.choice.close()


async def test_all_gone_are_tried_in_turn(quick: None) -> None:
    peers = Peers(None, None)
    peers.choice.failed(await peers.choice.choose())
    for _ in range(3):
        with pytest.raises(EvaluateFailed):
            await peers.choice.choose()
    assert peers.asked[:3] == [1, 0, 1]
    await peers.choice.close()
