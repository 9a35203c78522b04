"""Evidence over HTTP: the chain for everybody, a block only for what it proves, the way of points from their issuance."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict

from flask.testing import FlaskClient

from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from tests.scenes.consortium import member, operation
from tests.scenes.http_operations import API, ask, earn, enroll

ALICE, BOB, CAROL = (member(f"evidence {name}") for name in ("alice", "bob", "carol"))


def send(client: FlaskClient, giver: MemberKey, taker: MemberKey, points: int, request_id: str) -> int:
    """The block of a transfer."""
    args = {"class_id": "northstar", "recipients": [{"address": taker.address, "points": points}]}
    signed = giver.authorise(operation("Transfer", request_id, args), PLACE)
    body = {name: signed[name] for name in ("args", "request_id", "valid_until", "authorization")}
    answer = client.post(f"{API}/operations/transfer", json=body)
    assert answer.status_code == 201, answer.data
    return int(answer.json["block_number"])


def test_a_way_is_told_from_its_beginning_and_each_step_can_be_proven(client: FlaskClient) -> None:
    for name in ("alice", "bob", "carol"):
        enroll(client, f"evidence {name}")
    earned = earn(client, ALICE.address, 40, "evidence-1")
    first = send(client, ALICE, BOB, 15, "evidence-2")
    after = send(client, ALICE, CAROL, 5, "evidence-3")
    way = f"/accounts/{BOB.address}/origins/northstar"
    named = {"expires_on": earned["result"]["issuance"]["expires_on"]}
    origin = ask(client, way, **named, at_least_block=after)
    assert [one["issuance_id"] for one in origin["parcels"]] == ["evidence-1.0"]
    assert origin["complete"]
    assert [step["operation"]["block_number"] for step in origin["steps"]] == [earned["block_number"], first]
    assert [(move["account"], move["points"]) for move in origin["steps"][1]["moves"]] == [
        (BOB.address, 15),
        (ALICE.address, -15),
    ]
    (link,) = [one for one in origin["links"] if one["source"]["cursor"] != one["to"]["cursor"]]
    assert link["points"] == 15
    named = {"class_id": "northstar", **named}
    for step in origin["steps"]:
        number = step["operation"]["block_number"]
        found = ask(client, f"/accounts/{BOB.address}/blocks/{number}/evidence", **named)
        row = json.loads(base64.b64decode(found["content"]))
        (header,) = ask(client, "/ledger/headers", first=number, last=number)["headers"]
        assert hashlib.sha256(row["data"].encode()).hexdigest() == header["data_hash"]
    own = f"/accounts/{BOB.address}/blocks/{first}/evidence"
    assert ask(client, own)["block_number"] == first
    # What has no part in her points is not hers to see: the friend's issuance without naming the points, and his next gift.
    ask(client, f"/accounts/{BOB.address}/blocks/{earned['block_number']}/evidence", 404)
    ask(client, f"/accounts/{BOB.address}/blocks/{after}/evidence", 404, **named)
    ask(client, f"/accounts/{BOB.address}/blocks/99999/evidence", 404, **named)
    ask(client, way, 404, expires_on="2001-01-01")
    ask(client, way, 400, expires_on="2001-13-01")


def test_headers_come_in_order_and_as_many_as_there_are(client: FlaskClient) -> None:
    enroll(client, "evidence alice")
    whole = ask(client, "/ledger/headers", first=0, last=10**9)
    assert [one["block_number"] for one in whole["headers"]] == list(range(whole["height"]))
    assert ask(client, "/ledger/headers", first=whole["height"], last=whole["height"] + 5)["headers"] == []
    assert ask(client, "/ledger/headers", first=3, last=2)["headers"] == []
    ask(client, "/ledger/headers", 400, first=-1, last=2)
    ask(client, "/ledger/headers", 400)


def test_blocks_in_outline_and_whole(client: FlaskClient) -> None:
    enroll(client, "evidence alice")
    number = earn(client, ALICE.address, 7, "evidence-4")["block_number"]
    found = ask(client, "/ledger/blocks", first=number, last=number)
    (block,) = found["blocks"]
    assert block["intact"]
    assert [one["operations"] for one in block["transactions"]] == [1]
    newest = ask(client, "/ledger/blocks")
    assert newest["blocks"][0]["block_number"] == newest["height"] - 1
    for before, after in zip(newest["blocks"][1:], newest["blocks"], strict=False):
        assert after["previous_hash"] == before["hash"]
    evidence = ask(client, f"/ledger/blocks/{number}/evidence")
    assert json.loads(base64.b64decode(evidence["content"]))["hash"] == block["hash"]
    for wrong in (newest["height"], "01", "x", 10**16):
        ask(client, f"/ledger/blocks/{wrong}/evidence", 404)


def test_a_block_with_operations_is_no_configuration(client: FlaskClient) -> None:
    enroll(client, "evidence alice")
    number = earn(client, ALICE.address, 7, "evidence-5")["block_number"]
    ask(client, f"/accounts/{ALICE.address}", at_least_block=number)
    for refused in (number, number + 1):
        ask(client, f"/ledger/configuration/{refused}", 404)
    authorities = ask(client, "/ledger/authorities")
    assert {name: authorities[name] for name in ("channel", "chaincode", "network")} == asdict(PLACE)
    assert (authorities["kind"], authorities["configuration_block"], authorities["organisations"]) == (
        "embedded",
        None,
        [],
    )
