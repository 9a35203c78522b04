"""The bench of the HTTP side: its connections, its load generator on a gateway that serves, what it refuses, and a
short run on a real network."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from admin.errors import CheckFailed
from admin.gateways import make_gateway, serving
from admin.tools.bench.gateway.connection import Connection, request_bytes
from admin.tools.bench.gateway.load import run_load
from admin.tools.bench.gateway.measure import declaration_of
from admin.tools.bench.gateway.requests import ACCRUE, READ, SIGNED, TURN
from admin.tools.bench.gateway.timeouts import NODE, SATURATED, TIMEOUT, show
from admin.tools.bench.gateway.watch import Reading, Watch, used
from chaincode.signing import MemberKey
from gateway.client import JifenClient
from network.declaration.model import Batch
from tests.scenes.commands import ROOT, jifen
from tests.scenes.consortium import open_consortium

RUN_SECONDS_MAX = 280
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def replying(*replies: bytes) -> Handler:
    """A server that gives one reply after the other, on whatever connection, and closes after one that says so."""
    left = list(replies)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while left and await reader.readuntil(b"\r\n\r\n"):
            reply = left.pop(0)
            writer.write(reply)
            if b"close" in reply or not reply:
                break
        writer.close()

    return handle


async def ask(handler: Handler, count: int) -> tuple[list[tuple[int, bytes]], int]:
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    connection = Connection("127.0.0.1", server.sockets[0].getsockname()[1])
    async with server:
        try:
            replies = [await connection.ask(request_bytes("GET", "/x", "h", "k")) for _ in range(count)]
        finally:
            await connection.close()
    return [(reply.status, reply.body) for reply in replies], connection.opened


async def test_a_connection_is_kept_and_opened_again_after_the_server_closed_it() -> None:
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    last = b"HTTP/1.1 409 CONFLICT\r\nConnection: close\r\ncontent-length: 5\r\n\r\n[1,2]"
    replies, opened = await ask(replying(first, first, last, first), 4)
    assert replies == [(200, b"{}"), (200, b"{}"), (409, b"[1,2]"), (200, b"{}")]
    assert opened == 2


async def test_a_connection_that_breaks_or_streams_is_told() -> None:
    with pytest.raises(EOFError):
        await ask(replying(b""), 1)
    with pytest.raises(CheckFailed, match="REPLY_NOT_UNDERSTOOD"):
        await ask(replying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 1)


def test_a_request_says_what_it_is() -> None:
    request = request_bytes("POST", "/operations/accrue", "127.0.0.1:1", "key", {"args": {}})
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"POST /api/v1/operations/accrue HTTP/1.1"
    assert f"Content-Length: {len(body)}".encode() in head.splitlines()
    assert json.loads(body) == {"args": {}}
    assert Counter(TURN) == {READ: 7, ACCRUE: 2, SIGNED: 1}


def test_what_a_run_used() -> None:
    assert used(Reading(0.0, {"gateway": 1.0, "peer": 2.0}), Reading(1.0, {"gateway": 1.5, "peer": 2.0})) == {
        "gateway": 0.5,
        "peer": 0.0,
    }


async def test_the_load_generator_on_a_gateway_that_serves(tmp_path: Path) -> None:
    ledger, place, member = tmp_path / "ledger", tmp_path / "gateway", MemberKey.derived("bench of the gateway")
    ledger.mkdir()
    await asyncio.to_thread(open_consortium, ledger / "ledger.sqlite")
    key = await asyncio.to_thread(make_gateway, place, "northstar", "embedded", ledger, replay=False)
    with serving(place, "northstar", key) as running, JifenClient(running.address, api_key=key) as client:
        client.enroll(member, "northstar", request_id="enrol")
        host = running.address.removeprefix("http://")
        accrual = {"address": member.address, "amount_minor": 100, "class_id": "northstar"}
        requests = []
        for number in range(40):
            body = {"args": accrual, "request_id": f"load-{number}"}
            requests.append((ACCRUE, request_bytes("POST", "/operations/accrue", host, key, body)))
            requests.append((READ, request_bytes("GET", f"/accounts/{member.address}", host, key)))
        requests.append((READ, request_bytes("GET", "/accounts/nobody", host, key)))
        watch, begun = Watch(running.process.pid, None), []
        told = await run_load(running.address, 4, 60.0, requests, lambda: begun.append(watch.read()))
        assert used(begun[0], watch.read())["gateway"] > 0
        for href in told.pending:
            client.wait(href.rpartition("/")[2])
        assert client.balance(member.address, "northstar")["points"] == 40
    assert len(told.latencies_seconds[ACCRUE]) == len(told.latencies_seconds[READ]) == 40
    assert told.statuses["accrue 201"] + told.statuses.get("accrue 202", 0) == 40
    assert told.refusals == {"read 400 REQUEST_MALFORMED": 1}
    assert told.failures == {}
    assert told.connections >= 4
    assert told.cpu_seconds > 0


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return jifen("bench", "gateway", *arguments, folder=ROOT, limit_seconds=RUN_SECONDS_MAX)


def test_wrong_input_is_told_before_anything_starts() -> None:
    done = bench("--clients", "1,many")
    assert done.returncode == 2
    assert done.stderr.startswith("BAD_NUMBER: ")
    done = bench("--block-timeout", "40,5", "--folder", "somewhere")
    assert done.returncode == 2
    assert done.stderr.startswith("OPTIONS_CONFLICT: ")


def test_block_timeouts_are_shown_in_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    latency = {"latency_seconds": {"median": 0.0256, "p99": 0.05}, "operations_per_second": 238.0}
    bare = {"latency_seconds_of_the_bare_service": {"median": 0.02, "p99": 0.03}}
    runs = [
        {"kind": "a lone redemption", TIMEOUT: 5, **latency, **bare},
        {"kind": "mixed", "clients": 10, TIMEOUT: 5, **latency},
        {"kind": NODE, TIMEOUT: 5, **latency},
        {"kind": "mixed", "clients": 10, TIMEOUT: 40, **latency, "operations_per_second": 12.0},
    ]
    show({"runs": runs})
    shown = capsys.readouterr().out
    assert [text in shown for text in ("25.6", "238", "12")] == [True] * 3
    assert declaration_of([7, 40]).batch.timeout == 7
    assert declaration_of([]).batch.timeout == Batch().timeout


@pytest.mark.long
@pytest.mark.fabric
def test_timeouts_are_compared_on_networks_of_their_own() -> None:
    done = bench(
        *("--block-timeout", "40,5", "--seconds", "1", "--clients", "2", "--members", "40", "--pairs", "3"),
        *("--without-node", "--json"),
    )
    assert done.stdout, f"exit status {done.returncode}: {done.stderr}"
    document = json.loads(done.stdout)
    kinds = ["a lone redemption", "mixed", SATURATED]
    assert [(run[TIMEOUT], run["kind"]) for run in document["runs"]] == [(ms, kind) for ms in (40, 5) for kind in kinds]
    assert "5 ms: a lone redemption over HTTP, p99 seconds" in document["goals"]


@pytest.mark.long
@pytest.mark.fabric
def test_a_short_run_on_a_real_network_prints_one_document() -> None:
    done = bench(
        *("--seconds", "1", "--clients", "2,8", "--members", "40", "--bulk-lines", "200", "--pairs", "3", "--json")
    )
    assert done.stdout, f"exit status {done.returncode}: {done.stderr}"
    document = json.loads(done.stdout)
    goals = document["goals"]
    assert done.returncode == (0 if all(goal["met"] for goal in goals.values()) else 1)
    assert goals["errors besides declared refusals"]["figure"] == 0
    assert goals["answered with 202 and not ended in a receipt"]["figure"] == 0
    assert goals["difference of accepted accruals and the ledger's points"]["figure"] == 0
    assert goals["a lone redemption over HTTP, median against the bare service"]["figure"] > 0
    lone, two, eight, bulk = document["runs"]
    assert (lone["operations"], bulk["operations"]) == (3, 200)
    for run, clients in ((two, 2), (eight, 8)):
        assert run["clients"] == clients
        assert set(run["by_kind"]) == {READ, ACCRUE, SIGNED}
    for run in (two, eight, bulk):
        assert run["operations_per_second"] > 0
        assert run["cpu_microseconds_per_operation"]["gateway"] > 0
        assert run["cpu_microseconds_per_operation"]["peer"] > 0
