"""Operations over HTTP: receipts, repetitions, refusals, dry runs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from chaincode.cases.world import PLACE
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.services.gateway import Gateway
from tests.scenes.consortium import member, operation, run
from tests.scenes.http_operations import accrue, balance, enroll
from tests.scenes.waiting import eventually


def test_a_commit_is_answered_with_its_receipt_and_can_be_read_at_its_block(client: FlaskClient) -> None:
    key = enroll(client, "ann")
    answer = accrue(client, key.address, 40, "till-1")
    assert answer.status_code == 201
    assert answer.json["request_id"] == "till-1"
    assert answer.json["result"]["issuance"]["points"] == 40
    assert not answer.json["repeated"]
    assert balance(client, key.address, at_least_block=answer.json["block_number"]) == 40


def test_the_same_key_gives_the_first_receipt_and_another_content_is_refused(client: FlaskClient) -> None:
    key = enroll(client, "ann")
    first = accrue(client, key.address, 40, "till-1")
    again = accrue(client, key.address, 40, "till-1")
    assert again.status_code == 201
    assert again.json["repeated"]
    assert again.json["tx_id"] == first.json["tx_id"]
    other = accrue(client, key.address, 41, "till-1")
    assert (other.status_code, other.json["code"]) == (409, "REQUEST_ID_REUSED")
    assert balance(client, key.address) == 40


def test_a_refusal_is_a_problem_document_with_the_ledgers_code(client: FlaskClient) -> None:
    args = {"address": member("bob").address, "class_id": "no-such-class", "points": 1}
    answer = client.post("/api/v1/operations/issue", json={"args": args})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "UNKNOWN_CLASS"
    assert answer.json["type"].endswith("UNKNOWN_CLASS")
    assert answer.json["trace_id"] == answer.headers["X-Request-Id"]


def test_what_only_time_mends_says_how_long(client: FlaskClient, ledger_file: Path) -> None:
    """A window that an operator's fast clock opened in the future."""
    ahead = int(time.time()) + 600

    async def cut() -> None:
        async with EmbeddedLedger(ledger_file, embedded_identity("operator", "admin")) as ledger:
            (receipt,) = (
                await ledger.submit_many([operation("CutWindow", "cut-1", {"window_id": 1})], timestamp=ahead)
            ).receipts
            assert receipt.accepted, receipt

    run(cut())
    args = {"acceptor_msp": "northstar", "cap_millionths": 1, "cover_millionths": 1, "from_shard": 0}
    args |= {"issuer_msp": "harbor", "to_shard": 1}
    answer = client.post("/api/v1/operations/refill-limit", json={"args": args})
    assert (answer.status_code, answer.json["code"]) == (409, "TIME_BEFORE_WINDOW")
    assert 590 <= int(answer.headers["Retry-After"]) <= 600


CLOCKS: list[tuple[dict[str, bool], bool]] = [
    ({}, False),
    ({"a": True}, True),
    ({"a": True, "b": False}, False),
    ({"a": True, "b": True, "c": False}, True),
]


@pytest.mark.parametrize(("ahead", "refused"), CLOCKS)
def test_a_window_is_not_cut_when_most_clocks_say_that_ours_runs_ahead(
    client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, ahead: dict[str, bool], refused: bool
) -> None:
    async def runs_ahead(seconds: float) -> dict[str, bool]:
        return ahead

    monkeypatch.setattr(gateway.ledger, "runs_ahead", runs_ahead)
    answer = client.post("/api/v1/operations/cut-window", json={"args": {"window_id": 1}})
    assert answer.json["code"] == ("CLOCK_AHEAD" if refused else "NOT_OPERATOR")


def test_a_dry_run_answers_like_the_real_one_and_changes_nothing(client: FlaskClient) -> None:
    key = enroll(client, "ann")
    dry = accrue(client, key.address, 40, "till-1", query_string={"dry_run": "true"})
    assert dry.status_code == 200
    assert balance(client, key.address) == 0
    real = accrue(client, key.address, 40, "till-1")
    assert (real.status_code, real.json["repeated"]) == (201, False)
    assert dry.json["result"] == real.json["result"]
    refused = client.post(
        "/api/v1/operations/issue",
        query_string={"dry_run": "true"},
        json={"args": {"address": key.address, "class_id": "nothing", "points": 1}},
    )
    assert (refused.status_code, refused.json["code"]) == (404, "UNKNOWN_CLASS")


def test_a_member_signs_her_own_operation_and_a_changed_one_is_refused(client: FlaskClient) -> None:
    ann, bob = enroll(client, "ann"), enroll(client, "bob")
    accrue(client, ann.address, 40, "till-1")
    transfer = operation(
        "Transfer", "gift-1", {"class_id": "northstar", "recipients": [{"address": bob.address, "points": 15}]}
    )
    signed = {name: value for name, value in ann.authorise(transfer, PLACE).items() if name != "op"}
    widened = {**signed, "args": {**signed["args"], "recipients": [{"address": bob.address, "points": 40}]}}
    refused = client.post("/api/v1/operations/transfer", json=widened)
    assert (refused.status_code, refused.json["code"]) == (403, "SIGNATURE_INVALID")
    answer = client.post("/api/v1/operations/transfer", json=signed)
    assert answer.status_code == 201
    assert answer.json["authoriser"] == ann.address
    assert (balance(client, ann.address), balance(client, bob.address)) == (25, 15)


BAD_INPUT: list[tuple[Any, str, int]] = [
    ({}, "REQUEST_MALFORMED", 400),
    ({"args": {}, "surprise": 1}, "REQUEST_MALFORMED", 400),
    (
        {"args": {"address": "jf1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "class_id": "northstar", "points": 1}},
        "INVALID_ARGUMENT",
        400,
    ),
    ({"args": {"address": "x", "class_id": "northstar", "points": 1.5}}, "REQUEST_MALFORMED", 400),
    ({"args": {"address": "x", "class_id": "northstar", "points": -1}}, "REQUEST_MALFORMED", 400),
]


def test_bad_input_is_refused_by_code(client: FlaskClient) -> None:
    for body, code, status in BAD_INPUT:
        answer = client.post("/api/v1/operations/issue", json=body)
        assert (answer.status_code, answer.json["code"]) == (status, code), body


NO_DOCUMENTS: list[tuple[bytes, str, str]] = [
    (b"{", "application/json", "REQUEST_MALFORMED"),
    (b'{"args": {}, "args": {}}', "application/json", "REQUEST_MALFORMED"),
    (b'{"args": NaN}', "application/json", "REQUEST_MALFORMED"),
    (b"\xff", "application/json", "REQUEST_MALFORMED"),
    (b"[" * 100_000, "application/json", "REQUEST_MALFORMED"),
    (b"{}", "text/plain", "MEDIA_TYPE_UNSUPPORTED"),
    (b" " * 2_000_000, "application/json", "REQUEST_TOO_LARGE"),
]


def test_a_body_that_is_no_document_is_refused(client: FlaskClient) -> None:
    for data, kind, code in NO_DOCUMENTS:
        answer = client.post("/api/v1/operations/issue", data=data, content_type=kind)
        assert answer.json["code"] == code, data[:40]


def test_keys_and_times_of_the_wrong_form_are_refused(client: FlaskClient) -> None:
    address = member("ann").address
    assert accrue(client, address, 1, "not a key").json["code"] == "IDEMPOTENCY_KEY_INVALID"
    args = {"address": address, "amount_minor": 100, "class_id": "northstar"}
    both = client.post(
        "/api/v1/operations/accrue", json={"args": args, "request_id": "a"}, headers={"Idempotency-Key": "b"}
    )
    assert both.json["code"] == "IDEMPOTENCY_KEY_INVALID"
    dated = client.post("/api/v1/operations/accrue", json={"args": args}, headers={"Jifen-Timestamp": "1"})
    assert dated.json["code"] == "TIMESTAMP_NOT_TAKEN"


@pytest.fixture
def commits(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """While it is not set, nothing is sent to the ledger."""
    going = threading.Event()
    going.set()
    submit_many = gateway.ledger.submit_many

    async def wait_and_submit(*arguments: Any, **more: Any) -> Any:
        await asyncio.to_thread(going.wait)
        return await submit_many(*arguments, **more)

    monkeypatch.setattr(gateway.ledger, "submit_many", wait_and_submit)
    yield going
    going.set()


def ended(client: FlaskClient, href: str) -> Any:
    """The submission, as soon as it came to its end."""
    return eventually("an end", lambda: client.get(href).json, lambda one: one["state"] != "PENDING", seconds=20)


def test_another_content_under_the_same_request_id_leaves_the_first_ones_end(
    client: FlaskClient, commits: threading.Event
) -> None:
    key = enroll(client, "ann")

    def end_of(amount_minor: int) -> tuple[str, str]:
        args = {"address": key.address, "amount_minor": amount_minor, "class_id": "northstar"}
        body = {"args": args, "request_id": "contested"}
        commits.clear()
        told = client.post("/api/v1/operations/accrue", json=body, headers={"Prefer": "wait=0"})
        commits.set()
        assert told.status_code == 202
        return told.json["href"], ended(client, told.json["href"])["state"]

    first, state = end_of(100)
    assert state == "COMMITTED"
    second, state = end_of(200)
    assert state == "REFUSED"
    assert client.get(first).json["state"] == "COMMITTED"
    assert client.get(second).json["problem"]["code"] == "REQUEST_ID_REUSED"
    assert end_of(100) == (first, "COMMITTED")


def test_an_answer_that_waits_for_nothing_is_202_and_its_address_ends_in_the_receipt(
    client: FlaskClient, commits: threading.Event
) -> None:
    key = enroll(client, "ann")
    args = {"address": key.address, "amount_minor": 4000, "class_id": "northstar"}
    headers = {"Idempotency-Key": "till-1", "Prefer": "wait=0"}
    commits.clear()
    answer = client.post("/api/v1/operations/accrue", json={"args": args}, headers=headers)
    commits.set()
    assert answer.status_code == 202
    assert answer.json["status"] == "PENDING"
    status = ended(client, answer.headers["Location"])
    assert status["state"] == "COMMITTED"
    assert status["receipt"]["request_id"] == "till-1"
    assert balance(client, key.address) == 40


def test_there_is_nothing_at_other_addresses(client: FlaskClient) -> None:
    assert client.get("/api/v1/nothing").json["code"] == "ROUTE_UNKNOWN"
    answer = client.get("/api/v1/operations/issue")
    assert (answer.status_code, answer.json["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in answer.headers["Allow"]
    assert client.get("/api/v1/submissions/sub_none").json["code"] == "SUBMISSION_UNKNOWN"


def test_queries_read_texts_and_refuse_what_is_none(client: FlaskClient) -> None:
    answer = client.get("/api/v1/queries/list-merchants", query_string={"rows": 2})
    assert [row["key"] for row in answer.json["rows"]] == ["harbor", "lotus"]
    rest = client.get("/api/v1/queries/list-merchants", query_string={"rows": 2, "after": answer.json["next"]})
    assert [row["key"] for row in rest.json["rows"]] == ["northstar"]
    assert client.get("/api/v1/queries/list-merchants", query_string={"rows": "x"}).json["code"] == "REQUEST_MALFORMED"
    assert client.get("/api/v1/queries/get-class").json["code"] == "REQUEST_MALFORMED"


@pytest.mark.usefixtures("impatient")
def test_a_query_waits_for_its_block_only_so_long(client: FlaskClient) -> None:
    late = client.get("/api/v1/queries/get-consortium", query_string={"at_least_block": 10**9})
    assert (late.status_code, late.json["code"]) == (503, "BLOCK_NOT_REACHED")


def test_health_metrics_and_the_description_are_there(client: FlaskClient) -> None:
    assert client.get("/health/live").json == {"status": "alive"}
    assert client.get("/health/ready").json["msp_id"] == "northstar"
    assert b"jifen_http_requests_total" in client.get("/metrics").data
    document = client.get("/api/v1/openapi.json").get_json(force=True)
    assert document["openapi"] == "3.1.0"
    page = client.get("/api/v1/docs")
    assert b"redeem" in page.data
    assert "sha256-" in page.headers["Content-Security-Policy"]
