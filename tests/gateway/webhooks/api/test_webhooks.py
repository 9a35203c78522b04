"""Webhooks over HTTP: registered, told, tested, rotated, replayed, removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from standardwebhooks import Webhook

from gateway.services.gateway import Gateway
from tests.scenes.checked_client import Everybody
from tests.scenes.consortium import place
from tests.scenes.http_operations import API, ask, earn, enroll
from tests.scenes.running_gateway import gateway_settings
from tests.scenes.webhook_receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def gateway(store_url: str, ledger_file: Path, tmp_path: Path) -> Iterator[Gateway]:
    """northstar's gateway; webhooks may be sent to this machine without a certificate."""
    webhooks = {"allow_private_addresses": True, "allow_http": True}
    settings = gateway_settings(tmp_path, ledger_file, store_url, webhooks=webhooks)
    made = Gateway(settings, place(ledger_file, "northstar"), guard=Everybody())
    made.start()
    yield made
    made.stop()


def send(client: FlaskClient, method: str, path: str, status: int, document: Any = None) -> Any:
    """The answer's document."""
    answer = (
        client.open(API + path, method=method, json=document)
        if document is not None
        else client.open(API + path, method=method)
    )
    assert answer.status_code == status, answer.data
    return answer.json if answer.data else None


def test_from_registration_to_removal(client: FlaskClient, gateway: Gateway, receiver: Receiver) -> None:
    ann = enroll(client, "ann")
    created = send(client, "POST", "/webhooks", 201, {"url": receiver.url(), "event_types": ["points.accrued"]})
    path = f"/webhooks/{created['id']}"
    receipt = earn(client, ann.address, 5, "a-1")
    (got,) = receiver.wait_count(1)
    assert Webhook(created["secret"]).verify(got.body, got.headers)["data"]["transaction_id"] == receipt["tx_id"]
    rotated = send(client, "POST", f"{path}/secret", 201, {"overlap_hours": 2})
    earn(client, ann.address, 6, "a-2")
    second = receiver.wait_count(2)[1]
    for secret in (created["secret"], rotated["secret"]):
        Webhook(secret).verify(second.body, second.headers)
    shown = ask(client, path)
    assert "secret" not in shown
    assert shown in ask(client, "/webhooks")["items"]
    tested = send(client, "POST", f"{path}/test", 202)
    assert receiver.wait_count(3)[2].id == tested["id"]
    replayed = send(client, "POST", f"{path}/replay", 202, {"after": got.payload["data"]["cursor"]})
    assert replayed == {"messages": 1, "next": None}
    assert receiver.wait_count(4)[3].id == second.id
    messages = ask(client, f"{path}/messages")["items"]
    assert {message["id"] for message in messages} == {got.id, second.id, tested["id"]}
    send(client, "POST", f"{path}/messages/{got.id}/resend", 202)
    assert receiver.wait_count(5)[4].body == got.body
    assert ask(client, f"{path}/messages/{got.id}")["payload"] == got.payload
    assert send(client, "POST", f"{path}/resend-dead", 202) == {"messages": 0}
    changed = send(client, "PATCH", path, 200, {"status": "DISABLED", "description": "for a while"})
    assert (changed["status"], changed["description"], changed["url"]) == ("DISABLED", "for a while", created["url"])
    assert send(client, "POST", f"{path}/test", 409)["code"] == "WEBHOOK_DISABLED"
    send(client, "DELETE", path, 204)
    assert ask(client, path, 404)["code"] == "OBJECT_UNKNOWN"


REFUSED: list[tuple[Any, int, str]] = [
    ({"url": "ftp://shop.example/"}, 422, "WEBHOOK_ADDRESS_REFUSED"),
    ({"url": "https://user:word@shop.example/"}, 422, "WEBHOOK_ADDRESS_REFUSED"),
    ({"url": "http://127.0.0.1/", "event_types": ["nothing"]}, 400, "REQUEST_MALFORMED"),
    ({"url": "http://127.0.0.1/", "description": "a\x00b"}, 400, "REQUEST_MALFORMED"),
    ({"url": "http://127.0.0.1/", "accounts": ["a\x00b"]}, 400, "REQUEST_MALFORMED"),
    ({"url": "http://127.0.0.1/", "owner": "somebody"}, 400, "REQUEST_MALFORMED"),
    ({}, 400, "REQUEST_MALFORMED"),
]


def test_refusals(client: FlaskClient) -> None:
    for document, status, code in REFUSED:
        assert send(client, "POST", "/webhooks", status, document)["code"] == code, document


def test_endpoints_that_are_not_there(client: FlaskClient) -> None:
    for name in ("nothing", "a%00b", "%E9%9B%AA"):
        assert ask(client, f"/webhooks/{name}", 404)["code"] == "OBJECT_UNKNOWN"
        assert ask(client, f"/webhooks/{name}/messages", 404)["code"] == "OBJECT_UNKNOWN"
        assert send(client, "POST", f"/webhooks/{name}/replay", 404, {"after": "0-0-0"})["code"] == "OBJECT_UNKNOWN"
