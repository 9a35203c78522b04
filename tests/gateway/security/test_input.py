"""What hostile input does: it is refused in words, sets nothing that it should not, and breaks neither SQL, JSON nor a log's lines."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from sqlalchemy import inspect

from gateway.application import SUBJECTS
from gateway.core.logs import set_up_logs
from gateway.services.gateway import Gateway
from tests.gateway.security.conftest import PASSWORD, Browser

LIN = "lin@example.org"
HOSTILE = [
    "'; DROP TABLE people; --",
    '" OR 1=1 --',
    "$(id)`id`${7*7}{{7*7}}%s%n",
    "\x00",
    "\r\nSet-Cookie: x=y",
    '\n{"event":"forged"}',
    "\ud800",
    "\u202e\u0663",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "A" * 100_000,
    {"$gt": ""},
    ["x"],
    -1,
    2**70,
    1e400,
    None,
    True,
]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/registrations", {"contact": LIN}, "person_id"),
        ("POST", "/registrations", {"contact": LIN}, "fits"),
        ("POST", "/sessions", {"contact": LIN, "password": "x"}, "holder_kind"),
        ("PUT", "/me", {"locale": "zh"}, "email"),
        ("PUT", "/me", {"locale": "zh"}, "person_id"),
        ("PUT", "/password", {"new": PASSWORD}, "holder_id"),
        ("POST", "/me/erasure", {}, "person_id"),
        ("POST", "/custody/codes", {"points_max": 1, "class_ids": ["northstar"]}, "person_id"),
        ("POST", "/staff", {"email": LIN, "name": "x", "roles": ["cashier"]}, "status"),
        ("POST", "/staff", {"email": LIN, "name": "x", "roles": ["cashier"]}, "password_hash"),
        ("POST", "/api-keys", {"name": "x", "scopes": ["read"]}, "key_id"),
        ("POST", "/api-keys", {"name": "x", "scopes": ["read"]}, "created_by"),
        ("POST", "/approvals/apr_x/reject", {}, "status"),
    ],
)
def test_what_is_not_described_cannot_be_set(
    browser: Browser, gateway: Gateway, method: str, path: str, body: Any, field: str
) -> None:
    if path.startswith(("/staff", "/api-keys", "/approvals")):
        browser.join_staff(gateway)
    else:
        browser.register("mei@example.org")
    response = browser.ask(method, path, {**body, field: "x"})
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["code"] == "REQUEST_MALFORMED"
    assert [fault["pointer"] for fault in response.json["errors"]] == [f"/{field}"]


def test_hostile_values_in_every_field(browser: Browser, gateway: Gateway) -> None:
    browser.register(LIN)
    tables = set(inspect(gateway.store.engine).get_table_names())
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/registrations", {"contact": LIN, "locale": "en"}),
        ("POST", "/sessions", {"contact": LIN, "password": "x"}),
        ("POST", "/recoveries", {"contact": LIN, "kind": "member"}),
        ("PUT", "/me", {"name": "x", "locale": "zh"}),
        ("POST", "/session/proof", {"password": "x"}),
        ("POST", "/passkeys", {"challenge_id": "x", "credential": {"id": "x"}, "name": "x"}),
        ("POST", "/passkey-sessions", {"challenge_id": "x", "credential": {"id": "x"}, "kind": "member"}),
        ("POST", "/wallet/links/chl_x", {"public_key": "04" + "0" * 128, "signature": "0" * 128}),
        ("POST", "/custody/operations", {"op": "Transfer", "args": {}}),
        ("POST", "/legacy/claims", {"reference": "8800", "proof": "1"}),
        ("POST", "/legacy/withdrawals", {"class_id": "northstar", "reference_hash": "0" * 64, "points": 1}),
    ]
    for method, path, body in bodies:
        for field in body:
            for value in HOSTILE:
                data = json.dumps({**body, field: value})
                client = browser.app.test_client(use_cookies=False)
                headers = {
                    "Cookie": browser.cookie,
                    "X-CSRF-Token": browser.csrf_token,
                    "Content-Type": "application/json",
                }
                response = client.open("/api/v1" + path, method=method, data=data, headers=headers)
                assert response.status_code < 500, (path, field, value, response.get_data())
    assert set(inspect(gateway.store.engine).get_table_names()) == tables
    me = browser.ask("GET", "/me").json
    assert me is not None
    assert me["email"] == LIN


def test_hostile_addresses_and_parameters(browser: Browser, gateway: Gateway) -> None:
    browser.join_staff(gateway)
    client = browser.app.test_client(use_cookies=False)
    for subject in SUBJECTS:
        for endpoint in subject.endpoints:
            if endpoint.method != "GET" or endpoint.name == "followEvents":
                continue
            for value in ("'%20OR%201=1--", "%00", "%0d%0aX:y", "%ff%fe", "..%2f..%2fetc", "a" * 3000):
                path = subject.prefix + endpoint.path
                for part in ("{", "}"):
                    path = path.replace(part, "|")
                pieces = path.split("|")
                path = "".join(value if place % 2 else piece for place, piece in enumerate(pieces))
                response = client.get(f"{path}?cursor={value}&limit={value}", headers={"Cookie": browser.cookie})
                assert response.status_code < 500, (endpoint.name, value, response.get_data())
                response.close()


NO_DOCUMENTS: list[bytes] = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b'{"contact":"a@example.org","contact":"b@example.org"}',
    b'{"contact":NaN}',
    b"\xff\xfe",
    b'{"contact":' + b"[" * 15_000,
    b'{"a":' * 2_500 + b"1" + b"}" * 2_500,
    b'{"contact":' + b"9" * 10_000 + b"}",
    b'{"contact":1e400}',
    b'{"contact":"\\ud800"}',
    b'{"\\uDFFF":1}',
]


def test_what_is_no_document(browser: Browser) -> None:
    client = browser.app.test_client(use_cookies=False)
    for data in NO_DOCUMENTS:
        response = client.post("/api/v1/registrations", data=data, headers={"Content-Type": "application/json"})
        assert response.status_code == 400, data[:40]
        assert response.json is not None
        assert response.json["code"] == "REQUEST_MALFORMED", data[:40]


def test_bodies_are_bounded(browser: Browser, gateway: Gateway) -> None:
    client = browser.app.test_client(use_cookies=False)
    much = b'{"contact":"' + b"a" * gateway.settings.http.body_bytes_max + b'"}'
    headers = {"Content-Type": "application/json"}
    assert client.post("/api/v1/registrations", data=much, headers=headers).status_code == 413


def test_a_logs_lines_are_not_forged(
    browser: Browser, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logs("info", "json")
    try:
        client = browser.app.test_client(use_cookies=False)
        for value in ('x\n{"event":"forged"}', "x\r\nforged", "\x1b[2Jforged", "\u2028forged"):
            client.post("/api/v1/sessions", json={"contact": value, "password": value})
            client.get("/api/v1/people/x", headers={"X-Request-Id": "a" * 20 + "%0aforged"})
            client.get("/api/v1/" + value.replace("\n", "%0a").replace("\r", "%0d").replace("\x1b", "%1b"))
        lines = [line for line in capsys.readouterr().err.splitlines() if line]
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    for line in lines:
        assert json.loads(line).get("event") != "forged"
