"""Which of the organisation's peers is asked: by their state in turn, on peers that are made up; and two real ones, each killed under load."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.ledger import own_peers
from gateway.ledger.errors import EvaluateFailed, LedgerError
from gateway.ledger.opening import ADAPTERS, open_ledger
from gateway.ledger.own_peers import OwnPeers
from gateway.ledger.port import Ledger
from gateway.projection.projector import Projector
from gateway.store.base import Base
from gateway.store.engine import Store
from network.connection import NetworkConnection
from network.declaration.generate import merchants_declaration
from network.declaration.model import Peer
from network.local import LocalNetwork, running_network
from tests.gateway.ledger.world import Member, World

LANES = 3
WAIT_SECONDS = 90


class Peers:
    """Heights of peers that are made up; None for one that does not answer."""

    def __init__(self, *heights: int | None) -> None:
        self.heights = list(heights)
        self.asked: list[int] = []
        self.choice = OwnPeers([f"peer{place}" for place in range(len(heights))], self.height)

    async def height(self, place: int) -> int:
        self.asked.append(place)
        found = self.heights[place]
        if found is None:
            raise EvaluateFailed("LEDGER_UNAVAILABLE", "not there", passing=True)
        return found

    async def until(self, place: int) -> None:
        """Returns when this peer is asked."""
        async with asyncio.timeout(10):
            while await self.choice.choose() != place:  # noqa: ASYNC110 - as callers do
                await asyncio.sleep(0.01)


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


async def test_all_gone_are_tried_in_turn(quick: None) -> None:
    peers = Peers(None, None)
    peers.choice.failed(await peers.choice.choose())
    for _ in range(3):
        with pytest.raises(EvaluateFailed):
            await peers.choice.choose()
    assert peers.asked[:3] == [1, 0, 1]
    await peers.choice.close()


@pytest.fixture(scope="module")
def two_peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkConnection]:
    """A network of its own, because its processes are killed: northstar, whose peers serve the operator too, has two."""
    declaration = merchants_declaration(2)
    orgs = [
        org.model_copy(update={"peers": (Peer(name="peer0"), Peer(name="peer1"))}) if org.name == "northstar" else org
        for org in declaration.orgs
    ]
    declared = declaration.model_copy(update={"orgs": tuple(orgs)})
    with running_network(declared, tmp_path_factory.mktemp("two-peers")) as running:
        yield running


class Traffic:
    """Points that are issued in lanes until it is told to end, each repeated until it is done; and how long nothing was done."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world, self.ledger = world, ledger
        self.done: dict[str, Member] = {}
        self.longest_pause = 0.0
        self._last = time.monotonic()
        self._over = asyncio.Event()
        self._one = asyncio.Event()

    async def lane(self, shard: int) -> None:
        """One after the other."""
        while not self._over.is_set():
            member = Member()
            operation = self.world.issue(member.address, 3)
            deadline = time.monotonic() + WAIT_SECONDS
            while True:
                try:
                    result = await self.ledger.submit_many([operation], shard=shard)
                except LedgerError:
                    assert time.monotonic() < deadline
                    continue
                assert result.receipts[0].accepted, result.receipts[0].detail
                break
            self.done[operation["request_id"]] = member
            now = time.monotonic()
            self.longest_pause = max(self.longest_pause, now - self._last)
            self._last = now
            self._one.set()

    async def some(self, number: int) -> None:
        """Returns when so many more are done."""
        wanted = len(self.done) + number
        while len(self.done) < wanted:
            self._one.clear()
            await asyncio.wait_for(self._one.wait(), WAIT_SECONDS)

    def end(self) -> None:
        """What is on its way is the last."""
        self._over.set()


async def until(condition: Callable[[], bool]) -> None:
    """Returns when it holds."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


def kill(network: NetworkConnection, kind: str, org: str, name: str) -> None:
    """Ends a process of the network without a word."""
    victim = next(
        one
        for one in LocalNetwork(network.folder).services()
        if one.kind == kind and one.org == org and one.name.startswith(name)
    )
    pid = victim.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


@pytest.mark.fabric
@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_a_killed_peer_is_replaced_by_the_organisations_other(adapter: str, two_peers: NetworkConnection) -> None:
    async with AsyncExitStack() as stack:
        operator, merchant, other, listener = [
            await stack.enter_async_context(open_ledger(adapter, two_peers, org, identity_name=name))
            for org, name in (
                ("operator", "admin"),
                ("northstar", "gateway"),
                ("harbor", "gateway"),
                ("northstar", "gateway"),
            )
        ]
        world = World(f"two-{adapter}-{time.time_ns() % 10**9}", operator, merchant, other)
        await world.open(now=None)
        heard: list[str] = []
        start = await merchant.height()

        async def listen() -> None:
            async for event in listener.events(from_block=start):
                heard.append(event.payload["request_id"])

        listening = asyncio.create_task(listen())
        traffic = Traffic(world, merchant)
        lanes = asyncio.gather(*map(traffic.lane, range(LANES)))
        await traffic.some(2 * LANES)
        traffic.longest_pause = 0.0
        await asyncio.to_thread(kill, two_peers, "peer", "northstar", "peer0")
        await traffic.some(2 * LANES)
        assert traffic.longest_pause < 10
        # Questions, blocks and evidence, too; the operator, who has no peer, through the same two.
        consortium = await operator.evaluate("GetConsortium", {})
        assert consortium["operators"] == ["operator"]
        newest = await operator.height() - 1
        assert (await operator.evidence(newest)).block_number == newest
        assert [one.block_number for one in await merchant.headers(0, 1)] == [0, 1]

        await asyncio.to_thread(LocalNetwork(two_peers.folder).start)
        choices = [ledger._peers for ledger in (merchant, operator, listener)]  # type: ignore[attr-defined]
        await until(lambda: all(choice.current == 0 for choice in choices))
        await traffic.some(2 * LANES)
        await asyncio.to_thread(kill, two_peers, "peer", "northstar", "peer1")
        await traffic.some(2 * LANES)
        traffic.end()
        await lanes
        await until(lambda: len(heard) >= len(traffic.done))
        listening.cancel()
        await asyncio.wait([listening])
        assert sorted(heard) == sorted(traffic.done), "no event is left out or told twice"
        balances = await asyncio.gather(*(world.balance(member.address) for member in traffic.done.values()))
        assert balances == [3] * len(traffic.done)
        await asyncio.to_thread(LocalNetwork(two_peers.folder).start)


@pytest.mark.fabric
async def test_what_a_killed_orderer_lost_is_sent_again_within_seconds(two_peers: NetworkConnection) -> None:
    operator = open_ledger("fabric", two_peers, "operator", identity_name="admin")
    merchant, other = (open_ledger("fabric", two_peers, org) for org in ("northstar", "harbor"))
    async with operator, merchant, other:
        world = World(f"orderer-{time.time_ns() % 10**9}", operator, merchant, other)
        await world.open(now=None)
        traffic = Traffic(world, merchant)
        lanes = asyncio.gather(*map(traffic.lane, range(LANES)))
        await traffic.some(2 * LANES)
        await asyncio.to_thread(kill, two_peers, "orderer", "operator", "orderer0")
        await asyncio.to_thread(LocalNetwork(two_peers.folder).start)
        back = time.monotonic()
        traffic.end()
        await lanes
        seconds = time.monotonic() - back
        print(f"all that was on its way ended {seconds:.1f} s after the orderer was back")
        assert seconds < 15
        balances = await asyncio.gather(*(world.balance(member.address) for member in traffic.done.values()))
        assert balances == [3] * len(traffic.done)


async def folded(projector: Projector, block_number: int) -> None:
    """Returns when the block is in the store."""
    await asyncio.to_thread(projector.watch.wait_for_block, block_number, WAIT_SECONDS)


@pytest.mark.fabric
async def test_following_opens_one_stream_and_not_one_a_block(two_peers: NetworkConnection, tmp_path: Path) -> None:
    log = next(
        one.log_file for one in LocalNetwork(two_peers.folder).services() if one.kind == "peer" and one.org == "harbor"
    )
    canceled = re.compile(r"WARN.*deliver.*cancel", re.IGNORECASE)

    def breaks() -> int:
        return len(canceled.findall(log.read_text(encoding="utf-8", errors="replace")))

    operator = open_ledger("fabric", two_peers, "operator", identity_name="admin")
    merchant, other = (open_ledger("fabric", two_peers, org) for org in ("northstar", "harbor"))
    store = Store(f"sqlite:///{tmp_path / 'gateway.db'}")
    Base.metadata.create_all(store.engine)
    async with operator, merchant, other:
        world = World(f"streams-{time.time_ns() % 10**9}", operator, merchant, other)
        await world.open(now=None)
        projector = Projector(store, other)
        following = asyncio.create_task(projector.run())
        await folded(projector, await other.height() - 1)
        before = breaks()
        for _ in range(20):
            await merchant.submit(world.issue(Member().address, 1))
            await folded(projector, await other.height() - 1)
            await other.evidence(1)
        assert breaks() == before
        following.cancel()
        await asyncio.wait([following])
    store.close()
