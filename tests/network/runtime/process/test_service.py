"""One process: known by pid and start time, never mistaken for another, ended with a limit; ports and waiting."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from network.errors import CODES, NetworkError
from network.journeys.local import LocalNetwork
from network.runtime.process import ports
from network.runtime.process.service import Service, stop_all
from network.runtime.waiting import wait_until

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


def service(tmp_path: Path, program: str, port: int | None = None) -> Service:
    number = port or ports.pick(())
    return Service(
        org="north",
        name="peer0",
        kind="peer",
        arguments=(sys.executable, "-c", program, str(number)),
        folder=tmp_path,
        pid_file=tmp_path / "run" / "peer0.json",
        log_file=tmp_path / "logs" / "peer0.log",
        ports=(number,),
    )


def test_start_twice_is_one_process_and_stop_twice_is_none(tmp_path: Path) -> None:
    one = service(tmp_path, LISTEN)
    assert one.start()
    try:
        one.wait_up()
        first = one.pid()
        assert not one.start()
        assert one.pid() == first
        assert one.log_tail(5) == ["listening"]
    finally:
        assert stop_all([one]) == ["north/peer0"]
    assert one.pid() is None
    assert not one.pid_file.exists()
    assert stop_all([one]) == []


def test_a_port_is_waited_for_that_the_last_thread_of_a_killed_process_still_has(tmp_path: Path) -> None:
    one = service(tmp_path, LEADERLESS)
    one.start()
    wait_until(lambda: (tmp_path / "ran").exists() and one.pid() is None, "its first thread ends", 10)
    assert not ports.is_free(one.ports[0])
    try:
        assert one.start()
        one.wait_up()
        assert one.pid() is not None
    finally:
        stop_all([one])


def test_a_process_that_ends_at_once_is_told_with_its_log(tmp_path: Path) -> None:
    one = service(tmp_path, "raise SystemExit('no such luck')")
    one.start()
    with pytest.raises(NetworkError, match="no such luck") as caught:
        one.wait_up()
    assert caught.value.code == "PROCESS_ENDED"


def test_why_it_ended_is_told_of_this_run_and_not_of_an_earlier_one(tmp_path: Path) -> None:
    stack = r"\n\ngoroutine 1 [running]:\nmain.main()\n\tmain.go:1"
    full = f"import sys\nprint('write /x: no space left on device{stack}', flush=True)\nsys.exit(2)"
    one = service(tmp_path, full)
    one.start()
    with pytest.raises(NetworkError, match=r"says: write /x: no space left on device$"):
        one.wait_up()
    again = service(tmp_path, "raise SystemExit('another reason')")
    again.start()
    with pytest.raises(NetworkError, match=r"says: another reason$"):
        again.wait_up()


def test_one_that_ended_before_it_was_looked_at_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine it is gone, and reaped, before its pid is written down."""
    one = service(tmp_path, "raise SystemExit('too early')")
    started = subprocess.Popen

    def ended(*arguments: Any, **more: Any) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = started(*arguments, **more)
        process.wait()
        return process

    monkeypatch.setattr(subprocess, "Popen", ended)
    one.start()
    assert one.pid() is None
    with pytest.raises(NetworkError, match=r"says: too early$"):
        one.wait_up()


def test_a_stubborn_process_is_killed(tmp_path: Path) -> None:
    one = service(tmp_path, STUBBORN)
    one.start()
    one.wait_up()
    one.ask_to_stop()
    one.wait_stopped(limit_seconds=0.3)
    assert one.pid() is None


def test_a_pid_that_another_program_has_got_is_left_alone(tmp_path: Path) -> None:
    one = service(tmp_path, LISTEN)
    other = service(tmp_path / "other", LISTEN)
    other.folder.mkdir()
    other.start()
    try:
        other.wait_up()
        stale = json.loads(other.pid_file.read_text("utf-8"))
        stale["started_ticks"] -= 1
        one.pid_file.parent.mkdir()
        one.pid_file.write_text(json.dumps(stale), encoding="utf-8")
        assert one.pid() is None
        one.ask_to_stop(signal.SIGKILL)
        assert stop_all([one]) == []
        assert other.pid() == stale["pid"]
    finally:
        stop_all([other])


@pytest.mark.parametrize("text", ["", "{", "5", "{}", '{"pid": "x"}', '{"pid": 1}', "\x00" * 40])
def test_a_broken_pid_file_is_like_none(tmp_path: Path, text: str) -> None:
    sleeper = service(tmp_path, "import time; time.sleep(60)")
    sleeper.pid_file.parent.mkdir(parents=True, exist_ok=True)
    sleeper.pid_file.write_text(text, encoding="utf-8")
    assert sleeper.pid() is None
    sleeper.wait_stopped()
    assert not sleeper.pid_file.exists()


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        one = service(tmp_path, LISTEN, taken.getsockname()[1])
        with pytest.raises(NetworkError, match="another program uses") as caught:
            one.start()
        assert caught.value.code == "PORT_TAKEN"
        assert caught.value.exit_code == 3
    assert not one.pid_file.exists()


def test_nothing_of_the_callers_environment_slips_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORE_PEER_ID", "foreign")
    one = service(tmp_path, "import os\nprint('CORE_PEER_ID' in os.environ, flush=True)\n" + LISTEN)
    one.start()
    one.wait_up()
    stop_all([one])
    assert one.log_tail(5)[0] == "False"


def test_picked_ports_are_free_and_below_the_kernels_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert not ports.is_free(taken.getsockname()[1])
        assert ports.listens(taken.getsockname()[1])
    picked = ports.pick(())
    assert ports.is_free(picked)
    assert not ports.listens(picked)
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
    assert one.start()
    first = one.pid()
    try:
        assert LocalNetwork(tmp_path)._start([one]) == [one.label]
        assert one.pid() not in (None, first)
    finally:
        stop_all([one])


def test_what_ends_as_soon_as_it_was_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="PROCESS_ENDED"):
        LocalNetwork(tmp_path)._start([service(tmp_path, "raise SystemExit(9)")])
