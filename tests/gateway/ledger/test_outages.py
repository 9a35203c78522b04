"""What an organisation with two peers lives through on a real network: a peer killed under load, then the other; the
only orderer killed; a chaincode server killed; a wrong clock. And that its gateways leave no trace in a peer's log
while all is well."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from chaincode.signing import MemberKey
from gateway.application import create_app
from gateway.ledger.adapters import proposals
from gateway.ledger.adapters.opening import ADAPTERS, open_ledger
from gateway.ledger.port import Ledger
from gateway.projection.fold.projector import Projector
from gateway.services import readiness
from gateway.services.gateway import Gateway
from gateway.services.ledger_place import place_of
from gateway.settings import settings_from
from gateway.store.base import Base
from gateway.store.engine import Store
from gateway.store.migrating import migrate
from network.connection import NetworkConnection
from network.declaration.generate import merchants_declaration
from network.declaration.model import Peer
from network.journeys.local import LocalNetwork, running_network
from tests.scenes.checked_client import Everybody
from tests.scenes.consortium import new_member, run
from tests.scenes.networks import kill
from tests.scenes.two_merchants import TwoMerchants, is_read_conflict, sent_until_committed
from tests.scenes.waiting import eventually, eventually_async

pytestmark = pytest.mark.fabric
LANES = 3
WAIT_SECONDS = 90


@pytest.fixture(scope="module")
def two_peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkConnection]:
    """A network of its own, because its processes are killed: northstar, whose peers serve the operator too, has
    two."""
    declaration = merchants_declaration(2)
    orgs = [
        org.model_copy(update={"peers": (Peer(name="peer0"), Peer(name="peer1"))}) if org.name == "northstar" else org
        for org in declaration.orgs
    ]
    declared = declaration.model_copy(update={"orgs": tuple(orgs)})
    with running_network(declared, tmp_path_factory.mktemp("two-peers")) as running:
        yield running


class Traffic:
    """Points that are issued in lanes until it is told to end, each repeated until it is done; and how long nothing was
    done."""

    def __init__(self, world: TwoMerchants, ledger: Ledger) -> None:
        self.world, self.ledger = world, ledger
        self.done: dict[str, MemberKey] = {}
        self.longest_pause = 0.0
        self._last = time.monotonic()
        self._over = asyncio.Event()
        self._one = asyncio.Event()

    async def lane(self, shard: int) -> None:
        """One after the other."""
        while not self._over.is_set():
            member = new_member()
            operation = self.world.issue(member.address, 3)
            attempt = partial(self.ledger.submit_many, [operation], shard=shard)
            result = await sent_until_committed(attempt, lambda error: True, WAIT_SECONDS)
            assert result.receipts[0].accepted, result.receipts[0].detail
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
        world = TwoMerchants(f"two-{adapter}-{time.time_ns() % 10**9}", operator, merchant, other)
        await world.open(partial(open_ledger, adapter, two_peers, identity_name="admin"), now=None)
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
        await asyncio.to_thread(kill, two_peers.folder, "peer", "northstar", "peer0")
        await traffic.some(2 * LANES)
        assert traffic.longest_pause < 10
        # Questions, blocks and evidence, too; the operator, who has no peer, through the same two.
        consortium = await operator.evaluate("GetConsortium", {})
        assert consortium["operators"] == ["operator"]
        newest = await operator.height() - 1
        assert (await operator.evidence(newest)).block_number == newest
        assert [one.block_number for one in await merchant.headers(0, 1)] == [0, 1]

        await asyncio.to_thread(LocalNetwork(two_peers.folder).start)
        choices = [ledger.own_peers for ledger in (merchant, operator, listener)]  # type: ignore[attr-defined]
        await eventually_async(
            "all go to the first peer",
            lambda: [choice.current for choice in choices],
            lambda places: places == [0, 0, 0],
            seconds=WAIT_SECONDS,
        )
        await traffic.some(2 * LANES)
        await asyncio.to_thread(kill, two_peers.folder, "peer", "northstar", "peer1")
        await traffic.some(2 * LANES)
        traffic.end()
        await lanes
        await eventually_async(
            "all is heard of", lambda: len(heard), lambda count: count >= len(traffic.done), seconds=WAIT_SECONDS
        )
        listening.cancel()
        await asyncio.wait([listening])
        assert sorted(heard) == sorted(traffic.done), "no event is left out or told twice"
        balances = await asyncio.gather(*(world.balance(member.address) for member in traffic.done.values()))
        assert balances == [3] * len(traffic.done)
        await asyncio.to_thread(LocalNetwork(two_peers.folder).start)


async def test_what_a_killed_orderer_lost_is_sent_again_within_seconds(two_peers: NetworkConnection) -> None:
    operator = open_ledger("fabric", two_peers, "operator", identity_name="admin")
    merchant, other = (open_ledger("fabric", two_peers, org) for org in ("northstar", "harbor"))
    async with operator, merchant, other:
        world = TwoMerchants(f"orderer-{time.time_ns() % 10**9}", operator, merchant, other)
        await world.open(partial(open_ledger, "fabric", two_peers, identity_name="admin"), now=None)
        traffic = Traffic(world, merchant)
        lanes = asyncio.gather(*map(traffic.lane, range(LANES)))
        await traffic.some(2 * LANES)
        await asyncio.to_thread(kill, two_peers.folder, "orderer", "operator", "orderer0")
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


async def submitted(ledger: Ledger, operation: dict[str, Any]) -> None:
    """Sends it until it commits: on a busy machine an endorsing peer is a block behind, and what it read is changed."""
    await sent_until_committed(partial(ledger.submit, operation), is_read_conflict, WAIT_SECONDS)


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
        world = TwoMerchants(f"streams-{time.time_ns() % 10**9}", operator, merchant, other)
        await world.open(partial(open_ledger, "fabric", two_peers, identity_name="admin"), now=None)
        projector = Projector(store, other)
        following = asyncio.create_task(projector.run())
        await folded(projector, await other.height() - 1)
        before = breaks()
        for _ in range(20):
            await submitted(merchant, world.issue(new_member().address, 1))
            await folded(projector, await other.height() - 1)
            await other.evidence(1)
        assert breaks() == before
        following.cancel()
        await asyncio.wait([following])
    store.close()


@pytest.fixture(scope="module")
def gateway(two_peers: NetworkConnection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The operator's gateway, started; the consortium is open."""

    async def opened() -> None:
        operator = open_ledger("fabric", two_peers, "operator", identity_name="admin")
        merchant, other = (open_ledger("fabric", two_peers, org) for org in ("northstar", "harbor"))
        async with operator, merchant, other:
            world = TwoMerchants(f"gateway-{time.time_ns() % 10**9}", operator, merchant, other)
            await world.open(partial(open_ledger, "fabric", two_peers, identity_name="admin"), now=None)

    run(opened())
    folder = tmp_path_factory.mktemp("operators-gateway")
    settings = settings_from(
        {
            "folder": folder,
            "org": "operator",
            "ledger": {"adapter": "fabric", "folder": str(two_peers.folder)},
            "secrets": {"key": "ab" * 32},
            "people": {"passwords": {"time_cost": 1, "memory_kibibytes": 64}},
        }
    )
    store = Store(settings.store_url)
    migrate(store)
    store.close()
    made = Gateway(settings, place_of(settings), guard=Everybody())
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def client(gateway: Gateway) -> FlaskClient:
    """Asks it."""
    return create_app(gateway.settings, gateway.place, gateway=gateway).test_client()


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question is asked anew."""
    monkeypatch.setattr(readiness, "GOOD_SECONDS", 0)


def shift(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Lets the gateway's clock run so far ahead, as the ledger's nodes see it."""
    monkeypatch.setattr(
        proposals, "time", SimpleNamespace(time_ns=lambda: time.time_ns() + seconds * 10**9, time=time.time)
    )


def readiness_of(client: FlaskClient) -> tuple[int, str, str]:
    """Status, code and words."""
    answer = client.get("/health/ready")
    document = answer.json or {}
    return answer.status_code, document.get("code", ""), document.get("detail", "")


def becomes(client: FlaskClient, code: str) -> str:
    """The words of the answer with this code, as soon as it comes; empty for ready."""
    found = eventually(
        f"readiness is {code or 'ready'}",
        lambda: readiness_of(client),
        lambda one: one[1] == code,
        seconds=WAIT_SECONDS,
    )
    assert found[0] == (503 if code else 200)
    return found[2]


def test_ready_means_that_an_operation_would_commit(
    client: FlaskClient, two_peers: NetworkConnection, forget: None
) -> None:
    becomes(client, "")
    for kind, org, name, code in (
        ("orderer", "operator", "orderer0", "ORDERER_UNAVAILABLE"),
        ("chaincode", "northstar", "", "CHAINCODE_UNAVAILABLE"),
        ("peer", "harbor", "peer0", "LEDGER_UNAVAILABLE"),
    ):
        kill(two_peers.folder, kind, org, name)
        assert becomes(client, code), kind
        LocalNetwork(two_peers.folder).start()
        becomes(client, "")


def test_a_clock_outside_the_peers_window_is_named_and_told_once(
    client: FlaskClient, forget: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    becomes(client, "")
    capsys.readouterr()
    shift(monkeypatch, 20 * 60)
    assert "clock" in becomes(client, "CLOCK_OUT_OF_WINDOW")
    refused = client.post("/api/v1/operations/register-merchant", json={"args": {"msp_id": "x", "name": "X"}})
    assert (refused.status_code, refused.json["code"]) == (503, "CLOCK_OUT_OF_WINDOW"), refused.json
    for _ in range(5):
        assert readiness_of(client)[1] == "CLOCK_OUT_OF_WINDOW"
    assert capsys.readouterr().out.count("code=CLOCK_OUT_OF_WINDOW detail") == 1
    monkeypatch.undo()
    becomes(client, "")


def test_answers_are_good_for_a_while(client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    becomes(client, "")
    asked: list[int] = []
    check = gateway.ledger.check

    async def counted() -> None:
        asked.append(1)
        await check()

    monkeypatch.setattr(gateway.ledger, "check", counted)
    before = gateway.runtime.call(gateway.ledger.height())
    for _ in range(20):
        assert readiness_of(client)[0] == 200
    assert len(asked) <= 1
    assert gateway.runtime.call(gateway.ledger.height()) == before, "a probe writes nothing"


def test_a_window_is_not_cut_by_a_clock_that_runs_ahead(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    becomes(client, "")
    shift(monkeypatch, 10 * 60)
    refused = client.post("/api/v1/operations/cut-window", json={"args": {"window_id": 1}})
    assert (refused.status_code, refused.json["code"]) == (503, "CLOCK_AHEAD")
    assert "peer0" in refused.json["detail"]
    monkeypatch.undo()
    cut = client.post("/api/v1/operations/cut-window", json={"args": {"window_id": 1}})
    assert cut.status_code == 201, cut.json
