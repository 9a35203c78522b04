"""One process: known by pid and start time, never mistaken for another, ended with a limit; ports and waiting."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from network.declaration.endpoints import LOOPBACK, Endpoint
from network.errors import CODES, NetworkError
from network.runtime.process import ports
from network.runtime.service import bring_up
from network.runtime.waiting import wait_until
from tests.network.runtime.process.services import RUNTIME, service
from tests.scenes.waiting import eventually

LISTEN = "import socket,sys,time\ns=socket.create_server(('127.0.0.1',int(sys.argv[1])))\nprint('listening',flush=True)\ntime.sleep(600)"
LEADERLESS = """
import ctypes, os, pathlib, socket, sys, threading, time
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
first = not pathlib.Path("ran").exists()
pathlib.Path("ran").touch()
threading.Thread(target=lambda: (time.sleep(1 if first else 600), os._exit(0))).start()
if first:
    ctypes.CDLL(None).pthread_exit(None)
time.sleep(600)
"""
"""The first time its first thread ends at once and another one, with the port, a second later: as a killed process of many
threads on a busy machine."""
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM,signal.SIG_IGN)\n" + LISTEN


def test_start_twice_is_one_process_and_stop_twice_is_none(tmp_path: Path) -> None:
    one = service(tmp_path, LISTEN)
    assert RUNTIME.start(one)
    try:
        RUNTIME.wait_up(one)
        first = RUNTIME.pid(one)
        assert not RUNTIME.start(one)
        assert RUNTIME.pid(one) == first
        assert RUNTIME.logs(one, 5) == ["listening"]
    finally:
        assert RUNTIME.stop([one]) == ["north/peer0"]
    assert RUNTIME.pid(one) is None
    assert not one.record.exists()
    assert RUNTIME.stop([one]) == []


def test_a_port_is_waited_for_that_the_last_thread_of_a_killed_process_still_has(tmp_path: Path) -> None:
    one = service(tmp_path, LEADERLESS)
    RUNTIME.start(one)
    eventually("its first thread ends", lambda: (tmp_path / "ran").exists() and RUNTIME.pid(one) is None, seconds=10)
    assert not ports.is_free(one.endpoints[0])
    try:
        assert RUNTIME.start(one)
        RUNTIME.wait_up(one)
        assert RUNTIME.pid(one) is not None
    finally:
        RUNTIME.stop([one])


def test_a_process_that_ends_at_once_is_told_with_its_log(tmp_path: Path) -> None:
    one = service(tmp_path, "raise SystemExit('no such luck')")
    RUNTIME.start(one)
    with pytest.raises(NetworkError, match="no such luck") as caught:
        RUNTIME.wait_up(one)
    assert caught.value.code == "PROCESS_ENDED"


def test_why_it_ended_is_told_of_this_run_and_not_of_an_earlier_one(tmp_path: Path) -> None:
    stack = r"\n\ngoroutine 1 [running]:\nmain.main()\n\tmain.go:1"
    full = f"import sys\nprint('write /x: no space left on device{stack}', flush=True)\nsys.exit(2)"
    one = service(tmp_path, full)
    RUNTIME.start(one)
    with pytest.raises(NetworkError, match=r"says: write /x: no space left on device$"):
        RUNTIME.wait_up(one)
    again = service(tmp_path, "raise SystemExit('another reason')")
    RUNTIME.start(again)
    with pytest.raises(NetworkError, match=r"says: another reason$"):
        RUNTIME.wait_up(again)


def test_one_that_ended_before_it_was_looked_at_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine it is gone, and reaped, before its pid is written down."""
    one = service(tmp_path, "raise SystemExit('too early')")
    started = subprocess.Popen

    def ended(*arguments: Any, **more: Any) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = started(*arguments, **more)
        process.wait()
        return process

    monkeypatch.setattr(subprocess, "Popen", ended)
    RUNTIME.start(one)
    assert RUNTIME.pid(one) is None
    with pytest.raises(NetworkError, match=r"says: too early$"):
        RUNTIME.wait_up(one)


def test_a_stubborn_process_is_killed(tmp_path: Path) -> None:
    one = service(tmp_path, STUBBORN)
    RUNTIME.start(one)
    RUNTIME.wait_up(one)
    RUNTIME.ask_to_stop(one)
    RUNTIME.wait_stopped(one, limit_seconds=0.3)
    assert RUNTIME.pid(one) is None


def test_a_pid_that_another_program_has_got_is_left_alone(tmp_path: Path) -> None:
    one = service(tmp_path, LISTEN)
    other = service(tmp_path / "other", LISTEN)
    other.folder.mkdir()
    RUNTIME.start(other)
    try:
        RUNTIME.wait_up(other)
        stale = json.loads(other.record.read_text("utf-8"))
        stale["started_ticks"] -= 1
        one.record.parent.mkdir()
        one.record.write_text(json.dumps(stale), encoding="utf-8")
        assert RUNTIME.pid(one) is None
        RUNTIME.ask_to_stop(one, signal.SIGKILL)
        assert RUNTIME.stop([one]) == []
        assert RUNTIME.pid(other) == stale["pid"]
    finally:
        RUNTIME.stop([other])


@pytest.mark.parametrize("text", ["", "{", "5", "{}", '{"pid": "x"}', '{"pid": 1}', "\x00" * 40])
def test_a_broken_pid_file_is_like_none(tmp_path: Path, text: str) -> None:
    sleeper = service(tmp_path, "import time; time.sleep(60)")
    sleeper.record.parent.mkdir(parents=True, exist_ok=True)
    sleeper.record.write_text(text, encoding="utf-8")
    assert RUNTIME.pid(sleeper) is None
    RUNTIME.wait_stopped(sleeper)
    assert not sleeper.record.exists()


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        one = service(tmp_path, LISTEN, taken.getsockname()[1])
        with pytest.raises(NetworkError, match="another program uses") as caught:
            RUNTIME.start(one)
        assert caught.value.code == "PORT_TAKEN"
        assert caught.value.exit_code == 3
    assert not one.record.exists()


def test_nothing_of_the_callers_environment_slips_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORE_PEER_ID", "foreign")
    one = service(tmp_path, "import os\nprint('CORE_PEER_ID' in os.environ, flush=True)\n" + LISTEN)
    RUNTIME.start(one)
    RUNTIME.wait_up(one)
    RUNTIME.stop([one])
    assert RUNTIME.logs(one, 5)[0] == "False"


def test_picked_ports_are_free_and_below_the_kernels_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = Endpoint(LOOPBACK, taken.getsockname()[1])
        assert not ports.is_free(endpoint)
        assert ports.all_listen(os.getpid(), [endpoint])
        assert not ports.all_listen(os.getppid(), [endpoint])
    picked = ports.pick(LOOPBACK, ())
    assert ports.is_free(Endpoint(LOOPBACK, picked))
    assert not ports.all_listen(os.getpid(), [Endpoint(LOOPBACK, picked)])
    assert ports.PICK_FROM <= picked <= ports.PICK_TO
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()[0])
    assert lowest > ports.PICK_TO


def test_waiting_has_a_limit() -> None:
    with pytest.raises(NetworkError, match=r"not within 0\.1 s") as caught:
        wait_until(lambda: False, "nothing", 0.1)
    assert caught.value.code == "WAIT_TIMEOUT"


def test_codes_are_checked() -> None:
    assert all(code.isupper() and meaning for code, meaning in CODES.items())
    with pytest.raises(AssertionError):
        NetworkError("NO_SUCH_CODE", "")
    assert os.getpid()


def test_a_service_that_runs_with_an_older_configuration_is_started_anew(tmp_path: Path) -> None:
    file = tmp_path / "core.yaml"
    file.write_text("before", encoding="utf-8")
    one = dataclasses.replace(service(tmp_path, LISTEN), configuration=(file, tmp_path / "none.yaml"))
    try:
        assert bring_up(RUNTIME, [one]) == [one.label]
        first = RUNTIME.pid(one)
        assert not RUNTIME.status(one).outdated
        assert bring_up(RUNTIME, [one]) == []
        file.write_text("after", encoding="utf-8")
        assert RUNTIME.status(one).outdated
        assert bring_up(RUNTIME, [one]) == [one.label]
        assert RUNTIME.pid(one) not in (None, first)
        assert not RUNTIME.status(one).outdated
    finally:
        RUNTIME.stop([one])
    assert not RUNTIME.status(one).running


def test_what_was_on_its_way_out_when_it_was_looked_at_is_started_again(tmp_path: Path) -> None:
    mark = tmp_path / "second"
    program = f"""
import pathlib, time
mark = pathlib.Path({str(mark)!r})
if not mark.exists():
    mark.touch()
    time.sleep(1)
    raise SystemExit(9)
{LISTEN}"""
    one = service(tmp_path, program)
    assert RUNTIME.start(one)
    first = RUNTIME.pid(one)
    try:
        assert bring_up(RUNTIME, [one]) == [one.label]
        assert RUNTIME.pid(one) not in (None, first)
    finally:
        RUNTIME.stop([one])


def test_what_ends_as_soon_as_it_was_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="PROCESS_ENDED"):
        bring_up(RUNTIME, [service(tmp_path, "raise SystemExit(9)")])
