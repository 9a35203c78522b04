"""API keys: shown once, stored hashed, rotated with overlap, revoked at once, bounded."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from sqlalchemy import inspect

from gateway.access.rate import RateLimiter, Rates
from gateway.core.errors import GatewayError
from gateway.identity.api_keys import ApiKeys
from gateway.security.audit import AuditLog
from gateway.security.principals import Anonymous, ApiKeyCaller, Member, Role, Scope, Staff
from gateway.store.engine import Store

ADMIN = Staff("stf_a", "ses_a", 0, frozenset({Role.ADMIN}))


class Clock:
    """Seconds that pass when the test says so."""

    now = 1_790_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


@pytest.fixture
def keys(store: Store, clock: Clock) -> ApiKeys:
    """The keys of a new store."""
    return ApiKeys(store, AuditLog(store, clock=clock), clock=clock)


def make(keys: ApiKeys, **rest: Any) -> Any:
    """A new key."""
    return keys.create(ADMIN, **{"name": "till", "scopes": [Scope.COUNTER], "requests_per_minute": 60, **rest})


def refused() -> Any:
    """Expects that nobody is recognised."""
    return pytest.raises(GatewayError, match=r"^UNAUTHENTICATED: the API key is unknown, revoked or has ended$")


def test_made_shown_once_and_recognised(keys: ApiKeys, store: Store) -> None:
    made = make(keys)
    caller = keys.recognise(made.token, "192.0.2.1")
    assert caller == ApiKeyCaller(made.key.key_id, frozenset({Scope.COUNTER}), "stf_a", 60, "192.0.2.1")
    secret = made.token.split("_", 2)[2]
    assert len(secret) == 43
    assert secret not in repr(made)
    with store.engine.connect() as connection:
        for table in inspect(store.engine).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                assert secret not in str(row)


@pytest.mark.parametrize("change", ["", "x", "jfk", "jfk__", "jfk_a_b", "jfk_é_b", "x" * 5000, "jfk_\x00_\x00"])
def test_what_is_no_key(keys: ApiKeys, change: str) -> None:
    make(keys)
    with refused():
        keys.recognise(change)


def test_a_secret_is_of_its_key(keys: ApiKeys) -> None:
    one, other = make(keys), make(keys)
    swapped = "_".join([*one.token.split("_", 2)[:2], other.token.split("_", 2)[2]])
    with refused():
        keys.recognise(swapped)
    with refused():
        keys.recognise(one.token[:-1] + ("a" if one.token[-1] != "a" else "b"))


def test_revoked_at_once(keys: ApiKeys) -> None:
    made = make(keys)
    keys.revoke(ADMIN, made.key.key_id)
    with refused():
        keys.recognise(made.token)
    assert keys.revoke(ADMIN, made.key.key_id).revoked_at is not None
    with pytest.raises(GatewayError, match=r"^KEY_INVALID: "):
        keys.rotate(ADMIN, made.key.key_id, overlap_seconds=0)


def test_rotated_with_overlap(keys: ApiKeys, clock: Clock) -> None:
    old = make(keys)
    new = keys.rotate(ADMIN, old.key.key_id, overlap_seconds=3600)
    assert keys.recognise(old.token).key_id == keys.recognise(new.token).key_id
    clock.now += 3599
    keys.recognise(old.token)
    newest = keys.rotate(ADMIN, old.key.key_id, overlap_seconds=0)
    with refused():
        keys.recognise(new.token)
    with refused():
        keys.recognise(old.token)
    keys.recognise(newest.token)
    for overlap in (-1, 31 * 86_400):
        with pytest.raises(GatewayError, match=r"^KEY_INVALID: "):
            keys.rotate(ADMIN, old.key.key_id, overlap_seconds=overlap)


def test_expired(keys: ApiKeys, clock: Clock) -> None:
    made = make(keys, expires_at=clock() + 10)
    keys.recognise(made.token)
    clock.now += 10
    with refused():
        keys.recognise(made.token)
    for wrong in ({"expires_at": clock()}, {"scopes": []}):
        with pytest.raises(GatewayError, match=r"^KEY_INVALID: "):
            make(keys, **wrong)


def test_the_last_use_is_written_once_a_minute(keys: ApiKeys, clock: Clock) -> None:
    made = make(keys)
    assert keys.get(made.key.key_id).last_used_at is None
    keys.recognise(made.token)
    first = clock()
    clock.now += 59
    keys.recognise(made.token)
    assert keys.get(made.key.key_id).last_used_at == first
    clock.now += 1
    keys.recognise(made.token)
    assert keys.get(made.key.key_id).last_used_at == clock()


def test_each_step_is_in_the_audit_log(keys: ApiKeys, store: Store) -> None:
    made = make(keys)
    keys.rotate(ADMIN, made.key.key_id, overlap_seconds=5)
    keys.revoke(ADMIN, made.key.key_id)
    rows = AuditLog(store).rows()
    assert [row.action for row in rows] == ["revokeApiKey", "rotateApiKey", "createApiKey"]
    assert {row.object_id for row in rows} == {made.key.key_id}


def test_rates() -> None:
    limiter = RateLimiter(Rates(session_per_minute=3, anonymous_per_minute=2))
    key = ApiKeyCaller("key_" + secrets.token_hex(4), frozenset(), "stf_a", 4)
    for who, allowed in (
        (Anonymous("192.0.2.1"), 2),
        (Anonymous("192.0.2.2"), 2),
        (Member("per_a", "ses_1", 0), 3),
        (Member("per_a", "ses_2", 0), 3),
        (key, 4),
    ):
        for _ in range(allowed):
            limiter.spend(who)
        with pytest.raises(GatewayError, match=r"^RATE_LIMITED: ") as found:
            limiter.spend(who)
        assert 1 <= (found.value.retry_after_seconds or 0) <= 60
