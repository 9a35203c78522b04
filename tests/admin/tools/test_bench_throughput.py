"""The throughput bench: its loads, its arithmetic, what it refuses, and a short run on a real network."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from admin.demo.purchases import SAMPLE, read_purchases
from admin.tools.bench.throughput.callers import at_rate, made, many
from admin.tools.bench.throughput.job import repeated
from admin.tools.bench.throughput.parts import growth
from admin.tools.bench.throughput.profile import Sampler, functions_of
from admin.tools.bench.throughput.watch import Watch
from chaincode.cases.world import ALICE, DAY, standard
from gateway.ledger.scheduling import Bounds, Scheduler
from tests.scenes.commands import ROOT, jifen
from tests.scenes.optimistic import Channel, OptimisticLedger
from tests.scenes.waiting import eventually_async

RUN_SECONDS_MAX = 280


def gifts(now: int) -> Callable[[int], dict[str, object]]:
    def gift(number: int) -> dict[str, object]:
        args = {"address": ALICE, "class_id": "north", "points": 1}
        return {"args": args, "op": "Issue", "request_id": f"g{number}", "valid_until": now + DAY}

    return gift


async def test_callers_bring_one_operation_after_the_other_until_none_is_left() -> None:
    world = standard()
    ledger = OptimisticLedger(Channel(world.state, world.now))
    operations = made(map(gifts(world.now), range(10**6)), 100)
    async with Scheduler(ledger, Bounds(lanes=2)) as scheduler:
        measured = await many(scheduler, operations, callers=10, seconds=60)
    assert len(measured.latencies_seconds) == len(ledger.channel.order) == 100
    assert not measured.failures
    assert max(ledger.batches) <= 10, "no more at once than callers"


async def test_arrivals_at_a_rate_do_not_wait_for_answers() -> None:
    world = standard()
    ledger = OptimisticLedger(Channel(world.state, world.now))
    operations = made(map(gifts(world.now), range(200)), 200)
    async with Scheduler(ledger, Bounds(lanes=1, queued_max=20)) as scheduler:
        ledger.gate.clear()
        load = asyncio.create_task(at_rate(scheduler, operations, 1000.0))
        await eventually_async("a full queue", lambda: scheduler.counts["busy"], seconds=10)
        ledger.gate.set()
        measured = await load
    assert measured.failures["BUSY"] > 0
    assert len(measured.latencies_seconds) + measured.failures["BUSY"] == 200
    assert measured.seconds >= 199 / 1000


def test_growth_compares_the_last_third_with_the_second() -> None:
    assert growth([10, 20, 30, 30, 33, 33]) == pytest.approx(33 / 30)
    assert growth([1, 2]) == 1.0


def test_the_long_file_is_the_sample_under_new_numbers() -> None:
    sample = read_purchases(SAMPLE)
    long = repeated(sample, 3)
    assert len(long) == 3 * len(sample)
    assert repeated(sample, 1) == sample
    customers = {purchase.number for purchase in sample}
    assert len({purchase.number for purchase in long}) == 3 * len(customers)
    assert sum(purchase.amount_minor for purchase in long) == 3 * sum(purchase.amount_minor for purchase in sample)
    assert [purchase.day for purchase in long] == sorted(purchase.day for purchase in long)


def test_the_watch_reads_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        def __init__(self, folder: Path) -> None: ...

        def services(self) -> list[object]:
            return []

    monkeypatch.setattr("admin.tools.bench.throughput.watch.LocalNetwork", Nothing)
    watch = Watch(tmp_path)
    before = watch.read()
    sum(number * number for number in range(2_000_000))
    assert watch.by_kind(before, watch.read())["client"] > 0
    assert watch.memory_mebibytes()["client"] > 1


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return jifen("bench", "throughput", *arguments, folder=ROOT, limit_seconds=RUN_SECONDS_MAX)


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--parts", "P1,P9"), "UNKNOWN_PART"), (("--in-flight", "none"), "BAD_NUMBER")]
)
def test_wrong_input_is_told_before_anything_starts(arguments: tuple[str, ...], code: str) -> None:
    done = bench(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{code}: ")


@pytest.mark.long
@pytest.mark.fabric
def test_a_short_run_on_a_real_network_prints_one_document() -> None:
    done = bench(
        *("--parts", "P1,P2,P4,queue", "--seconds", "1", "--rounds", "1", "--members", "200", "--callers", "200"),
        *("--in-flight", "8", "--json"),
    )
    assert done.stdout, f"exit status {done.returncode}: {done.stderr}"
    document = json.loads(done.stdout)
    goals = document["goals"]
    assert done.returncode == (0 if all(goal["met"] for goal in goals.values()) else 1)
    assert set(goals) == {
        "P1", "P2", "P4", "P4, invalid transactions", "queue full: slowest refusal, seconds", "queue full: operations lost",
    }  # fmt: skip
    assert goals["P1"]["figure"] > 1
    assert goals["P4, invalid transactions"]["figure"] == 0
    assert goals["queue full: operations lost"]["figure"] == 0
    measured = [run for run in document["runs"] if "cpu_share" in run]
    assert {run["client"] for run in measured} == {"port", "hfc", "node"}
    assert all(run["operations"] > 0 for run in measured)
    for run in measured:
        if run["client"] != "node":
            assert run["failures"] == {}
            assert run["invalid_transactions"] == 0


def test_the_lines_of_a_profile_that_say_something() -> None:
    text = """Duration: 8s, Total samples = 4.49s
      flat  flat%   sum%        cum   cum%
         0     0%     0%      1.30s 28.95%  github.com/hyperledger/fabric/gossip/privdata.(*coordinator).StoreBlock
         0     0%     0%      1.29s 28.73%  google.golang.org/grpc.(*Server).serveStreams.func2.1
     0.75s 16.70% 16.70%      0.75s 16.70%  runtime.memmove
"""
    assert functions_of(text) == ["28.95% privdata.(*coordinator).StoreBlock", "16.70% runtime.memmove"]


async def test_where_the_event_loop_is() -> None:
    def busy() -> None:
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            sum(range(100))

    with Sampler() as sampler:
        busy()
    assert any(name.endswith("test_bench_throughput.busy") for name in sampler.functions())
