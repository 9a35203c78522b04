"""A whole story through HTTP alone: a consortium is opened, members earn, send, spend and get back, and the window is settled."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from admin.gateways import ALONE, RunningGateway, jifen
from chaincode.signing import MemberKey
from gateway.client import JifenClient, Problem
from gateway.operations.api.requests import kebab
from tests.scenes.consortium import OPERATOR, ORGS, opening
from tests.scenes.waiting import eventually

SECONDS = 60


@dataclass
class Office:
    """The first admin of an organisation at her browser: a session, its cookie and its token."""

    http: httpx.Client
    csrf_token: str

    @classmethod
    def open(cls, running: RunningGateway) -> Office:
        """Invited at the command line, she chooses a password and is in."""
        invited = jifen(
            "gateway", "admin", f"admin@{running.org}.example", "--name", "Ada", "--folder", str(running.folder),
            environment=ALONE,
        )  # fmt: skip
        http = httpx.Client(base_url=f"{running.address}/api/v1", timeout=SECONDS, trust_env=False)
        password = secrets.token_urlsafe(16)
        answer = http.post(
            f"/staff-invitations/{invited['invitation_id']}/accept",
            json={"code": invited["code"], "password": password},
        )
        assert answer.status_code == 201, answer.text
        return cls(http, answer.json()["csrf_token"])

    def post(self, path: str, document: Any = None, **headers: str) -> httpx.Response:
        """A request that changes something."""
        return self.http.post(path, json=document, headers={"X-CSRF-Token": self.csrf_token, **headers})

    def carry_out(self, operation: dict[str, Any]) -> dict[str, Any]:
        """An operation of the ledger, asked until it stands there."""

        def sent() -> tuple[int, str]:
            answer = self.post(
                f"/operations/{kebab(operation['op'])}",
                {"args": operation["args"]},
                **{"Idempotency-Key": operation["request_id"], "Prefer": "wait=30"},
            )
            # Another organisation's peer may be a block behind.
            assert answer.status_code in (201, 202, 404, 409, 503), answer.text
            return answer.status_code, answer.text

        _, text = eventually(f"{operation['request_id']} is done", sent, lambda one: one[0] == 201, seconds=SECONDS)
        found: dict[str, Any] = json.loads(text)
        return found


@dataclass
class HttpStory:
    """What the story left behind, for whoever looks at it from elsewhere."""

    window_id: int = 0
    redemption_id: str = ""
    statements: dict[str, Any] = field(default_factory=dict)


def tell(gateways: dict[str, RunningGateway]) -> HttpStory:
    """The whole story; each step is asserted."""
    offices = {org: Office.open(gateways[org]) for org in ORGS}
    newest = 0
    network_id = offices[OPERATOR].http.get("/ledger/authorities").json()["network"]
    for org, _, operations in opening(int(time.time()), network_id):
        for operation in operations:
            newest = max(newest, offices[org].carry_out(operation)["block_number"] or 0)
    clients = {org: JifenClient(gateways[org].address, api_key=_key(offices[org])) for org in ORGS}
    north, harbor = clients["northstar"], clients["harbor"]
    for client in clients.values():
        client.query("GetConsortium", at_least_block=newest)

    lin, wu = MemberKey.derived("story lin"), MemberKey.derived("story wu")
    north.enroll(lin, "northstar", request_id="lin")
    north.enroll(wu, "northstar", request_id="wu")
    earned = north.accrue(lin.address, class_id="northstar", amount_minor=50_000, request_id="order-1")
    assert earned["result"]["issuance"]["points"] == 500
    sent = north.transfer(lin, wu.address, class_id="northstar", points=120, request_id="gift")
    harbor.query("GetConsortium", at_least_block=sent["block_number"])
    redeemed = harbor.redeem(
        wu, acceptor_msp="harbor", class_ids=["northstar"], points=100, order_ref="record 7", request_id="record-7"
    )
    redemption = redeemed["result"]["redemption"]
    assert (redemption["points"], redemption["value_millionths"]) == (100, 1_000_000)
    refunded = harbor.refund(redemption["redemption_id"], points=40, request_id="record-7-back")
    assert refunded["result"]["points"] == 40
    balance = harbor.balance(wu.address, "northstar", at_least_block=refunded["block_number"])
    assert (balance["spendable"], balance["points"]) == (60, 60)
    with pytest.raises(Problem) as refused:
        harbor.redeem(
            wu, acceptor_msp="harbor", class_ids=["northstar"], points=61, order_ref="too much", request_id="too-much"
        )
    assert (refused.value.code, refused.value.status) == ("INSUFFICIENT_POINTS", 409)

    found = HttpStory(redemption["window_id"], redemption["redemption_id"])
    window = {"window_id": found.window_id}
    operator = offices[OPERATOR]
    clients[OPERATOR].query("GetConsortium", at_least_block=refunded["block_number"])
    operator.carry_out({"op": "CutWindow", "args": window, "request_id": "cut"})
    closed = operator.carry_out({"op": "CloseWindow", "args": window, "request_id": "close"})
    for org in ("northstar", "harbor"):
        answer = offices[org].http.get(
            f"/windows/{found.window_id}/statements/{org}", params={"at_least_block": closed["block_number"]}
        )
        assert answer.status_code == 200, answer.text
        found.statements[org] = answer.json()
    net = {row["msp_id"]: row["net_minor"] for row in closed["result"]["window"]["net"] if row["net_minor"]}
    assert net == {"harbor": 60, "northstar": -60}
    history = offices["harbor"].http.get(f"/accounts/{wu.address}/history").json()["items"]
    assert {row["op"] for row in history} == {"Transfer", "Redeem", "Refund"}
    for client in clients.values():
        client.close()
    for office in offices.values():
        office.http.close()
    return found


def _key(office: Office) -> str:
    scopes = ["read", "counter", "relay"]
    answer = office.post("/api-keys", {"name": "story", "scopes": scopes, "requests_per_minute": 10_000})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])
