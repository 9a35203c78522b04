"""Requests that are dear to answer: a document full of faults, large bodies of nobody known, and passwords to hash."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from argon2 import PasswordHasher

from chaincode.spec.operations import OPERATIONS
from gateway.core.errors import GatewayError
from gateway.identity.passwords import AT_ONCE_MAX, WAITING_MAX, Passwords
from gateway.identity.settings import PasswordSettings
from gateway.operations.api.requests import request_schema
from gateway.services.gateway import Gateway
from gateway.web.endpoints import ANONYMOUS_BYTES_MAX
from gateway.web.shapes import FAULTS_MAX, MalformedRequest, parse
from gateway.webhooks.documents import EndpointRequest
from tests.gateway.security.conftest import PASSWORD, Browser

MEGABYTE = 1_048_576
SLACK_KIBIBYTES = 120 * 1024
PEAK = """
import json, resource, sys
from gateway.web.endpoints import decode
from gateway.web.problems import problem_of
from gateway.web.shapes import MalformedRequest, parse
from gateway.operations.api.requests import request_schema
from chaincode.spec.operations import OPERATIONS
shape = request_schema(OPERATIONS["Transfer"])
shape.validator
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    parse(shape, decode(data))
except MalformedRequest as error:
    answer = json.dumps(problem_of(error)[0])
print(json.dumps({"kibibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, "answer": len(answer)}))
"""


def transfer(recipients: Any) -> bytes:
    """A body of Transfer."""
    return json.dumps({"args": {"class_id": "north", "recipients": recipients}}).encode()


@pytest.mark.parametrize(
    "body",
    [
        transfer([0] * 320_000),
        transfer([{}] * 240_000),
        transfer([{"address": "x" * 8_000, "points": "y" * 1_500}] * 100),
        transfer([[[[0] * 100] * 20] * 2] * 80),
        json.dumps({f"{number}": 0 for number in range(80_000)}).encode(),
        b'{"args": ' + b"[" * 900 + b"]" * 900 + b"}",
    ],
    ids=["numbers", "objects", "long texts", "nested", "names", "depth"],
)
def test_a_document_full_of_faults_takes_little(body: bytes) -> None:
    assert len(body) < MEGABYTE
    done = subprocess.run([sys.executable, "-c", PEAK], input=body, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()[-500:]
    found = json.loads(done.stdout)
    assert found["kibibytes"] < SLACK_KIBIBYTES
    assert found["answer"] < 64 * 1024


def test_some_tens_of_faults_are_told() -> None:
    for shape, document in (
        (request_schema(OPERATIONS["Transfer"]), json.loads(transfer([{"address": 0, "points": -1}] * 100))),
        (EndpointRequest, {"url": "x", "class_ids": [""] * 500}),
    ):
        with pytest.raises(MalformedRequest) as told:
            parse(shape, document)
        assert len(told.value.faults) == FAULTS_MAX
        assert all(len(fault.detail("en")) <= 300 for fault in told.value.faults)


def test_a_list_is_bounded_before_it_is_looked_at() -> None:
    with pytest.raises(MalformedRequest) as told:
        parse(EndpointRequest, {"url": "x", "class_ids": [0] * 501})
    assert [one.document("en") for one in told.value.faults] == [
        {"pointer": "/class_ids", "detail": "expected at most 500 entries"}
    ]


def test_nobody_known_sends_small_bodies_alone(browser: Browser) -> None:
    large = {"contact": "lin@example.org", "password": "x" * ANONYMOUS_BYTES_MAX}
    for path in ("/sessions", "/staff-sessions", "/registrations", "/recoveries", "/passkey-sessions"):
        answer = browser.ask("POST", path, large)
        assert (answer.status_code, (answer.json or {})["code"]) == (413, "REQUEST_TOO_LARGE")
    browser.register("lin@example.org")
    answer = browser.ask("PUT", "/me", {"name": "x" * ANONYMOUS_BYTES_MAX, "locale": "en"})
    assert answer.status_code == 400, "whoever is known may send more"


class Slow:
    """Hashing that goes on until it is let go; counts how often it was begun."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self._go, self._lock = 0, threading.Event(), threading.Lock()
        monkeypatch.setattr(PasswordHasher, "verify", self._work)
        monkeypatch.setattr(PasswordHasher, "hash", self._work)

    def _work(self, *arguments: Any) -> Any:
        with self._lock:
            self.begun += 1
        assert self._go.wait(60)
        return False

    def let_go(self) -> None:
        """Everything that waits goes on."""
        self._go.set()


def test_passwords_wait_for_a_place_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(PasswordSettings(time_cost=1, memory_kibibytes=64))
    slow, refused = Slow(monkeypatch), []

    def check() -> None:
        try:
            passwords.check("x", "y")
        except GatewayError as error:
            refused.append((error.code, error.retry_after_seconds))

    threads = [threading.Thread(target=check) for _ in range(AT_ONCE_MAX + WAITING_MAX + 20)]
    for thread in threads:
        thread.start()
    for thread in threads[::-1]:
        thread.join(0.5 if thread.is_alive() and len(refused) < 20 else 0)
    while len(refused) < WAITING_MAX + 20:  # those without a place to wait at once, those who waited after two seconds
        threads[0].join(0.1)
    assert slow.begun == AT_ONCE_MAX
    assert set(refused) == {("BUSY", 2)}
    slow.let_go()
    for thread in threads:
        thread.join(10)
    assert len(refused) == WAITING_MAX + 20


def test_a_till_does_not_wait_behind_strangers_passwords(
    browser: Browser, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.join_staff(gateway)
    key = browser.ask("POST", "/api-keys", {"name": "Till", "scopes": ["counter"]}).json or {}
    till = browser.other()
    till.headers["Authorization"] = f"Bearer {key['token']}"
    slow = Slow(monkeypatch)

    def stranger(number: int) -> tuple[int, str | None]:
        one = browser.other()
        body = {"contact": f"nobody{number}@example.org", "password": "a wrong password"}
        answer = one.ask("POST", "/sessions", body)
        return answer.status_code, answer.headers.get("Retry-After")

    with ThreadPoolExecutor(64) as threads:  # as many as the gateway has
        try:
            waiting = [threads.submit(stranger, number) for number in range(230)]
            for _ in range(60):  # whoever has no place is answered while the first are still being hashed
                if len(wait(waiting, 0.5).done) >= 230 - AT_ONCE_MAX:
                    break
            assert sum(one.done() for one in waiting) == 230 - AT_ONCE_MAX
            assert threads.submit(till.ask, "GET", "/session").result(30).status_code == 200
            assert slow.begun <= AT_ONCE_MAX
        finally:
            slow.let_go()
        answers = [one.result(30) for one in waiting]
    assert answers.count((503, "2")) >= 230 - AT_ONCE_MAX - WAITING_MAX - 50
    assert {status for status, _ in answers} <= {401, 429, 503}


@pytest.mark.parametrize(
    "path", ["/staff-invitations/otc_none/accept", "/registrations/otc_none/confirm", "/recoveries/otc_none/confirm"]
)
def test_a_code_is_looked_at_before_a_password_is_hashed(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    hashed: list[object] = []
    monkeypatch.setattr(PasswordHasher, "hash", lambda *arguments: hashed.append(arguments) or "x")
    answer = browser.ask("POST", path, {"code": "00000000", "password": PASSWORD})
    assert (answer.status_code, (answer.json or {})["code"]) == (422, "CODE_REFUSED")
    assert hashed == []


def test_an_attempt_that_found_no_place_is_not_counted(
    browser: Browser, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.register("lin@example.org")
    free = gateway.people.settings.throttles.account_attempts
    monkeypatch.setattr("gateway.identity.passwords.PLACE_SECONDS_MAX", 0.02)
    places = [gateway.people.passwords.place() for _ in range(AT_ONCE_MAX)]
    for place in places:
        place.__enter__()
    stranger, right = browser.other(), {"contact": "lin@example.org", "password": PASSWORD}
    for _ in range(free + 2):
        assert stranger.ask("POST", "/sessions", right).status_code == 503
    for place in places:
        place.__exit__(None, None, None)
    assert stranger.ask("POST", "/sessions", right).status_code == 201
