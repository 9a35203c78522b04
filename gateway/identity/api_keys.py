"""API keys: `jfk_<id>_<secret>`, shown once.

A secret has 256 bits of chance, so that its plain SHA-256 is as good in the database as a slow hash: nobody can try
2^256 of them, and each request would pay for the slow one.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.identity.models import ApiKey, ApiKeySecret, StaffAccount
from gateway.identity.standing import holds
from gateway.security.audit import AuditLog
from gateway.security.principals import ApiKeyCaller, Principal, Scope
from gateway.store.base import new_id
from gateway.store.engine import Store

PREFIX = "jfk"
SECRET_BYTES = 32
LAST_USE_SECONDS = 60
OVERLAP_SECONDS_MAX = 30 * 86_400
NEVER_KNOWN = "0" * 64
_KEY, _SECRET, _STAFF = ApiKey.__table__.c, ApiKeySecret.__table__.c, StaffAccount.__table__.c
_RECOGNISED = (
    select(
        _KEY.key_id,
        _KEY.scopes,
        _KEY.created_by,
        _KEY.requests_per_minute,
        _KEY.expires_at,
        _KEY.revoked_at,
        _KEY.last_used_at,
        _SECRET.expires_at.label("secret_expires_at"),
        _STAFF.status.label("holder_status"),
        _STAFF.roles.label("holder_roles"),
    )
    .select_from(
        ApiKey.__table__.join(ApiKeySecret.__table__, _KEY.key_id == _SECRET.key_id).outerjoin(
            StaffAccount.__table__, _STAFF.staff_id == _SECRET.held_by
        )
    )
    .where(_SECRET.secret_hash == bindparam("hash"))
)
"""Asked by every request of a program, so it is made once, and gives a plain row."""


@dataclass(frozen=True)
class NewKey:
    """A key just made or rotated; `token` is shown now and never again."""

    key: ApiKey
    token: str = field(repr=False)


class ApiKeys:
    """Makes, rotates, revokes and recognises keys."""

    def __init__(self, store: Store, audit: AuditLog, *, clock: Callable[[], int] = lambda: int(time.time())) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    def create(
        self,
        principal: Principal,
        *,
        name: str,
        scopes: Sequence[Scope],
        requests_per_minute: int,
        expires_at: int | None = None,
    ) -> NewKey:
        """A new key. Raises GatewayError KEY_INVALID for no scopes or an end in the past."""
        now = self._clock()
        if not scopes or (expires_at is not None and expires_at <= now):
            raise GatewayError("KEY_INVALID", "a key needs a scope, and an end that lies ahead")
        key_id = new_id("key").removeprefix("key_")
        secret = _new_secret()
        with self._store.writing() as session:
            key = ApiKey(
                key_id=f"key_{key_id}",
                name=name,
                scopes=sorted(set(scopes)),
                requests_per_minute=requests_per_minute,
                created_by=principal.id,
                created_at=now,
                expires_at=expires_at,
            )
            session.add(key)
            session.flush()
            session.add(
                ApiKeySecret(secret_hash=hash_of(secret), key_id=key.key_id, held_by=principal.id, created_at=now)
            )
            self._audit.append(session, principal, "createApiKey", key.key_id, details={"scopes": list(key.scopes)})
        return NewKey(key, f"{PREFIX}_{key_id}_{secret}")

    def rotate(self, principal: Principal, key_id: str, *, overlap_seconds: int) -> NewKey:
        """A new secret, held by whoever asks for it; the ones before end after `overlap_seconds`. A secret is good
        while who holds it is an active admin, so that rotating takes over the key of somebody who left. Raises
        GatewayError OBJECT_UNKNOWN, KEY_INVALID (revoked or expired)."""
        if not 0 <= overlap_seconds <= OVERLAP_SECONDS_MAX:
            raise GatewayError("KEY_INVALID", f"the overlap is 0 to {OVERLAP_SECONDS_MAX} seconds")
        now, secret = self._clock(), _new_secret()
        with self._store.writing() as session:
            key = self._find(session, key_id)
            if not _alive(key.revoked_at, key.expires_at, now):
                raise GatewayError("KEY_INVALID", "the key has ended")
            for old in session.scalars(select(ApiKeySecret).where(ApiKeySecret.key_id == key_id)):
                ends = now + overlap_seconds
                old.expires_at = ends if old.expires_at is None else min(old.expires_at, ends)
            session.add(ApiKeySecret(secret_hash=hash_of(secret), key_id=key_id, held_by=principal.id, created_at=now))
            self._audit.append(session, principal, "rotateApiKey", key_id, details={"overlap_seconds": overlap_seconds})
        return NewKey(key, f"{PREFIX}_{key_id.removeprefix('key_')}_{secret}")

    def revoke(self, principal: Principal, key_id: str) -> ApiKey:
        """Ends the key, from the next request on. Revoking again changes nothing. Raises GatewayError
        OBJECT_UNKNOWN."""
        with self._store.writing() as session:
            key = self._find(session, key_id)
            if key.revoked_at is None:
                key.revoked_at = self._clock()
                self._audit.append(session, principal, "revokeApiKey", key_id)
            return key

    def get(self, key_id: str) -> ApiKey:
        """The key. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.reading() as session:
            return self._find(session, key_id)

    def list(self) -> Sequence[ApiKey]:
        """All keys, newest first."""
        with self._store.reading() as session:
            return session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc(), ApiKey.key_id)).all()

    def recognise(self, token: str, source: str = "unknown") -> ApiKeyCaller:
        """The caller with this token. Raises GatewayError UNAUTHENTICATED, in the same words whatever is wrong with
        it."""
        now = self._clock()
        key_id, secret = _parse(token)
        with self._store.reading() as session:
            # Found by its hash: the time of an index look-up tells nothing about the secret behind the hash.
            key = session.execute(_RECOGNISED, {"hash": hash_of(secret) if secret else NEVER_KNOWN}).one_or_none()
        if (
            key is None
            or not secrets.compare_digest(key.key_id, key_id)
            or not _alive(key.revoked_at, key.expires_at, now)
            or (key.secret_expires_at is not None and key.secret_expires_at <= now)
            or not holds(key.holder_status, key.holder_roles)
        ):
            raise GatewayError("UNAUTHENTICATED", "the API key is unknown, revoked or has ended")
        if key.last_used_at is None or now - key.last_used_at >= LAST_USE_SECONDS:
            self._note_use(key.key_id, now)
        return ApiKeyCaller(
            key.key_id, frozenset(Scope(scope) for scope in key.scopes), key.created_by, key.requests_per_minute, source
        )

    def _note_use(self, key_id: str, now: int) -> None:
        with self._store.writing() as session:
            key = session.get(ApiKey, key_id)
            if key is not None:
                key.last_used_at = now

    @staticmethod
    def _find(session: Session, key_id: str) -> ApiKey:
        key = session.get(ApiKey, key_id)
        if key is None:
            raise GatewayError("OBJECT_UNKNOWN", "there is no such API key")
        return key


def hash_of(secret: str) -> str:
    """What the database has of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def _parse(token: str) -> tuple[str, str]:
    """Id and secret; empty texts when the token is not of the form."""
    parts = token.split("_", 2)
    if len(parts) != 3 or parts[0] != PREFIX or len(token) > 200 or not token.isascii():
        return "", ""
    return f"key_{parts[1]}", parts[2]


def _alive(revoked_at: int | None, expires_at: int | None, now: int) -> bool:
    return revoked_at is None and (expires_at is None or expires_at > now)
