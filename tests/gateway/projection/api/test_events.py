"""Server-sent events: in order, resumed by id, and ended with the gateway."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.core.errors import GatewayError
from gateway.identity.holders import PERSON, Holder
from gateway.identity.sessions import LoginOrigin
from gateway.projection.api import events
from gateway.services.gateway import Gateway
from tests.scenes.consortium import member
from tests.scenes.http_operations import accrue, enroll


def follow(client: FlaskClient, **query: str) -> Any:
    """An open stream."""
    answer = client.get("/api/v1/events", query_string=query, buffered=False)
    assert answer.status_code == 200, answer.data
    assert answer.mimetype == "text/event-stream"
    return answer


def take(answer: Any, count: int) -> list[dict[str, Any]]:
    """So many events, each with its id."""
    found: list[dict[str, Any]] = []
    parts = answer.response
    while len(found) < count:
        for event in next(parts).decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in event.splitlines() if not line.startswith(":"))
            if "data" in lines:
                found.append({"id": lines["id"], **json.loads(lines["data"])})
    return found


def wait_for_beat(answer: Any) -> None:
    """Reads on until the stream has nothing to tell: what the projection was still folding comes before that."""
    while not next(answer.response).startswith(b": still here"):
        pass


def test_an_account_is_followed_and_a_break_loses_nothing(client: FlaskClient) -> None:
    ann, bob = enroll(client, "ann"), enroll(client, "bob")
    stream = follow(client, account=ann.address)
    next(stream.response)  # the stream's head: from here on it listens
    accrue(client, ann.address, 1, "a-1")
    accrue(client, bob.address, 1, "b-1")
    accrue(client, ann.address, 2, "a-2")
    first = take(stream, 1)
    assert first[0]["request_id"] == "a-1"
    assert first[0]["changes"] == [{"account": ann.address, "class_id": "northstar", "points": 1, "held": 0, "debt": 0}]
    stream.close()
    accrue(client, ann.address, 3, "a-3")
    again = follow(client, account=ann.address, after=first[0]["id"])
    assert [event["request_id"] for event in take(again, 2)] == ["a-2", "a-3"]
    again.close()


def test_places_for_streams_are_bounded_and_come_back(client: FlaskClient, gateway: Gateway) -> None:
    streams = [follow(client) for _ in range(gateway.settings.http.streams_max)]
    refused = client.get("/api/v1/events")
    assert (refused.status_code, refused.json["code"]) == (503, "BUSY")
    assert "Retry-After" in refused.headers
    for stream in streams:
        stream.close()
    follow(client).close()


def test_wrong_cursors_and_accounts_are_refused(client: FlaskClient) -> None:
    assert client.get("/api/v1/events?after=xyz").json["code"] == "CURSOR_INVALID"
    assert client.get("/api/v1/events?account=xyz").json["code"] == "REQUEST_MALFORMED"
    assert follow(client, account=member("nobody").address)


def test_one_caller_cannot_take_all_places(
    client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def come_in_as(name: str) -> None:
        monkeypatch.setattr(gateway.guard, "identify", lambda facts: SimpleNamespace(id=name, label=name))

    come_in_as("key_greedy")
    streams = [follow(client) for _ in range(gateway.settings.http.streams_max // 4)]
    refused = client.get("/api/v1/events")
    assert (refused.status_code, refused.json["code"]) == (503, "BUSY")
    come_in_as("key_other")
    streams.append(follow(client))
    for stream in streams:
        stream.close()
    come_in_as("key_greedy")
    follow(client).close()


def test_a_stream_ends_with_the_key_that_opened_it(
    client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.05)
    stream = follow(client)
    assert next(stream.response).startswith(b"retry:")
    wait_for_beat(stream)

    def revoked(facts: object) -> None:
        raise GatewayError("UNAUTHENTICATED", "the API key is unknown, revoked or has ended")

    monkeypatch.setattr(gateway.guard, "identify", revoked)
    assert len(list(stream.response)) <= 1
    stream.close()


def test_a_stream_ends_with_the_session_that_opened_it(
    client: FlaskClient, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.05)
    made = gateway.people.sessions.start(Holder(PERSON, "per_lin"), "PASSWORD", LoginOrigin())
    who = SimpleNamespace(id="per_lin", label="per_lin", session_id=made.session.session_id)
    monkeypatch.setattr(gateway.guard, "identify", lambda facts: who)
    stream = follow(client)
    assert next(stream.response).startswith(b"retry:")
    wait_for_beat(stream)
    wait_for_beat(stream)
    gateway.people.sessions.end(made.session.session_id)
    assert len(list(stream.response)) <= 1
    stream.close()
