"""The two runs of pytest: what keeps to itself, two tests at a time, and then what needs a network of real peers, one after the other."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from admin.testing.stages import Result, Stage

SIDE_BY_SIDE = ("-n", "2", "--dist", "worksteal")
NOTHING_COLLECTED = 5
"""Pytest's exit status when the arguments chose no test."""
TAIL_BYTES = 8192
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")


@dataclass(frozen=True)
class TestRun:
    """How a run of pytest ended: its exit status, and its last line, which has the counts."""

    name: str
    status: int
    seconds: float
    line: str
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def result(self) -> Result:
        """As a stage's. That the caller's arguments leave one of the runs without a test is no failure of it."""
        return Result(self.name, self.status in (0, NOTHING_COLLECTED), self.seconds)


def test_stages(quick: bool, arguments: Sequence[str]) -> list[Stage]:
    """The runs of pytest, each with the caller's arguments; `quick` leaves out what needs Fabric or a browser. Who chooses by marks has one run, as
    she says."""
    command = [sys.executable, "-m", "pytest"]
    if any(argument == "-m" or argument.startswith("-m=") for argument in arguments):
        return [Stage("tests", [*command, *arguments])]
    alone = "not (fabric or browser)" if quick else "not fabric"
    stages = [Stage("tests that keep to themselves", [*command, "-m", alone, *SIDE_BY_SIDE, *arguments])]
    if not quick:
        stages.append(Stage("tests on real networks", [*command, "-m", "fabric", *arguments]))
    return stages


def run_tests(stages: Iterable[Stage]) -> list[TestRun]:
    """Runs them one after the other; what they write goes through as it comes, and their last lines stand together at the end."""
    runs = [_run(stage) for stage in stages]
    print()
    for run in runs:
        print(f"── {run.name}: {run.line}")
    if len(runs) > 1:
        print(f"{'=' * 20} {total_of(runs)} {'=' * 20}", flush=True)
    return runs


def total_of(runs: Iterable[TestRun]) -> str:
    """The counts of all runs in one line, as pytest tells its own."""
    counts: Counter[str] = Counter()
    seconds = 0.0
    for run in runs:
        counts.update(run.counts)
        seconds += run.seconds
    told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items())) or "no tests ran"
    return f"{told} in {seconds:.2f}s ({datetime.timedelta(seconds=int(seconds))})"


def failures_of(runs: Sequence[TestRun]) -> list[str]:
    """The names of runs that failed. When no run had a test, all of them did: the arguments name something that is not there."""
    if all(run.status == NOTHING_COLLECTED for run in runs):
        return [run.name for run in runs]
    return [run.name for run in runs if not run.result.passed]


def _run(stage: Stage) -> TestRun:
    print(f"── {stage.name}", flush=True)
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    started = time.monotonic()
    tail = b""
    environment = {**os.environ, **stage.environment}
    with subprocess.Popen(
        [*stage.command, *colour], cwd=stage.folder, env=environment, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        while chunk := process.stdout.read1(TAIL_BYTES):  # type: ignore[attr-defined]
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            tail = (tail + chunk)[-TAIL_BYTES:]
    lines = ESCAPES.sub("", tail.decode("utf-8", "replace")).rstrip().splitlines()
    line = lines[-1].strip("= ") if lines else f"exit status {process.returncode}"
    counts = Counter({word.removesuffix("s") if word == "errors" else word: int(n) for n, word in COUNT.findall(line)})
    return TestRun(stage.name, process.returncode, time.monotonic() - started, line, counts)
