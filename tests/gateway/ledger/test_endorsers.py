"""Which organisations are asked to endorse: turns, who is left out and for how long; and a real peer that is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest

from gateway.ledger.endorsers import AVOIDED_SECONDS, Endorsers
from gateway.ledger.opening import open_ledger
from network.connection import NetworkConnection
from network.declaration.generate import merchants_declaration
from network.local import LocalNetwork, running_network
from tests.gateway.ledger.world import Member, World


def test_the_own_organisation_always_and_the_others_in_turn() -> None:
    endorsers = Endorsers("b", ["a", "b", "c", "d"], 3)
    named = [endorsers.next() for _ in range(3)]
    assert named == [["b", "a", "c"], ["b", "c", "d"], ["b", "d", "a"]]


def test_one_alone_endorses_alone() -> None:
    assert Endorsers("a", ["a"], 1).next() == ["a"]


def test_one_that_was_away_is_left_out_for_a_while() -> None:
    now = 100.0
    endorsers = Endorsers("a", ["a", "b", "c"], 2, clock=lambda: now)
    endorsers.avoid(["b"])
    assert [endorsers.next() for _ in range(4)] == [["a", "c"]] * 4
    now += AVOIDED_SECONDS
    assert ["a", "b"] in [endorsers.next() for _ in range(2)]


def test_too_few_left_and_the_service_chooses() -> None:
    endorsers = Endorsers("a", ["a", "b"], 2, clock=lambda: 0.0)
    endorsers.avoid(["b"])
    assert endorsers.next() == []


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkConnection]:
    """Three merchants, two of whom endorse each transaction; one's peer is killed."""
    with running_network(merchants_declaration(3), tmp_path_factory.mktemp("three")) as running:
        yield running


@pytest.mark.fabric
async def test_a_killed_peer_is_passed_over_and_comes_back(three: NetworkConnection) -> None:
    operator = open_ledger("fabric", three, "operator", identity_name="admin")
    merchant, other = (open_ledger("fabric", three, org) for org in ("northstar", "harbor"))
    async with operator, merchant, other:
        world = World("endorsers", operator, merchant, other)
        await world.open(partial(open_ledger, "fabric", three, identity_name="admin"), now=None)

        async def endorsers_of(transactions: int) -> Counter[str]:
            first = await merchant.height()
            for _ in range(transactions):
                assert (await merchant.submit(world.issue(Member().address, 1))).accepted
            found: Counter[str] = Counter()
            async for block in merchant.blocks(first):
                for transaction in block.transactions:
                    found.update(transaction.endorser_msp_ids)
            return found

        # A peer that gossip has just begun to tell of may be passed over once, and is then left out for a while.
        async with asyncio.timeout(4 * AVOIDED_SECONDS):
            while await endorsers_of(6) != {"northstar": 6, "harbor": 3, "lotus": 3}:
                continue
        services = LocalNetwork(three.folder).services()
        victim = next(one for one in services if one.kind == "peer" and one.org == "lotus")
        pid = victim.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        started = time.monotonic()
        assert await endorsers_of(6) == {"northstar": 6, "harbor": 6}
        assert time.monotonic() - started < AVOIDED_SECONDS, "nobody waits for the one that is away"
        LocalNetwork(three.folder).start()
