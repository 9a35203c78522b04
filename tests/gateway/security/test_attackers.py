"""What somebody who is in already, or nobody known, tries to reach beyond: the traffic of everybody, the memory of the machine, others' outcomes."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from gateway.core.errors import GatewayError
from gateway.identity.models import StaffAccount
from gateway.identity.passwords import AT_ONCE_MAX, Passwords
from gateway.identity.settings import PasswordSettings
from gateway.services.gateway import Gateway
from gateway.store.engine import Store
from tests.gateway.security.conftest import PASSWORD, Browser


@pytest.mark.parametrize(("role", "status"), [("marketing", 403), ("cashier", 403), ("auditor", 200)])
def test_the_stream_of_everybody_is_for_those_who_may_see_everybody(
    browser: Browser, gateway: Gateway, role: str, status: int
) -> None:
    staff_id = browser.join_staff(gateway)
    assert (
        browser.ask("POST", "/staff-sessions", {"contact": "root@example.org", "password": PASSWORD}).status_code == 201
    )
    with gateway.store.writing() as session:
        session.get_one(StaffAccount, staff_id).roles = [role]
    client = browser.app.test_client(use_cookies=False)
    answer = client.get("/api/v1/events", headers={"Cookie": browser.cookie}, buffered=False)
    assert answer.status_code == status
    answer.close()


def test_passwords_are_hashed_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(PasswordSettings(time_cost=1, memory_kibibytes=64))
    inside, most, lock = 0, 0, threading.Lock()
    everybody_came = threading.Event()

    def verify(hasher: PasswordHasher, stored: str, password: str) -> bool:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        everybody_came.wait(0.5)
        with lock:
            inside -= 1
        return True

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    threads = [threading.Thread(target=passwords.check, args=("x", "y")) for _ in range(3 * AT_ONCE_MAX)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == AT_ONCE_MAX


def test_a_good_attempt_does_not_end_the_waiting_that_a_bad_one_brought(gateway: Gateway) -> None:
    throttles = gateway.people.throttles
    own = throttles.take("login-source", "here", 2)
    throttles.take("login-source", "here", 2)
    throttles.give_back("login-source", "here", own)
    with pytest.raises(GatewayError, match="TRY_LATER"):
        throttles.take("login-source", "here", 2)
    last = [throttles.take("login-source", "there", 2) for _ in range(2)][-1]
    throttles.give_back("login-source", "there", last)
    throttles.take("login-source", "there", 2)


def test_the_store_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    store = Store(f"sqlite:///{folder / 'gateway.db'}")
    with store.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE x (y)")
        for path in (folder, *folder.iterdir()):
            assert path.stat().st_mode & 0o077 == 0, path
    store.close()


@pytest.mark.parametrize("path", ["/classes", "/queries/get-consortium"])
def test_waiting_for_blocks_takes_no_more_than_its_share_of_the_threads(
    browser: Browser, gateway: Gateway, path: str
) -> None:
    far = f"{path}?at_least_block={2**53 - 1}"
    while gateway.block_places.acquire(blocking=False):
        pass
    began = time.monotonic()
    answer = browser.ask("GET", far)
    assert (answer.status_code, answer.json and answer.json["code"]) == (503, "BLOCK_NOT_REACHED")
    assert time.monotonic() - began < gateway.settings.http.commit_wait_seconds / 2
    assert browser.ask("GET", f"{path}?at_least_block=0").status_code == 200
    gateway.block_places.release()
    assert browser.ask("GET", f"{path}?at_least_block=0").status_code == 200
    assert gateway.block_places.acquire(blocking=False), "the place was given back"
