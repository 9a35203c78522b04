"""Which organisations are asked to endorse: turns, who is left out and for how long; and a real peer that is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

import grpc
import grpc.aio
import pytest
from fabric_protos.gateway import gateway_pb2
from google.rpc import status_pb2

from gateway.ledger.adapters.channels import STATUS_DETAILS_KEY
from gateway.ledger.adapters.endorsers import AVOIDED_SECONDS, Endorsers, refused_by_all
from gateway.ledger.adapters.opening import open_ledger
from network.connection import NetworkConnection
from network.declaration.generate import merchants_declaration
from network.journeys.local import LocalNetwork, running_network
from network.runtime.process.process_runtime import ProcessRuntime
from network.runtime.service import Service
from tests.scenes.consortium import new_member
from tests.scenes.networks import kill
from tests.scenes.two_merchants import TwoMerchants
from tests.scenes.waiting import eventually_async


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


def answer(*said: tuple[str, str]) -> grpc.aio.AioRpcError:
    """The Gateway service's answer when endorsements are missing, with what each organisation's peer said."""
    status = status_pb2.Status(code=10, message="failed to collect enough transaction endorsements")
    for msp_id, message in said:
        status.details.add().Pack(gateway_pb2.ErrorDetail(msp_id=msp_id, address=f"{msp_id}:7051", message=message))
    details = grpc.aio.Metadata((STATUS_DETAILS_KEY, status.SerializeToString()))
    return grpc.aio.AioRpcError(grpc.StatusCode.ABORTED, grpc.aio.Metadata(), details, status.message)


ROUNDS = 5
STOPPED_SECONDS = 0.2
"""As long as the request takes to reach the stopped peer."""
UNKNOWN = "chaincode response 500, UNKNOWN_CLASS: points"


@pytest.mark.parametrize(
    ("said", "final"),
    [
        ([("a", UNKNOWN), ("b", UNKNOWN)], True),
        ([("b", UNKNOWN)], False),
        ([("a", UNKNOWN)], False),
        ([("a", UNKNOWN), ("b", "ProposalResponsePayloads do not match")], False),
        ([("a", UNKNOWN), ("b", "connection refused")], True),
    ],
)
def test_a_refusal_is_final_when_nobody_endorsed(said: list[tuple[str, str]], final: bool) -> None:
    assert refused_by_all(answer(*said), ["a", "b"]) is final


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkConnection]:
    """Three merchants, two of whom endorse each transaction; one's peer is killed."""
    with running_network(merchants_declaration(3), tmp_path_factory.mktemp("three")) as running:
        yield running


def peer_of(network: NetworkConnection, org: str) -> Service:
    """The organisation's only peer."""
    return next(one for one in LocalNetwork(network.folder).services() if one.kind == "peer" and one.org == org)


@pytest.mark.fabric
@pytest.mark.parametrize("adapter", ["fabric", "hfc"])
async def test_what_was_just_done_can_be_built_upon(three: NetworkConnection, adapter: str) -> None:
    """A peer that is stopped while a class is defined is asked to endorse the class's first points when it goes on, and has
    not got the class's block yet."""
    operator = open_ledger("fabric", three, "operator", identity_name="admin")
    merchant, other = (open_ledger(adapter, three, org) for org in ("northstar", "harbor"))
    async with operator, merchant, other:
        world = TwoMerchants(f"behind-{adapter}", operator, merchant, other)
        await world.open(partial(open_ledger, "fabric", three, identity_name="admin"), now=None)
        pid = ProcessRuntime().pid(peer_of(three, "lotus"))
        assert pid is not None
        for _ in range(ROUNDS):
            # One that is new asks harbor first and lotus next.
            async with open_ledger(adapter, three, "northstar") as fresh:
                world.merchant = fresh
                os.kill(pid, signal.SIGSTOP)
                try:
                    await world.define_class()
                    issued = asyncio.create_task(fresh.submit(world.issue(new_member().address, 1)))
                    await asyncio.wait({issued}, timeout=STOPPED_SECONDS)
                finally:
                    os.kill(pid, signal.SIGCONT)
                assert (await issued).accepted


@pytest.mark.fabric
async def test_a_killed_peer_is_passed_over_and_comes_back(three: NetworkConnection) -> None:
    operator = open_ledger("fabric", three, "operator", identity_name="admin")
    merchant, other = (open_ledger("fabric", three, org) for org in ("northstar", "harbor"))
    async with operator, merchant, other:
        world = TwoMerchants("endorsers", operator, merchant, other)
        await world.open(partial(open_ledger, "fabric", three, identity_name="admin"), now=None)

        async def endorsers_of(transactions: int) -> Counter[str]:
            first = await merchant.height()
            for _ in range(transactions):
                assert (await merchant.submit(world.issue(new_member().address, 1))).accepted
            found: Counter[str] = Counter()
            async for block in merchant.blocks(first):
                for transaction in block.transactions:
                    found.update(transaction.endorser_msp_ids)
            return found

        # A peer that gossip has just begun to tell of may be passed over once, and is then left out for a while.
        everybody = {"northstar": 6, "harbor": 3, "lotus": 3}
        await eventually_async(
            "all endorse", lambda: endorsers_of(6), lambda found: found == everybody, seconds=4 * AVOIDED_SECONDS
        )
        kill(three.folder, "peer", "lotus")
        started = time.monotonic()
        assert await endorsers_of(6) == {"northstar": 6, "harbor": 6}
        assert time.monotonic() - started < AVOIDED_SECONDS, "nobody waits for the one that is away"
        LocalNetwork(three.folder).start()
