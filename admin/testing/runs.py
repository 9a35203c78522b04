"""The two runs of pytest, side by side: what keeps to itself, two tests at a time, and what needs a network of real
peers, one after the other. A test on a network waits for its peers most of the time; the others use the processors
meanwhile."""

from __future__ import annotations

import datetime
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from admin.testing.stages import Result, Stage
from network.runtime.waiting import wait_until

SIDE_BY_SIDE = ("-n", "2", "--dist", "worksteal")
SLOWEST = 25
"""How many of the slowest tests each run lists."""
FOLLOWED_EVERY_SECONDS = 0.2
ENDING_SECONDS_MAX = 60
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


def test_stages(quick: bool, arguments: Sequence[str], *, long: bool) -> list[Stage]:
    """The runs of pytest, each with the caller's arguments; `quick` leaves out what needs Fabric or a browser, and
    `long` chooses what is long by nature and nothing else. A caller who chooses by marks has one run, as they say."""
    command = [sys.executable, "-m", "pytest", f"--durations={SLOWEST}", "--durations-min=1"]
    if any(argument == "-m" or argument.startswith("-m=") for argument in arguments):
        return [Stage("tests", [*command, *arguments])]
    if long:
        return [Stage("long tests", [*command, "-m", "long", *arguments])]
    alone = "not (fabric or browser or long)" if quick else "not (fabric or long)"
    stages = [Stage("tests that keep to themselves", [*command, "-m", alone, *SIDE_BY_SIDE, *arguments])]
    if not quick:
        stages.append(Stage("tests on real networks", [*command, "-m", "fabric and not long", *arguments]))
    return stages


def run_tests(stages: Iterable[Stage]) -> list[TestRun]:
    """Runs them side by side. What the first one writes goes through as it comes, what the others write after it; their
    last lines stand together at the end. Broken off, all of them are asked to end and waited for, so that they take
    down what they brought up."""
    with tempfile.TemporaryDirectory(prefix="jifen-runs-") as folder:
        running = [_Running(stage, Path(folder) / f"{number}.log") for number, stage in enumerate(stages)]
        try:
            runs = [one.followed() for one in running]
        finally:
            for one in running:
                one.end()
    print()
    for run in runs:
        print(f"── {run.name}: {run.line}")
    if len(runs) > 1:
        print(f"{'=' * 20} {total_of(runs)} {'=' * 20}", flush=True)
    return runs


def total_of(runs: Iterable[TestRun]) -> str:
    """The counts of all runs, and the seconds of the longest, in one line, as pytest tells its own."""
    counts: Counter[str] = Counter()
    seconds = 0.0
    for run in runs:
        counts.update(run.counts)
        seconds = max(seconds, run.seconds)
    told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items())) or "no tests ran"
    return f"{told} in {seconds:.2f}s ({datetime.timedelta(seconds=int(seconds))})"


def failures_of(runs: Sequence[TestRun]) -> list[str]:
    """The names of runs that failed. When no run had a test, all of them did: the arguments name something that is not there."""
    if all(run.status == NOTHING_COLLECTED for run in runs):
        return [run.name for run in runs]
    return [run.name for run in runs if not run.result.passed]


class _Running:
    """A run of pytest that has begun; what it writes is kept in a file until it is asked for."""

    def __init__(self, stage: Stage, log: Path) -> None:
        colour = ["--color=yes"] if sys.stdout.isatty() else []
        self._stage, self._log, self._started = stage, log, time.monotonic()
        self._ended = self._started
        with log.open("wb") as out:
            # A process group of its own: asked to end, the workers of pytest hear of it too, and take down what their
            # tests brought up.
            self._process = subprocess.Popen(
                [*stage.command, *colour],
                cwd=stage.folder,
                env={**os.environ, **stage.environment},
                stdout=out,
                start_new_session=True,
            )
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        self._waiter.start()

    def followed(self) -> TestRun:
        """Passes on what it has written and goes on writing, to its end; how it ended."""
        print(f"── {self._stage.name}", flush=True)
        tail = b""
        with self._log.open("rb") as written:
            ended = False
            while not ended:
                self._waiter.join(FOLLOWED_EVERY_SECONDS)
                ended = not self._waiter.is_alive()
                while chunk := written.read(TAIL_BYTES):
                    sys.stdout.buffer.write(chunk)
                    tail = (tail + chunk)[-TAIL_BYTES:]
                sys.stdout.buffer.flush()
        lines = ESCAPES.sub("", tail.decode("utf-8", "replace")).rstrip().splitlines()
        line = lines[-1].strip("= ") if lines else f"exit status {self._process.returncode}"
        found = ((word.removesuffix("s") if word == "errors" else word, int(n)) for n, word in COUNT.findall(line))
        seconds = self._ended - self._started
        return TestRun(self._stage.name, self._process.returncode, seconds, line, Counter(dict(found)))

    def end(self) -> None:
        """Asks it to end, if it still runs, and waits until it has, and its workers too."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
        self._waiter.join()
        wait_until(self._group_is_gone, f"{self._stage.name} end", ENDING_SECONDS_MAX)

    def _group_is_gone(self) -> bool:
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def _wait(self) -> None:
        self._process.wait()
        self._ended = time.monotonic()
