"""What is told as done can be read by the next request, however far the tables are behind: the projector is held back
on purpose."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.ledger.port import Block
from gateway.projection.fold.projector import Folded, Projector
from gateway.services.gateway import Gateway
from gateway.submissions.executor import StillPending
from tests.scenes.http_operations import accrue, enroll
from tests.scenes.waiting import at_least, eventually

HELD_SECONDS = 0.3
END_SECONDS_MAX = 20


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """While it is not set, nothing is folded."""
    going = threading.Event()
    going.set()
    fold = Projector.fold

    def wait_and_fold(self: Projector, blocks: Sequence[Block]) -> Folded:
        assert going.wait(END_SECONDS_MAX)
        return fold(self, blocks)

    monkeypatch.setattr(Projector, "fold", wait_and_fold)
    yield going
    going.set()


@pytest.fixture
def wait_at_most(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets after how many seconds callers are told 202."""
    return lambda seconds: monkeypatch.setattr(gateway.submissions, "wait_seconds", seconds)


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    """Where requests wait."""
    with ThreadPoolExecutor() as threads:
        yield threads


def receipt_status(client: FlaskClient, request_id: str) -> int:
    return int(client.get(f"/api/v1/receipts/northstar/{request_id}").status_code)


def committed(gateway: Gateway, blocks: int) -> None:
    """Returns when the ledger itself is so long."""
    eventually(
        f"{blocks} blocks",
        lambda: gateway.runtime.call(gateway.ledger.height()),
        at_least(blocks),
        seconds=END_SECONDS_MAX,
    )


def answered_only_after(held: threading.Event, answer: Future[Any], gateway: Gateway, blocks: int) -> Any:
    """The answer, which must not come while the block is on the ledger and not in the tables."""
    committed(gateway, blocks)
    with pytest.raises(TimeoutError):
        answer.result(HELD_SECONDS)
    held.set()
    return answer.result(END_SECONDS_MAX)


def test_a_receipt_is_given_out_when_it_can_be_read(
    client: FlaskClient, gateway: Gateway, held: threading.Event, beside: ThreadPoolExecutor
) -> None:
    address = enroll(client, "ann").address
    height = gateway.runtime.call(gateway.ledger.height())
    held.clear()
    other = client.application.test_client()
    first = beside.submit(accrue, other, address, 40, "till-1")
    committed(gateway, height + 1)
    again = beside.submit(accrue, client.application.test_client(), address, 40, "till-1")  # the ledger says: repeated
    assert answered_only_after(held, first, gateway, height + 1).status_code == 201
    assert receipt_status(client, "till-1") == 200
    repeated = again.result(END_SECONDS_MAX)
    assert (repeated.status_code, repeated.json["repeated"]) == (201, True)


def test_a_repetition_is_not_told_as_done_before_it_can_be_read(
    client: FlaskClient, gateway: Gateway, held: threading.Event, wait_at_most: Callable[[float], None]
) -> None:
    address = enroll(client, "ann").address
    wait_at_most(HELD_SECONDS)
    held.clear()
    assert accrue(client, address, 40, "till-1").status_code == 202
    again = accrue(client, address, 40, "till-1")
    assert (again.status_code, receipt_status(client, "till-1")) == (202, 404)
    held.set()
    followed(client, again.json["href"], lambda found: found["state"] == "COMMITTED")
    assert receipt_status(client, "till-1") == 200


def test_a_status_address_says_committed_when_it_can_be_read(
    client: FlaskClient, gateway: Gateway, held: threading.Event, wait_at_most: Callable[[float], None]
) -> None:
    address = enroll(client, "ann").address
    height = gateway.runtime.call(gateway.ledger.height())
    wait_at_most(HELD_SECONDS)
    held.clear()
    accepted = accrue(client, address, 40, "till-1")
    assert accepted.status_code == 202
    committed(gateway, height + 1)
    time.sleep(HELD_SECONDS)  # long enough for a status that would be told too early
    assert client.get(accepted.json["href"]).json["state"] == "PENDING"
    held.set()
    found = followed(client, accepted.json["href"], lambda found: found["state"] == "COMMITTED")
    assert receipt_status(client, "till-1") == 200
    assert found["receipt"]["block_number"] == height


def test_bulk_lines_are_told_when_they_can_be_read(
    client: FlaskClient, gateway: Gateway, held: threading.Event, beside: ThreadPoolExecutor
) -> None:
    address = enroll(client, "ann").address
    height = gateway.runtime.call(gateway.ledger.height())
    args = {"address": address, "amount_minor": 4000, "class_id": "northstar"}
    lines = [json.dumps({"op": "Accrue", "args": args, "request_id": f"line-{number}"}) for number in range(3)]
    held.clear()

    def send() -> list[Any]:
        answer = client.application.test_client().post(
            "/api/v1/bulk/operations", data="\n".join(lines), content_type="application/x-ndjson"
        )
        return [json.loads(line) for line in answer.data.splitlines()]

    told = answered_only_after(held, beside.submit(send), gateway, height + 1)
    assert [line["status"] for line in told] == [201, 201, 201]
    assert [receipt_status(client, f"line-{number}") for number in range(3)] == [200, 200, 200]


def test_what_a_second_person_confirmed_is_done_when_it_can_be_read(
    client: FlaskClient, gateway: Gateway, held: threading.Event, wait_at_most: Callable[[float], None]
) -> None:
    """Approvals and imports of old cards go this way."""
    address = enroll(client, "ann").address
    wait_at_most(HELD_SECONDS)
    held.clear()
    operation = {
        "op": "Issue",
        "args": {"address": address, "class_id": "northstar", "points": 5},
        "request_id": "confirmed-1",
    }
    submit = gateway.submit
    with pytest.raises(StillPending):
        submit(operation)
    held.set()
    wait_at_most(END_SECONDS_MAX)
    assert submit(operation)["code"] == "OK"
    assert receipt_status(client, "confirmed-1") == 200


def followed(client: FlaskClient, href: str, enough: Callable[[Any], bool]) -> Any:
    """The submission, as soon as it is as wanted."""
    return eventually("the submission ends", lambda: client.get(href).json, enough, seconds=END_SECONDS_MAX)
