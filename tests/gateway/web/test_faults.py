"""What a caller is told of wrong input: which field, what is wrong, what is right, in the caller's language; and what
is taken as it is meant."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from chaincode.cases.world import PLACE
from gateway.identity.schemas import PersonUpdate
from gateway.ledger.evidence import Authorities, Authority, LedgerKind
from gateway.services.gateway import Gateway
from gateway.web.faults import WORDS, Fault, refusal_in_words
from gateway.web.shapes import MalformedRequest, parse
from tests.scenes.bulk_requests import accrual, send
from tests.scenes.consortium import member
from tests.scenes.http_operations import accrue, balance, enroll

CLASS = {
    "category": "shop",
    "class_id": "stamps",
    "decimals": 0,
    "earn_rate": {"amount_minor": 100, "points": 1, "rounding": "STEPS"},
    "enrolled_only": False,
    "name": "Stamps",
    "symbol": "STP",
    "transferable": True,
    "unit_value_millionths": 10_000,
    "validity": {"kind": "NEVER"},
}
MACHINE_WORDS = ("anyOf", "oneOf", "schema", "keyword", "does not match", "^", "codec", "required property")


def faults(client: FlaskClient, operation: str, args: Any, language: str = "en") -> dict[str, str]:
    answer = client.post(f"/api/v1/operations/{operation}", json={"args": args}, headers={"Accept-Language": language})
    assert answer.status_code == 400, answer.json
    assert not any(word in json.dumps(answer.json) for word in MACHINE_WORDS), answer.json
    return {one["pointer"].removeprefix("/args"): one["detail"] for one in answer.json["errors"]}


def test_optional_and_one_of_fields_say_what_is_right(client: FlaskClient) -> None:
    wrong = {**CLASS, "validity": {"kind": "DATE", "date": "27.11.2026"}, "unit_value_millionths": "1"}
    assert faults(client, "define-class", wrong) == {
        "/validity/date": "expected a date such as 2026-11-27",
        "/unit_value_millionths": "expected a whole number",
    }
    assert faults(client, "define-class", {**CLASS, "validity": {"kind": "WEEK"}}) == {
        "/validity/kind": "expected one of NEVER, DAYS, MONTH_END, DATE"
    }
    del wrong["name"]
    assert faults(client, "define-class", {**wrong, "colour": "red"}, "zh-CN,zh;q=0.9")["/name"] == "缺少此项"
    refund = {"redemption_id": "northstar/x", "points": 0}
    assert faults(client, "refund", refund) == {"/points": "expected 1 or more"}
    assert faults(client, "refund", refund, "zh") == {"/points": "不能小于 1"}


def test_ids_of_the_wrong_form_are_described_and_not_given_as_an_expression(client: FlaskClient) -> None:
    found = faults(client, "register-merchant", {"msp_id": "Xin Hua!", "name": "新华"})
    assert "such as northstar" in found["/msp_id"]


def test_a_mistyped_address_is_told_as_one(client: FlaskClient) -> None:
    key = member("ann")
    mistyped = key.address[:-1] + ("q" if key.address[-1] != "q" else "p")
    for language, told in ("en", "copied whole"), ("zh", "请完整复制"):
        answer = client.post(
            "/api/v1/operations/issue",
            json={"args": {"address": mistyped, "class_id": "northstar", "points": 1}},
            headers={"Accept-Language": language},
        )
        assert (answer.status_code, answer.json["code"]) == (400, "INVALID_ARGUMENT")
        assert answer.json["detail"].startswith("address: ")
        assert told in answer.json["detail"]


def test_addresses_in_capitals_are_taken(client: FlaskClient) -> None:
    key = enroll(client, "ann")
    assert accrue(client, key.address.upper(), 3, "capitals").status_code == 201
    assert send(client, [accrual(key.address.upper(), 1)])[0]["status"] == 201
    assert balance(client, key.address.upper()) == balance(client, key.address) == 4
    mixed = key.address[:-1] + key.address[-1].upper()
    if mixed != key.address:
        assert accrue(client, mixed, 3, "mixed").status_code == 400


@pytest.mark.parametrize("given", ["", " ", '""', "not a key", '"', "x" * 65, '"a" "b"'])
def test_a_key_of_no_form_is_refused_before_anything_happens(client: FlaskClient, given: str) -> None:
    key = enroll(client, "ann")
    for _ in range(2):
        answer = accrue(client, key.address, 3, given)
        assert (answer.status_code, answer.json["code"]) == (400, "IDEMPOTENCY_KEY_INVALID")
    assert balance(client, key.address) == 0


def test_a_key_in_quotes_is_the_same_key(client: FlaskClient) -> None:
    key = enroll(client, "ann")
    first, again = accrue(client, key.address, 3, '"till-1"'), accrue(client, key.address, 3, "till-1")
    assert (first.status_code, first.json["request_id"]) == (201, "till-1")
    assert again.json["repeated"] is True
    assert balance(client, key.address) == 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (gzip.compress(b"{}", mtime=0), "the body is compressed (gzip); send it as it is, in UTF-8"),
        ("{}".encode("utf-16"), "the body is not UTF-8: the byte at 0 begins no character"),
        (b'{"args": }', "the body is not a JSON document: Expecting value, line 1, column 10"),
    ],
)
def test_a_body_that_is_no_document_is_told_in_plain_words(client: FlaskClient, body: bytes, told: str) -> None:
    answer = client.post("/api/v1/operations/issue", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["detail"]) == (400, told)


def test_a_byte_order_mark_is_no_fault(client: FlaskClient) -> None:
    key = enroll(client, "ann")
    args = {"address": key.address, "amount_minor": 300, "class_id": "northstar"}
    body = b"\xef\xbb\xbf" + json.dumps({"args": args}).encode()
    answer = client.post("/api/v1/operations/accrue", data=body, content_type="application/json")
    assert answer.status_code == 201
    assert [
        one["status"] for one in send(client, [b"\xef\xbb\xbf" + json.dumps(accrual(key.address, 1)).encode()])
    ] == [201]


def test_an_array_in_bulk_is_told_and_nothing_of_it_happens(client: FlaskClient) -> None:
    key = enroll(client, "ann")
    lines = [
        b"[" + json.dumps(accrual(key.address, 1)).encode() + b",",
        json.dumps(accrual(key.address, 2)).encode(),
        b"]",
    ]
    (found,) = send(client, lines)
    assert found["problem"]["detail"] == "one operation a line (NDJSON), not a JSON array of them"
    assert balance(client, key.address) == 0


def test_each_refused_line_of_bulk_has_the_trace_id_of_its_request(client: FlaskClient) -> None:
    lines = [{"op": "Nothing", "args": {}, "request_id": f"x{number}"} for number in range(300)]
    found = send(client, lines, headers={"X-Request-Id": "till-7-0042"})
    assert {one["problem"]["trace_id"] for one in found} == {"till-7-0042"}


@pytest.mark.parametrize("name", [" ", "\u200b", "\u202eniL", "Lin\u2066"])
def test_a_name_that_cannot_be_seen_is_refused(name: str) -> None:
    with pytest.raises(MalformedRequest) as refused:
        parse(PersonUpdate, {"name": name, "locale": "zh"})
    assert refused.value.told("zh").startswith("/name: ")
    assert "expected" not in refused.value.told("zh")


def test_blanks_around_a_name_are_taken_away() -> None:
    assert parse(PersonUpdate, {"name": " 林 小姐\u3000", "locale": "zh"}).name == "林 小姐"


def test_every_kind_of_fault_is_said_in_each_language() -> None:
    for kind in WORDS:
        fault = Fault("/x", kind, ("seven", "七"))
        assert "{" not in fault.detail("en") + fault.detail("zh")
    assert refusal_in_words("name: begins or ends with a blank; leave it out", "zh") == "name: 首尾有空格，请去掉"
    assert refusal_in_words("points: expected integer 1..5", "zh") == "points: expected integer 1..5"


def test_a_class_names_merchants_that_there_are(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/operations/define-class", json={"args": {**CLASS, "accepted_by": ["harbor", "nobody"]}}
    )
    assert (answer.status_code, answer.json["code"]) == (422, "ORGANISATION_UNKNOWN")
    told = "no merchant of the consortium: nobody; there are harbor, lotus, northstar"
    assert answer.json["detail"] == told
    taken = client.post("/api/v1/operations/define-class", json={"args": {**CLASS, "accepted_by": ["harbor"]}})
    assert taken.status_code == 201


def test_a_merchant_has_an_organisation_on_the_channel(
    client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def authorities() -> Authorities:
        known = [Authority(msp_id, "application", (), ()) for msp_id in ("northstar", "harbor")]
        return Authorities(LedgerKind.FABRIC, PLACE, 0, False, (*known, Authority("ghost", "orderer", (), ())))

    monkeypatch.setattr(gateway.ledger, "authorities", authorities)
    for path in ("register-merchant", "register-merchant?dry_run=true"):
        answer = client.post(f"/api/v1/operations/{path}", json={"args": {"msp_id": "ghost", "name": "Ghost"}})
        assert (answer.status_code, answer.json["code"]) == (422, "ORGANISATION_UNKNOWN")
        assert answer.json["detail"] == "no organisation on the channel: ghost; there are harbor, northstar"
