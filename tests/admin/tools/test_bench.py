"""The benches: their form, their arithmetic, and a short run on a real network."""

from __future__ import annotations

import asyncio
import json
import subprocess

import pytest

from admin.tools.bench.document import Goal, answer
from admin.tools.bench.load import Ground, Measured, in_lanes
from gateway.ledger.errors import EndorseFailed
from tests.scenes.commands import ROOT, jifen

RUN_SECONDS_MAX = 240


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return jifen("bench", "ledger", *arguments, folder=ROOT, limit_seconds=RUN_SECONDS_MAX)


def test_a_goal_is_met_from_below_or_from_above() -> None:
    document = answer({"more": Goal(2.0, 1.5), "less": Goal(2.0, 1.5, at_most=True)}, [])
    assert set(document) == {"machine", "goals", "runs"}
    assert document["goals"]["more"] == {"figure": 2.0, "goal": 1.5, "met": True}
    assert document["goals"]["less"] == {"figure": 2.0, "goal": 1.5, "met": False}


def test_percentiles_are_of_the_ordered_latencies() -> None:
    measured = Measured(latencies_seconds=[float(number) for number in range(100, 0, -1)])
    assert (measured.percentile(0.5), measured.percentile(0.95), measured.percentile(1.0)) == (51.0, 96.0, 100.0)
    assert Measured().percentile(0.5) == 0.0


async def test_lanes_call_one_after_the_other_and_count_failures() -> None:
    running = dict.fromkeys(range(3), 0)
    turns: dict[int, list[int]] = {lane: [] for lane in range(3)}

    async def call(lane: int, turn: int) -> None:
        running[lane] += 1
        assert running[lane] == 1
        turns[lane].append(turn)
        await asyncio.sleep(0)
        running[lane] -= 1
        if turn % 2:
            raise EndorseFailed("ENDORSE_FAILED", "every other one")

    measured = await in_lanes(3, 0.05, call)
    assert measured.seconds >= 0.05
    assert all(numbers == list(range(len(numbers))) and len(numbers) > 2 for numbers in turns.values())
    assert measured.failures["EndorseFailed ENDORSE_FAILED"] == sum(len(numbers) // 2 for numbers in turns.values())


def test_a_lane_takes_its_classes_in_turn_and_its_request_ids_once() -> None:
    ground = Ground("run", [["a", "b"], ["c", "d"]], ["one", "two", "three"], 99)
    operations = [ground.issue(1, number, number) for number in range(6)]
    assert [one["args"]["class_id"] for one in operations] == ["c", "d"] * 3
    assert len({one["request_id"] for one in operations}) == 6


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--adapters", "carrier-pigeon"), "UNKNOWN_ADAPTER"),
        (("--in-flight", "1,many"), "BAD_NUMBER"),
        (("--in-flight", "0"), "BAD_NUMBER"),
    ],
)
def test_wrong_input_is_told_before_anything_starts(arguments: tuple[str, ...], code: str) -> None:
    done = bench(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{code}: ")


@pytest.mark.fabric
def test_a_short_run_on_a_real_network_prints_one_document() -> None:
    done = bench("--seconds", "1", "--in-flight", "4", "--batches-in-flight", "1", "--batch", "50", "--json")
    assert done.stdout, f"exit status {done.returncode}: {done.stderr}"
    document = json.loads(done.stdout)
    assert done.returncode == (0 if all(goal["met"] for goal in document["goals"].values()) else 1)
    # Nobody schedules these calls: on a busy machine an endorsing peer may be more blocks behind than a lane has
    # classes.
    behind = {"CommitFailed MVCC_READ_CONFLICT", "CommitError", "EndorseError"}
    assert {name for run in document["runs"] for name in run["failures"]} <= behind
    failed = sum(sum(run["failures"].values()) for run in document["runs"])
    assert document["goals"]["calls that failed"]["figure"] == failed
    kinds = [(run["client"], run["kind"], run["operations_per_transaction"]) for run in document["runs"]]
    assert kinds == [
        *((name, *kind) for name in ("fabric", "hfc") for kind in (("submit", 1), ("submit", 50), ("evaluate", 0))),
        ("node", "submit", 1),
    ]
    for run in document["runs"]:
        assert run["calls"] > 0
        assert run["cpu_milliseconds_per_call"]["peer"] > 0
        assert run["cpu_milliseconds_per_call"]["client"] > 0
