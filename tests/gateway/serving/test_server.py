"""The gateway as a process: it starts, says where, stops gracefully, starts its worker anew, and logs in lines that lead to the transaction."""

from __future__ import annotations

import itertools
import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from admin.errors import Unavailable
from admin.gateways import ALONE, RunningGateway, jifen, serving
from gateway.client import JifenClient, Problem, Unanswered
from tests.scenes import gateways
from tests.scenes.consortium import member
from tests.scenes.waiting import at_least, eventually

SECONDS = 60
GRACEFUL_SECONDS = 30
"""What a stop may wait for, as the settings have it."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A gateway's folder, and an API key."""
    return gateways.made(tmp_path_factory.mktemp("server"))


@pytest.fixture
def running(made: tuple[Path, str]) -> Iterator[RunningGateway]:
    """The gateway, serving."""
    (made[0] / "gateway.log").unlink(missing_ok=True)
    with serving(made[0], "northstar", made[1], ALONE) as found:
        yield found


def log_of(running: RunningGateway) -> list[dict[str, Any]]:
    """The log's lines."""
    return [json.loads(line) for line in (running.folder / "gateway.log").read_text().splitlines()]


def wait_for(event: str, running: RunningGateway) -> dict[str, Any]:
    """The log's line with this event, once it is there."""
    found = eventually(event, lambda: lines_of(event, running), seconds=SECONDS)
    return found[0]


def lines_of(event: str, running: RunningGateway) -> list[dict[str, Any]]:
    """The log's lines with this event."""
    return [line for line in log_of(running) if line["event"] == event]


def test_a_stop_finishes_what_it_has_taken(running: RunningGateway) -> None:
    """Every request ends in an answer, or was never taken: then the ledger knows nothing of it."""
    statuses: list[int] = []
    untaken: list[str] = []
    address = member("stopped").address

    def call(caller: int) -> None:
        args = {"address": address, "amount_minor": 100, "class_id": "northstar"}
        with JifenClient(running.address, api_key=running.api_key, tries_max=1) as client:
            for number in itertools.count():
                request_id = f"stop-{caller}-{number}"
                try:
                    body = {"args": args, "request_id": request_id}
                    statuses.append(client.request("POST", "/operations/accrue", json=body).status_code)
                except Unanswered:
                    untaken.append(request_id)
                    return

    with JifenClient(running.address, api_key=running.api_key) as client:
        client.enroll(member("stopped"), "northstar")
    with ThreadPoolExecutor(max_workers=8) as threads:
        calls = [threads.submit(call, number) for number in range(8)]
        eventually("answers", lambda: len(statuses), at_least(20), seconds=SECONDS)
        running.process.terminate()
        for one in calls:
            one.result(SECONDS)
    assert running.process.wait(SECONDS) == 0
    assert set(statuses) == {201}
    assert wait_for("worker_stopped", running)
    with (
        serving(running.folder, "northstar", running.api_key, ALONE) as again,
        JifenClient(again.address, api_key=running.api_key) as client,
    ):
        for request_id in untaken:
            with pytest.raises(Problem, match="NOT_FOUND"):
                client.query(
                    "GetReceipt", about=f"balance/northstar/{address}", authoriser="northstar", request_id=request_id
                )
        assert client.balance(address, "northstar")["points"] == len(statuses)


def test_a_stop_ends_the_streams_of_events_at_once(running: RunningGateway) -> None:
    headers = {"Authorization": f"Bearer {running.api_key}"}
    with httpx.stream(
        "GET", f"{running.address}/api/v1/events", headers=headers, timeout=SECONDS, trust_env=False
    ) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry:")
        began = time.monotonic()
        running.process.terminate()
        list(lines)  # it ends as an answer does: a broken connection would be an error
    assert running.process.wait(SECONDS) == 0
    assert time.monotonic() - began < GRACEFUL_SECONDS / 2


def test_a_worker_that_dies_is_started_anew(running: RunningGateway) -> None:
    worker = wait_for("worker_started", running)["process"]
    with httpx.Client(base_url=running.address, trust_env=False, timeout=SECONDS) as http:
        assert http.get("/health/ready").json()["status"] == "ready"
        os.kill(worker, signal.SIGKILL)
        eventually("a second worker", lambda: len(lines_of("worker_started", running)), at_least(2), seconds=SECONDS)
        assert http.get("/health/ready").json()["status"] == "ready"


def test_a_requests_trace_leads_to_its_transaction(running: RunningGateway) -> None:
    args = {"address": member("traced").address, "amount_minor": 100, "class_id": "northstar"}
    with JifenClient(running.address, api_key=running.api_key) as client:
        client.enroll(member("traced"), "northstar")
        answer = client.request(
            "POST",
            "/operations/accrue",
            json={"args": args},
            headers={"X-Request-Id": "till-7-0042", "Idempotency-Key": "t1"},
        )
    assert answer.headers["X-Request-Id"] == "till-7-0042"
    (line,) = [line for line in log_of(running) if line.get("trace_id") == "till-7-0042" and line["event"] == "request"]
    assert (line["request_id"], line["transaction_id"]) == ("t1", answer.json()["tx_id"])
    assert running.api_key not in (running.folder / "gateway.log").read_text()


def test_check_says_what_is_wrong(made: tuple[Path, str], tmp_path: Path) -> None:
    folder = str(made[0])
    assert {one["name"]: one["passed"] for one in jifen("gateway", "check", "--folder", folder)}  # type: ignore[attr-defined]
    with pytest.raises(Unavailable, match="GATEWAY_NOT_READY"):
        jifen(
            "gateway", "check", "--folder", folder,
            environment={"JIFEN_GATEWAY_STORE__URL": f"sqlite:///{tmp_path / 'other.db'}"},
        )  # fmt: skip


def test_a_gateway_without_tables_does_not_serve(made: tuple[Path, str], tmp_path: Path) -> None:
    environment = {"JIFEN_GATEWAY_STORE__URL": f"sqlite:///{tmp_path / 'other.db'}"}
    with (
        pytest.raises(Unavailable, match="STORE_NOT_MIGRATED"),
        serving(made[0], "northstar", made[1], environment),
    ):
        raise AssertionError("it served")
