"""The first request of all at a new gateway, when it has none of its own values yet."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.errors import GatewayError
from gateway.identity.holders import PERSON
from gateway.identity.sessions import LoginOrigin
from tests.scenes.people import PASSWORD, PeopleScene, holder

HERE = LoginOrigin("a browser", "192.0.2.1")
FIRST: dict[str, Callable[[Any], Any]] = {
    "code": lambda people: people.registration.finish("otc_x", "00000000", PASSWORD, None, HERE),
    "recovery": lambda people: people.log_in.finish_recovery("otc_x", "00000000", PASSWORD),
    "invitation": lambda people: people.staff.accept("otc_x", "00000000", PASSWORD, HERE),
    "log-in": lambda people: people.log_in.log_in(PERSON, "lin@example.org", PASSWORD, HERE),
    "claim": lambda people: people.legacy_claims.claim("per_x", "88001234", "1", "192.0.2.1"),
    "passkey": lambda people: people.passkeys.finish_login(PERSON, "chl_x", {}, HERE),
    "give back": lambda people: people.throttles.give_back("login", "x", 0),
    "clear": lambda people: people.throttles.clear("login", "x"),
    "session": lambda people: people.sessions.start(holder("per_x"), "CODE", HERE),
}


@pytest.mark.parametrize("name", FIRST)
def test_it_waits_for_nobody(world: PeopleScene, name: str) -> None:
    """A value made within another write would wait for that write's own end, until the database gives up."""
    began = time.monotonic()
    with contextlib.suppress(GatewayError):
        FIRST[name](world.people)
    assert time.monotonic() - began < 10
