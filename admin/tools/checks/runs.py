"""The checks and the two runs of pytest, side by side: what keeps to itself, three tests at a time, and what needs a
network of real peers, one after the other. A test on a network waits for its peers most of the time, and many others
wait for a thread, a database or a browser; the rest use the processors meanwhile."""

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

from admin.tools.checks.stages import PROGRAMS, Stage
from network.runtime.waiting import wait_until

SIDE_BY_SIDE = ("-n", "3", "--dist", "worksteal")
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
class Run:
    """How a stage ended that ran beside others: its exit status, and its last line, which has the counts of a run of
    pytest."""

    name: str
    status: int
    seconds: float
    line: str
    counts: Counter[str] = field(default_factory=Counter)


def test_stages(quick: bool, arguments: Sequence[str], *, long: bool) -> list[Stage]:
    """The runs of pytest, each with the caller's arguments; `quick` leaves out what needs Fabric or a browser, and
    `long` chooses what is long by nature and nothing else. A caller who chooses by marks has one run, as they say."""
    command = [sys.executable, "-m", "pytest", f"--durations={SLOWEST}", "--durations-min=1"]
    if any(argument == "-m" or argument.startswith("-m=") for argument in arguments):
        return [Stage("tests", [*command, *arguments], after=None if quick else PROGRAMS)]
    if long:
        return [Stage("long tests", [*command, "-m", "long", *arguments], after=PROGRAMS)]
    alone = "not (fabric or browser or long)" if quick else "not (fabric or long)"
    stages = [Stage("tests that keep to themselves", [*command, "-m", alone, *SIDE_BY_SIDE, *arguments])]
    if not quick:
        command += ["-m", "fabric and not engine and not long", *arguments]
        stages.append(Stage("tests on real networks", command, after=PROGRAMS))
    return stages


def last_stages(quick: bool, arguments: Sequence[str], *, long: bool) -> list[Stage]:
    """The run that comes when all others are over: of what needs a container engine, which adds and removes network
    interfaces. A browser gives up what it loads at that moment (ERR_NETWORK_CHANGED)."""
    if quick or long or any(argument == "-m" or argument.startswith("-m=") for argument in arguments):
        return []
    command = [sys.executable, "-m", "pytest", f"--durations={SLOWEST}", "--durations-min=1"]
    return [Stage("tests in containers", [*command, "-m", "engine and not long", *arguments], after=PROGRAMS)]


def total_line(runs: Iterable[Run]) -> str:
    """The counts of all runs as a last line."""
    return f"{'=' * 20} {total_of(runs)} {'=' * 20}"


def run_stages(stages: Iterable[Stage]) -> list[Run]:
    """Runs them side by side. What the first one writes goes through as it comes, what the others write after it; their
    last lines stand together at the end. Interrupted, all of them are asked to end and waited for, so that they take
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
        print(total_line(runs), flush=True)
    return runs


def total_of(runs: Iterable[Run]) -> str:
    """The counts of all runs, and the seconds of the longest, in one line, as pytest tells its own."""
    counts: Counter[str] = Counter()
    seconds = 0.0
    for run in runs:
        counts.update(run.counts)
        seconds = max(seconds, run.seconds)
    told = ", ".join(f"{count} {word}" for word, count in sorted(counts.items())) or "no tests ran"
    return f"{told} in {seconds:.2f}s ({datetime.timedelta(seconds=int(seconds))})"


def not_run(runs: Iterable[Run]) -> int:
    """How many tests did not run, because this machine lacks what they need: a container engine, say. Each says why
    where it is listed."""
    return sum(run.counts["skipped"] for run in runs)


def failures_of(runs: Sequence[Run]) -> list[str]:
    """The names of stages that failed. When no test ran, those that had none did: the arguments name something that is
    not there."""
    tested = any(run.counts for run in runs)
    allowed = (0, NOTHING_COLLECTED) if tested else (0,)
    return [run.name for run in runs if run.status not in allowed]


class _Running:
    """A stage that has begun, or the one before it; what they write is kept in a file until it is asked for."""

    def __init__(self, stage: Stage, log: Path) -> None:
        self._stage, self._log, self._started = stage, log, time.monotonic()
        self._ended = self._started
        self._status = 0
        self._ending = False
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        log.touch()
        self._runner = threading.Thread(target=self._run, daemon=True)
        self._runner.start()

    def followed(self) -> Run:
        """Passes on what it has written and goes on writing, to its end; how it ended."""
        print(f"── {self._stage.name}", flush=True)
        tail = b""
        with self._log.open("rb") as written:
            ended = False
            while not ended:
                self._runner.join(FOLLOWED_EVERY_SECONDS)
                ended = not self._runner.is_alive()
                while chunk := written.read(TAIL_BYTES):
                    sys.stdout.buffer.write(chunk)
                    tail = (tail + chunk)[-TAIL_BYTES:]
                sys.stdout.buffer.flush()
        lines = ESCAPES.sub("", tail.decode("utf-8", "replace")).rstrip().splitlines()
        line = lines[-1].strip("= ") if lines else f"exit status {self._status}"
        found = ((word.removesuffix("s") if word == "errors" else word, int(n)) for n, word in COUNT.findall(line))
        return Run(self._stage.name, self._status, self._ended - self._started, line, Counter(dict(found)))

    def end(self) -> None:
        """Asks it to end, if it still runs, and waits until it has, and its workers too."""
        with self._lock:
            self._ending = True
            process = self._process
            if process is not None and process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        self._runner.join()
        if process is not None:
            wait_until(lambda: _is_gone(process.pid), f"{self._stage.name} end", ENDING_SECONDS_MAX)

    def _run(self) -> None:
        before = self._stage.after
        for stage in (self._stage,) if before is None else (before, self._stage):
            self._status = self._run_one(stage)
            if self._status:
                break
        self._ended = time.monotonic()

    def _run_one(self, stage: Stage) -> int:
        colour = ["--color=yes"] if sys.stdout.isatty() and "pytest" in stage.command else []
        with self._lock, self._log.open("ab") as out:
            if self._ending:
                return 1
            # A process group of its own: asked to end, the workers of pytest hear of it too, and take down what their
            # tests brought up.
            self._process = subprocess.Popen(
                [*stage.command, *colour],
                cwd=stage.folder,
                env={**os.environ, **stage.environment},
                stdout=out,
                start_new_session=True,
            )
        return self._process.wait()


def _is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False
