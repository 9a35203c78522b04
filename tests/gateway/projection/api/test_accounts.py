"""Accounts over HTTP: one's own write is read, pages hold together, mistyped names are told."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from chaincode.spec.kernel.calendar import date_of, day_number
from tests.scenes.http_operations import API, ask, earn, enroll, redeem


def everything(client: FlaskClient, path: str, **query: Any) -> list[Any]:
    """All items of a list, two at a time."""
    items, cursor = [], None
    while True:
        page = ask(client, path, limit=2, **query, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


def test_what_was_written_is_read(client: FlaskClient) -> None:
    ann = enroll(client, "ann")
    receipts = [earn(client, ann.address, points, f"a-{points}") for points in (5, 7, 9)]
    account = ask(client, f"/accounts/{ann.address}", at_least_block=receipts[-1]["block_number"])
    (balance,) = account["balances"]
    assert balance["points"] == balance["spendable"] == sum(one["points"] for one in balance["buckets"])
    assert account["block_number"] >= receipts[-1]["block_number"]
    history = everything(client, f"/accounts/{ann.address}/history", class_id="northstar")
    assert [line["request_id"] for line in history] == ["a-9", "a-7", "a-5"]
    assert [line["transaction_id"] for line in history] == [receipt["tx_id"] for receipt in reversed(receipts)]
    found = ask(client, "/receipts/northstar/a-7")["operation"]
    assert found["block_number"] == receipts[1]["block_number"]
    assert ask(client, f"/ledger/operations/{found['cursor']}") == found
    until = receipts[1]["result"]["issuance"]["expires_on"]
    origin = ask(client, f"/accounts/{ann.address}/origins/northstar", expires_on=until)
    assert [(one["issuance_id"], one["points"]) for one in origin["parcels"]] == [
        ("a-5.0", 5),
        ("a-7.0", 7),
        ("a-9.0", 9),
    ]
    assert [step["operation"]["transaction_id"] for step in origin["steps"]] == [one["tx_id"] for one in receipts]
    bob = enroll(client, "bob")
    ask(client, f"/accounts/{bob.address}/origins/northstar", 404, expires_on=until)
    trace = ask(client, "/issuances/northstar", issuance_id="a-7.0")
    assert trace["issued_by"]["transaction_id"] == receipts[1]["tx_id"]
    assert [(one["account"], one["points"]) for one in trace["held"]] == [(ann.address, 7)]


def test_a_redemption_is_found_by_its_parts(client: FlaskClient) -> None:
    ann = enroll(client, "ann")
    earn(client, ann.address, 50, "a-1")
    receipt = redeem(client, ann, 20, "till-1")
    block = receipt["block_number"]
    redemption_id = receipt["result"]["redemption"]["redemption_id"]
    found = ask(client, f"/redemptions/{redemption_id}", at_least_block=block)
    made = receipt["result"]["redemption"]
    until = date_of(day_number(made["redeemed_on"]) + 90)
    assert found["redemption"] == {**made, "refundable_until": until, "swept": False}
    assert [link["op"] for link in found["operations"]] == ["Redeem"]
    for path, query in (
        (f"/accounts/{ann.address}/redemptions", {}),
        ("/redemptions", {"acceptor_msp": "northstar", "order_ref": "order till-1"}),
        ("/redemptions", {"window_id": found["redemption"]["window_id"]}),
    ):
        assert everything(client, path, **query) == [found["redemption"]]
    assert everything(client, "/redemptions", order_ref="another") == []
    assert everything(client, f"/accounts/{ann.address}/holds") == everything(client, "/holds") == []
    entries = everything(client, f"/windows/{found['redemption']['window_id']}/entries")
    assert [entry["redemption_id"] for entry in entries] == [redemption_id]


def test_reports(client: FlaskClient) -> None:
    ann = enroll(client, "ann")
    block = earn(client, ann.address, 50, "a-1")["block_number"]
    supply = ask(client, "/classes/northstar", at_least_block=block)
    assert supply["issued"] == supply["outstanding"] > 0
    assert supply in ask(client, "/classes")["items"]
    flows = ask(client, "/classes/northstar/flows")
    assert [day["issued"] for day in flows["days"]] == [supply["issued"]]
    assert ask(client, "/classes/northstar/flows", last="2000-01-01")["days"] == []
    members = everything(client, "/member-accounts", home_msp="northstar")
    assert [one["address"] for one in members] == [ann.address]
    assert ask(client, "/windows")["items"] == []
    window = ask(client, "/windows/1")
    assert window["document"]["status"] == "OPEN"
    assert ask(client, "/windows/1/positions")["items"] == []
    assert ask(client, "/windows/1/statements")["items"] == []
    assert ask(client, "/windows/1/matrix", issuer_msp="northstar")["items"] == []
    operations = everything(client, "/ledger/operations", op="Accrue")
    assert [one["request_id"] for one in operations] == ["a-1"]
    assert everything(client, "/history", op="Accrue")[0]["points"] == supply["issued"]
    assert ask(client, "/projection")["block_number"] >= block


REFUSALS: list[tuple[str, dict[str, str], int, str]] = [
    ("/accounts/jf1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", {}, 400, "REQUEST_MALFORMED"),
    ("/accounts/%00", {}, 400, "REQUEST_MALFORMED"),
    ("/history", {"cursor": "nonsense"}, 400, "CURSOR_INVALID"),
    ("/history", {"op": "a\x00b"}, 400, "REQUEST_MALFORMED"),
    ("/history", {"unknown": "1"}, 400, "REQUEST_MALFORMED"),
    ("/history", {"limit": "0"}, 400, "REQUEST_MALFORMED"),
    ("/history", {"at_least_block": str(2**60)}, 400, "REQUEST_MALFORMED"),
    ("/redemptions", {"window_id": "999999999999"}, 400, "REQUEST_MALFORMED"),
    ("/redemptions/a%00b/c", {}, 404, "OBJECT_UNKNOWN"),
    ("/redemptions/nobody/nothing", {}, 404, "OBJECT_UNKNOWN"),
    ("/holds/nobody/nothing", {}, 404, "OBJECT_UNKNOWN"),
    ("/classes/nothing", {}, 404, "OBJECT_UNKNOWN"),
    ("/windows/0", {}, 404, "OBJECT_UNKNOWN"),
    ("/windows/x", {}, 404, "OBJECT_UNKNOWN"),
    ("/windows/77", {}, 404, "OBJECT_UNKNOWN"),
    ("/windows/1/matrix", {"cursor": "nonsense"}, 400, "CURSOR_INVALID"),
    ("/windows/1/statements/northstar", {}, 404, "OBJECT_UNKNOWN"),
    ("/issuances/northstar", {"issuance_id": "nothing.0"}, 404, "OBJECT_UNKNOWN"),
    ("/redemptions/nobody/nothing/origin", {}, 404, "OBJECT_UNKNOWN"),
    ("/ledger/operations/nowhere", {}, 400, "CURSOR_INVALID"),
    ("/ledger/operations/999999-0-0", {}, 404, "OBJECT_UNKNOWN"),
    ("/receipts/northstar/nothing", {}, 404, "OBJECT_UNKNOWN"),
]


def test_refusals(client: FlaskClient) -> None:
    for path, query, status, code in REFUSALS:
        assert ask(client, path, status, **query)["code"] == code, (path, query)


@pytest.mark.usefixtures("impatient")
def test_a_block_that_is_not_there_yet(client: FlaskClient, gateway: Any) -> None:
    height = ask(client, "/projection")["block_number"]
    answer = client.get(f"{API}/classes", query_string={"at_least_block": height + 1000})
    assert (answer.status_code, answer.json["code"]) == (503, "BLOCK_NOT_REACHED")
    assert "Retry-After" in answer.headers
