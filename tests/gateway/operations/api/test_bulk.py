"""The bulk endpoint: each line its own answer, in order, in constant memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from chaincode.cases.world import PLACE
from gateway.core.errors import GatewayError
from gateway.services.gateway import Gateway
from gateway.submissions.bulk import Bulk
from tests.scenes.bulk_requests import TYPE, accrual, send
from tests.scenes.consortium import member, operation
from tests.scenes.http_operations import balance, enroll


def test_every_line_has_its_answer_in_its_place(client: FlaskClient) -> None:
    key = enroll(client, "ann")
    lines: list[Any] = [accrual(key.address, number) for number in range(250)]
    lines[7] = b"{no document"
    lines[8] = {"op": "Nothing", "args": {}, "request_id": "x"}
    lines[9] = {**lines[9], "args": {"address": key.address}}
    lines[10] = {**lines[10], "args": {**lines[10]["args"], "class_id": "harbor"}}
    lines[11] = b"x" * 300_000
    lines[12] = {name: value for name, value in lines[12].items() if name != "request_id"}
    found = send(client, [*lines, b""])
    assert [outcome["line"] for outcome in found] == list(range(1, 251))
    codes = {outcome["line"]: outcome["problem"]["code"] for outcome in found if "problem" in outcome}
    assert codes == {
        8: "REQUEST_MALFORMED",
        9: "UNKNOWN_OPERATION",
        10: "INVALID_ARGUMENT",
        11: "NOT_ISSUER",
        12: "REQUEST_TOO_LARGE",
        13: "INVALID_ARGUMENT",
    }
    assert balance(client, key.address) == 244


def test_a_line_that_is_no_text_keeps_the_others(client: FlaskClient) -> None:
    key = enroll(client, "ann")
    half_a_pair = b'{"op":"Accrue","args":{"address":"\\ud800"},"request_id":"x"}'
    found = send(client, [accrual(key.address, 1), half_a_pair, accrual(key.address, 2)])
    assert [outcome["status"] for outcome in found] == [201, 400, 201]


def test_a_line_that_waiting_mends_says_how_long(
    client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ahead(*arguments: Any, **more: Any) -> Any:
        raise GatewayError("CLOCK_AHEAD", "this machine's clock", retry_after_seconds=2.4)

    key = enroll(client, "ann")
    monkeypatch.setattr(gateway.submissions, "send", ahead)
    (found,) = send(client, [accrual(key.address, 1)])
    assert (found["problem"]["code"], found["retry_after_seconds"]) == ("CLOCK_AHEAD", 3)
    (refused,) = send(client, [b"{no document"])
    assert "retry_after_seconds" not in refused


def test_the_same_request_again_changes_nothing(client: FlaskClient) -> None:
    key = enroll(client, "ann")
    lines = [accrual(key.address, number) for number in range(50)]
    first = send(client, lines)
    second = send(client, lines)
    assert not any(outcome["receipt"]["repeated"] for outcome in first)
    assert all(outcome["receipt"]["repeated"] for outcome in second)
    assert balance(client, key.address) == 50


def test_lines_of_one_account_are_carried_out_in_their_order(client: FlaskClient) -> None:
    ann, bob = enroll(client, "ann"), enroll(client, "bob")
    lines: list[Any] = []
    for number in range(40):  # she never has more than the points of one purchase
        lines.append(accrual(ann.address, number))
        args = {"class_id": "northstar", "recipients": [{"address": bob.address, "points": 1}]}
        lines.append(ann.authorise(operation("Transfer", f"send-{number}", args), PLACE))
    assert all(outcome["status"] == 201 for outcome in send(client, lines))
    assert (balance(client, ann.address), balance(client, bob.address)) == (0, 40)


def test_a_dry_run_changes_nothing(client: FlaskClient) -> None:
    key = enroll(client, "ann")
    found = send(client, [accrual(key.address, number) for number in range(5)], query_string={"dry_run": "true"})
    assert [outcome["status"] for outcome in found] == [201] * 5
    assert balance(client, key.address) == 0


def test_another_type_of_body_is_refused(client: FlaskClient) -> None:
    answer = client.post("/api/v1/bulk/operations", json={})
    assert answer.json["code"] == "MEDIA_TYPE_UNSUPPORTED"


def test_memory_does_not_grow_with_the_lines(
    client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines that are refused cost no ledger, so many of them show what the endpoint itself keeps. Few are in flight at
    once: how many of thousands are is a matter of the machine's load."""
    monkeypatch.setattr(gateway, "bulk", Bulk(gateway.runtime, gateway.submissions, 100))
    address = member("nobody").address

    class Body:
        """A body that comes into being as it is read."""

        def __init__(self, count: int) -> None:
            self._lines: Iterator[bytes] = (
                json.dumps({**accrual(address, number), "op": "Nothing"}).encode() + b"\n" for number in range(count)
            )

        def read(self, size: int = -1) -> bytes:
            return b"".join(line for _, line in zip(range(200), self._lines, strict=False))

    def peak(count: int) -> int:
        tracemalloc.start()
        answer = client.post(
            "/api/v1/bulk/operations",
            content_type=TYPE,
            environ_overrides={"wsgi.input": Body(count), "wsgi.input_terminated": True},
            buffered=False,
        )
        lines = sum(piece.count(b"\n") for piece in answer.response)
        answer.close()
        _, found = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert lines == count
        return found

    peak(200)
    assert peak(9000) < 1.5 * peak(3000) + 2_000_000
