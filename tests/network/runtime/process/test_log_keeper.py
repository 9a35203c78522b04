"""Logs within bounds, while the process that writes them keeps them open; and followed."""

from __future__ import annotations

import time
from pathlib import Path

from network.declaration import merchants_declaration
from network.declaration.writing import declaration_text
from network.folders import OrgFolder
from network.nodes.services import log_service
from network.participant import Participant
from network.runtime.process import log_keeper
from network.runtime.process.log_stream import follow
from tests.network.runtime.process.services import RUNTIME, service
from tests.scenes.waiting import at_least, eventually

WRITER = """
import itertools, sys, time
for number in itertools.count():
    sys.stdout.write(f"line {number:012}\\n")
    sys.stdout.flush()
    if number % 20 == 0:  # LINES_A_MILLISECOND
        time.sleep(0.001)
"""
LINE_BYTES = 18
LINES_A_MILLISECOND = 20


def lines_within(seconds: float) -> float:
    """The most that the writer writes in so long, begun and ended anywhere."""
    return LINES_A_MILLISECOND * (1000 * seconds + 2)


def numbers(file: Path) -> list[int]:
    """The numbers of the whole lines; one that was being written when the log was cut is lost."""
    data = file.read_bytes()
    assert b"\0" not in data
    lines = data.decode().splitlines(keepends=True)
    return [int(line.removeprefix("line ")) for line in lines if len(line) == LINE_BYTES]


def test_a_log_is_turned_over_under_the_hands_of_its_writer(tmp_path: Path) -> None:
    one = service(tmp_path, WRITER)
    files = [one.log_file, *(log_keeper.older(one.log_file, number) for number in (1, 2, 3))]
    lost_max = 0.0

    def size() -> int:
        return one.log_file.stat().st_size

    RUNTIME.start(one)
    try:
        for _ in range(6):
            eventually("a longer log", size, at_least(200 * LINE_BYTES + 1), seconds=20)
            began = time.monotonic()
            log_keeper.keep(tmp_path / "logs", bytes_max=200 * LINE_BYTES, older_max=3)
            lost_max += lines_within(time.monotonic() - began)
            left = size()
            assert left <= lines_within(time.monotonic() - began) * LINE_BYTES, "what was written since"
    finally:
        RUNTIME.stop([one])
    assert sorted(file.name for file in (tmp_path / "logs").iterdir()) == sorted(file.name for file in files)
    found = [number for file in reversed(files) for number in numbers(file)]
    assert found == sorted(set(found))
    # Lines are lost in the instant between copy and cut alone, of some microseconds on a quiet machine.
    assert found[-1] - found[0] + 1 - len(found) <= lost_max


def test_a_log_that_cannot_be_turned_over_is_left_and_told(tmp_path: Path, capsys: object) -> None:
    log = tmp_path / "peer0.log"
    log.write_text("word\n" * 100, encoding="utf-8")
    log_keeper.older(log, 1).mkdir()
    log_keeper.keep(tmp_path, bytes_max=10)
    assert log.read_text("utf-8") == "word\n" * 100


def test_every_org_has_a_process_that_does_it(tmp_path: Path) -> None:
    folder = OrgFolder(tmp_path / "north")
    folder.root.mkdir()
    folder.ports.write_text("{}", encoding="utf-8")
    text = declaration_text(merchants_declaration(1)).replace("northstar", "north")
    keeper = log_service(Participant(folder, text))
    log = folder.logs / "peer0.log"
    folder.logs.mkdir()
    log.write_bytes(b"x" * (log_keeper.BYTES_MAX + 1))
    assert RUNTIME.start(keeper)
    try:
        eventually(
            "the log is turned over",
            lambda: log.stat().st_size,
            lambda size: size == 0,
            seconds=20,
            still_possible=lambda: RUNTIME.must_run(keeper),
        )
        assert log_keeper.older(log, 1).stat().st_size == log_keeper.BYTES_MAX + 1
    finally:
        assert RUNTIME.stop([keeper]) == ["north/logs"]


def test_the_end_of_a_log_is_shown_over_its_turn(tmp_path: Path) -> None:
    one = service(tmp_path, WRITER)
    one.log_file.parent.mkdir()
    one.log_file.write_text("one\ntwo\n", encoding="utf-8")
    log_keeper.turn_over(one.log_file)
    with one.log_file.open("a") as log:
        log.write("three\n")
    assert RUNTIME.logs(one, 2) == ["two", "three"]
    assert RUNTIME.logs(one, 5) == ["one", "two", "three"]


def test_logs_are_followed_over_a_turn_and_line_by_line(tmp_path: Path) -> None:
    writers = [service(tmp_path / name, WRITER) for name in ("a", "b")]
    first, second = (writer.log_file for writer in writers)
    first.parent.mkdir(parents=True)
    first.write_text("first\nearlier\nbefore\no", encoding="utf-8")

    def steps() -> list[tuple[Path, str]]:
        return [(first, "ne\nhal"), (first, "f\n"), (second, "of another\n"), (first, "turned\n")]

    waiting = iter(steps())

    def wait(seconds: float) -> None:
        file, text = next(waiting)
        file.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("turned"):
            log_keeper.turn_over(file)
        with file.open("a") as log:
            log.write(text)

    told = follow({"north/peer0": first, "north/peer1": second}, 2, wait)
    assert [next(told) for _ in range(6)] == [
        ("north/peer0", "earlier"),
        ("north/peer0", "before"),
        ("north/peer0", "one"),
        ("north/peer0", "half"),
        ("north/peer1", "of another"),
        ("north/peer0", "turned"),
    ]
