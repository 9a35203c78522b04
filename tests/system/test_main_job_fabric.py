"""The main job on real Fabric networks: the whole sample, through both adapters, and with processes killed on the way."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from gateway.ledger.adapters.opening import open_ledger
from network.connection import load
from network.errors import NetworkError
from network.journeys.local import LocalNetwork
from network.runtime.process.process_runtime import ProcessRuntime
from tests.scenes import oracle
from tests.scenes.commands import begun, cut, document, jifen, same_answer, sample_answer, written
from tests.scenes.waiting import at_least, eventually

pytestmark = [pytest.mark.fabric, pytest.mark.timeout(1200)]

KILLED = ("harbor/peer0", "lotus/chaincode", "operator/orderer0")
BLOCKS_BETWEEN_KILLS = 25
UP_SECONDS = 300.0
PROGRESS_SECONDS = 180.0


@pytest.mark.parametrize(
    ("adapter", "purchases"), [("fabric", None), ("hfc", 700), pytest.param("hfc", None, marks=pytest.mark.long)]
)
def test_the_sample(
    adapter: str, purchases: int | None, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    arguments = ["demo", "--ledger", adapter, "--json", "--report", tmp_path / "report"]
    expected = sample_answer
    if purchases is not None:
        file = cut(tmp_path_factory.mktemp("cut") / "purchases.csv", purchases)
        arguments += ["--purchases", file]
        expected = partial(oracle.answer, file)
    found = document(jifen(*arguments, folder=tmp_path))
    same_answer(found, expected())
    assert found["ledger"] == adapter
    assert (tmp_path / "report" / "settlement.html").stat().st_size > 5_000
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for a network, which is taken down by its own process ids whatever happened."""
    root = tmp_path / "network"
    yield root
    network = LocalNetwork(root)
    if network.folder.marker.is_file():
        network.down()


@pytest.mark.long
def test_killed_processes_in_mid_replay_change_nothing(folder: Path, tmp_path: Path) -> None:
    purchases = cut(tmp_path / "purchases.csv", 1_500)
    network = LocalNetwork(folder)
    heights = []
    arguments = ("demo", "--ledger", "fabric", "--json", "--purchases", purchases, "--folder", folder)
    with begun(*arguments, "--report", tmp_path / "report", folder=tmp_path) as demo:

        def still_replaying() -> None:
            assert demo.poll() is None, (tmp_path / "err").read_text("utf-8")[-3000:]

        def height() -> int:
            try:
                return network.orderer_height("operator", "orderer0")
            except (NetworkError, OSError):
                return 0  # not there yet

        proved = folder.joinpath("proved.json")
        eventually("network up", proved.is_file, seconds=UP_SECONDS, still_possible=still_replaying)
        for label in KILLED:
            goal = height() + BLOCKS_BETWEEN_KILLS
            eventually(
                f"{goal} blocks", height, at_least(goal), seconds=PROGRESS_SECONDS, still_possible=still_replaying
            )
            heights.append(height())
            service = next(one for one in network.services() if one.label == label)
            killed = ProcessRuntime().pid(service)
            ProcessRuntime().ask_to_stop(service, signal.SIGKILL)
            ProcessRuntime().wait_stopped(service)
            still_replaying()
            started = jifen("network", "start", "--folder", folder, "--json", folder=tmp_path, limit_seconds=180)
            assert started.returncode == 0, started.stderr
            assert ProcessRuntime().pid(service) not in (None, killed)
        still_replaying()
        found = written(demo, tmp_path)
    same_answer(found, oracle.answer(purchases))
    assert heights == sorted(heights)
    assert found["blocks"] > heights[-1]

    restarted = jifen("network", "start", "--folder", folder, "--json", folder=tmp_path)
    assert restarted.returncode == 0, restarted.stderr
    verified = document(jifen("verify", "--folder", folder, "--json", folder=tmp_path))
    assert list(verified) == ["northstar", "harbor", "lotus"]
    for one in verified.values():
        assert all(one["checks"].values()), one["differences"]
        assert one["blocks"] >= found["blocks"]
    done = asyncio.run(carried_out(folder))
    assert sum(done.values()) >= found["operations"]
    assert set(done.values()) == {1}, done.most_common(3)


async def carried_out(folder: Path) -> Counter[tuple[str, str]]:
    """How often each (authoriser, request_id) was carried out, by the events of all valid transactions."""
    done: Counter[tuple[str, str]] = Counter()
    async with open_ledger("fabric", load(folder), "lotus") as ledger:
        async for block in ledger.blocks():
            for transaction in block.transactions:
                if transaction.valid and transaction.event:
                    for entry in json.loads(transaction.event)["operations"]:
                        done[entry["authoriser"], entry["request_id"]] += 1
    return done


def test_a_replay_that_was_killed_itself_is_gone_on_with(folder: Path, tmp_path: Path) -> None:
    purchases = cut(tmp_path / "purchases.csv", 300)
    network = LocalNetwork(folder)
    arguments = ("demo", "--ledger", "fabric", "--json", "--purchases", purchases, "--folder", folder)
    arguments += ("--report", tmp_path / "report")
    with begun(*arguments, folder=tmp_path) as demo:

        def still_replaying() -> None:
            assert demo.poll() is None, (tmp_path / "err").read_text("utf-8")[-3000:]

        proved = folder.joinpath("proved.json")
        eventually("network up", proved.is_file, seconds=UP_SECONDS, still_possible=still_replaying)
        height = partial(network.orderer_height, "operator", "orderer0")
        goal = height() + BLOCKS_BETWEEN_KILLS
        eventually(f"{goal} blocks", height, at_least(goal), seconds=PROGRESS_SECONDS, still_possible=still_replaying)
        demo.send_signal(signal.SIGKILL)
        assert demo.wait(30) == -signal.SIGKILL
    pids = [ProcessRuntime().pid(service) for service in network.services()]
    assert None not in pids, "the network lives on without the demo"
    found = document(jifen(*arguments, folder=tmp_path))
    same_answer(found, oracle.answer(purchases))
    assert [ProcessRuntime().pid(service) for service in network.services()] == [None] * len(pids)
    assert set(asyncio.run(carried_out_after_start(network)).values()) == {1}


async def carried_out_after_start(network: LocalNetwork) -> Counter[tuple[str, str]]:
    """As `carried_out`, of a network that was stopped."""
    await asyncio.to_thread(network.start)
    return await carried_out(network.folder.root)
