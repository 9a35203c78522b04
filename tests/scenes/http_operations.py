"""What most tests over HTTP begin with: a member, points earned and spent at northstar."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from chaincode.cases.world import PLACE
from chaincode.signing import MemberKey
from tests.scenes.consortium import member, operation

API = "/api/v1"


def accrue(client: FlaskClient, address: str, points: int, request_id: str, **more: Any) -> Any:
    """Points for a purchase."""
    args = {"address": address, "amount_minor": points * 100, "class_id": "northstar"}
    return client.post(
        "/api/v1/operations/accrue", json={"args": args}, headers={"Idempotency-Key": request_id}, **more
    )


def enroll(client: FlaskClient, name: str) -> Any:
    """A member of northstar."""
    key = member(name)
    answer = client.post("/api/v1/operations/enroll-member", json={"args": key.enrolment("northstar", PLACE)})
    assert answer.status_code == 201, answer.json
    return key


def balance(client: FlaskClient, address: str, **more: Any) -> int:
    """Spendable points of northstar's class."""
    query = {"account": address, "class_id": "northstar", **more}
    answer = client.get("/api/v1/queries/get-balance", query_string=query)
    assert answer.status_code == 200, answer.json
    return int((answer.json or {})["spendable"])


def ask(client: FlaskClient, path: str, status: int = 200, **query: Any) -> Any:
    """The answer's document."""
    answer = client.get(API + path, query_string=query)
    assert answer.status_code == status, answer.data
    return answer.json


def earn(client: FlaskClient, address: str, points: int, request_id: str) -> Any:
    """The receipt of an accrual of northstar's points."""
    answer = accrue(client, address, points, request_id)
    assert answer.status_code == 201, answer.data
    return answer.json


def redeem(client: FlaskClient, key: MemberKey, points: int, request_id: str) -> Any:
    """The receipt of a redemption at northstar."""
    args = {
        "acceptor_msp": "northstar",
        "class_ids": ["northstar"],
        "order_ref": f"order {request_id}",
        "points": points,
    }
    signed = key.authorise(operation("Redeem", request_id, args), PLACE)
    sent = {name: value for name, value in signed.items() if name != "op"}
    answer = client.post(f"{API}/operations/redeem", json=sent)
    assert answer.status_code == 201, answer.data
    return answer.json
