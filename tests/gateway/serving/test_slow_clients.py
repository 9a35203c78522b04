"""Clients that dawdle: half-sent requests, answers that nobody fetches, connections that nobody hangs up. Others are served all the while."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from admin.gateways import RunningGateway
from gateway.serving.slow_clients import is_whole
from tests.scenes import gateways

THREADS = 8
CONNECTIONS = 4 * THREADS
PROMPT_SECONDS = 2.5
"""Shorter than patience, so that whoever is answered by then waited for no dawdler."""
ENVIRONMENT = {
    "JIFEN_GATEWAY_HTTP__THREADS": str(THREADS),
    "JIFEN_GATEWAY_HTTP__PATIENCE_SECONDS": "4",
    "JIFEN_GATEWAY_RATES__ANONYMOUS_PER_MINUTE": "100000",
}
HEAD = b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
HALF_SENT = {
    "nothing": b"",
    "half a head": HEAD,
    "half a body": HEAD + b"Content-Length: 100\r\n\r\n{",
    "half a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n20\r\n{",
    "half a body that nobody wants": b"GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n",
}
ALIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """A gateway with few threads and little patience."""
    with gateways.running(tmp_path_factory.mktemp("patience"), ENVIRONMENT) as found:
        answer_seconds(found)  # its worker is there
        yield found


def connect(running: RunningGateway) -> socket.socket:
    """A connection."""
    url = httpx.URL(running.address)
    return socket.create_connection((url.host, url.port or 80), timeout=20)


def answer_seconds(running: RunningGateway) -> float:
    """How long somebody else waits for an answer."""
    began = time.monotonic()
    assert httpx.get(f"{running.address}/health/live", timeout=20, trust_env=False).status_code == 200
    return time.monotonic() - began


@pytest.mark.parametrize("sent", HALF_SENT.values(), ids=HALF_SENT.keys())
def test_half_sent_requests_keep_nobody_out(running: RunningGateway, sent: bytes) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(running)) for _ in range(2 * THREADS)]
        for client in clients:
            client.sendall(sent)
        assert answer_seconds(running) < PROMPT_SECONDS
        for client in clients:
            assert client.recv(4096) == b"", "a request that does not come is not waited for"


def test_silent_connections_make_room(running: RunningGateway) -> None:
    with ExitStack() as stack:
        for _ in range(CONNECTIONS + 10):
            stack.enter_context(connect(running))
        assert answer_seconds(running) < PROMPT_SECONDS


def test_connections_that_have_gone_take_nobodys_room(running: RunningGateway) -> None:
    known = HEAD.replace(b"sessions", b"operations/accrue") + f"Authorization: Bearer {running.api_key}\r\n".encode()
    with ExitStack() as stack:
        for _ in range(THREADS):  # every thread waits for the rest of a body
            busy = stack.enter_context(connect(running))
            busy.sendall(known + b"Content-Length: 200000\r\n\r\n[" + b" " * 70_000)
        for _ in range(CONNECTIONS - THREADS - 2):
            connect(running).close()
        clients = [stack.enter_context(connect(running)) for _ in range(2 * THREADS)]
        for client in clients:
            client.sendall(ALIVE)
        for client in clients:
            assert client.recv(4096).startswith(b"HTTP/1.1 200")


def test_a_kept_connection_waits_for_its_next_request_without_a_thread(running: RunningGateway) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(running)) for _ in range(2 * THREADS)]
        for client in clients:
            client.sendall(ALIVE + HEAD)
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
        assert answer_seconds(running) < PROMPT_SECONDS


def test_clients_that_do_not_hang_up_keep_nobody_out(running: RunningGateway) -> None:
    with ExitStack() as stack:
        for _ in range(THREADS):
            client = stack.enter_context(connect(running))
            client.sendall(ALIVE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
        assert answer_seconds(running) < PROMPT_SECONDS


def test_a_long_body_that_stops_is_given_up(running: RunningGateway) -> None:
    known = HEAD.replace(b"sessions", b"operations/accrue") + f"Authorization: Bearer {running.api_key}\r\n".encode()
    with connect(running) as client:
        client.sendall(known + b"Content-Length: 200000\r\n\r\n[" + b" " * 70_000)
        assert client.recv(4096).startswith(b"HTTP/1.1 400")


def test_a_long_body_from_who_is_not_known_is_refused_at_once(running: RunningGateway) -> None:
    with connect(running) as client:
        client.sendall(HEAD + b"Content-Length: 200000\r\n\r\n[" + b" " * 7_000)
        assert client.recv(4096).startswith(b"HTTP/1.1 413")


def test_requests_one_behind_the_other_and_in_pieces_are_answered(running: RunningGateway) -> None:
    with connect(running) as client, client.makefile("rb") as answers:
        body = b'{"contact": "nobody@example.org", "password": "Zebra-Quartz-4711"}'
        posted = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
        sent = ALIVE + posted + ALIVE + posted
        for begin in range(0, len(sent), 50):
            client.sendall(sent[begin : begin + 50])
            time.sleep(0.01)  # so that it goes in packets of its own
        statuses = []
        while len(statuses) < 4:
            line = answers.readline()
            assert line, statuses
            if line.startswith(b"HTTP/1.1 "):
                statuses.append(int(line.split()[1]))
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            if line == b"\r\n":
                answers.read(length)
        assert statuses == [200, 401, 200, 401]


@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_who_waits_for_leave_to_send_a_body_gets_it(running: RunningGateway, version: str) -> None:
    body = b'{"contact": "nobody@example.org", "password": "Zebra-Quartz-4711"}'
    head = HEAD.replace(b"HTTP/1.1", f"HTTP/{version}".encode())
    with connect(running) as client, client.makefile("rb") as answers:
        client.sendall(head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        if version == "1.1":
            client.settimeout(PROMPT_SECONDS)
            assert answers.readline() == b"HTTP/1.1 100 Continue\r\n"
        client.sendall(body)
        statuses: list[int] = []
        while statuses[-1:] in ([], [100]):
            line = answers.readline()
            assert line, statuses
            if line.startswith(b"HTTP/1."):
                statuses.append(int(line.split()[1]))
        assert statuses[-1] == 401
        assert version == "1.1" or statuses == [401]


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 999999\r\n\r\nabc", True),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", False),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nContent-Type: application/x-ndjson\r\nContent-Length: 9\r\n\r\n", True),
        (b"x" * 70_000, True),
    ],
)
def test_what_is_waited_for(data: bytes, whole: bool) -> None:
    assert is_whole(data) is whole
