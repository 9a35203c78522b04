"""Runs the `jifen` command as people do, in a process of its own, and reads what it answers."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "admin" / "demo" / "data" / "cdnow_sample.csv"
EXPECTED = ROOT / "tests" / "data" / "main_job_cdnow_sample.json"
ANSWER = ("counts", "classes", "windows")
LIMIT_SECONDS = 900.0
ENDING_SECONDS_MAX = 60.0


def line(*arguments: str | Path) -> list[str]:
    """The command line of `jifen` with these arguments."""
    return [sys.executable, "-m", "admin.cli", *map(str, arguments)]


def jifen(
    *arguments: str | Path, folder: Path, limit_seconds: float = LIMIT_SECONDS
) -> subprocess.CompletedProcess[str]:
    """Runs `jifen` in `folder` to its end. Where the test is interrupted or the time is over, it is asked to end, and
    takes down what it brought up; a kill would leave that behind."""
    process = subprocess.Popen(line(*arguments), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        out, err = process.communicate(timeout=limit_seconds)
    except BaseException:
        process.terminate()
        process.communicate(timeout=ENDING_SECONDS_MAX)
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one document on standard output of a command that must have succeeded."""
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def begun(*arguments: str | Path, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`jifen` at work in `folder`, its output in the files `out` and `err` there; killed at the end if it still
    runs."""
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        # A shell that puts the tests into the background has its children ignore SIGINT, and theirs would too.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        process = subprocess.Popen(line(*arguments), cwd=folder, stdout=out, stderr=err, text=True)
        signal.signal(signal.SIGINT, before)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)


def written(process: subprocess.Popen[str], folder: Path, limit_seconds: float = LIMIT_SECONDS) -> dict[str, Any]:
    """Waits for the end of a command that was begun; the document it wrote."""
    code = process.wait(limit_seconds)
    return document(
        subprocess.CompletedProcess([], code, (folder / "out").read_text("utf-8"), (folder / "err").read_text("utf-8"))
    )


def same_answer(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compares all of an answer, part by part, so that a failure shows the part."""
    for part in ANSWER:
        assert found[part] == expected[part], part
    assert all(all(checks.values()) for checks in found["checks"].values()), found["checks"]
    assert list(found["checks"]) == ["northstar", "harbor", "lotus"]
    assert len(next(iter(found["checks"].values()))) >= 10


def sample_answer() -> dict[str, Any]:
    """The published answer for the sample."""
    found: dict[str, Any] = json.loads(EXPECTED.read_text("utf-8"))
    return found


def cut(to: Path, purchases: int) -> Path:
    """Writes a file with the sample's first customers, until there are `purchases` rows: fewer people, the same
    eighteen months."""
    with SAMPLE.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    last = rows[purchases - 1][0]
    with to.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *(row for row in rows if row[0] <= last)])
    return to
