"""Log-ins that last: a random token in a cookie, its SHA-256 in the database, an idle and an absolute end.

The token is new at every log-in, and again when the holder proves themselves anew; whatever the browser sent before is
worth nothing then (no fixation).
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.identity.devices import Devices
from gateway.identity.holders import STAFF, Holder
from gateway.identity.models import LoginSession
from gateway.identity.settings import SessionSettings
from gateway.security.stored_secrets import StoredSecrets
from gateway.store.base import new_id
from gateway.store.engine import Store

TOKEN_BYTES = 32
TOUCH_SECONDS = 60
DEVICE_CHARACTERS_MAX = 200


@dataclass(frozen=True)
class LoginOrigin:
    """Where a log-in comes from: the browser's own description, the network address, the token that it sent, if any,
    and what it knows of accounts that signed in there before (`gateway.identity.devices`)."""

    device: str = ""
    source: str = "unknown"
    token: str | None = field(default=None, repr=False)
    known_devices: str = field(default="", repr=False)


@dataclass(frozen=True)
class NewSession:
    """A session just begun or proved anew; `token` is for the cookie, `csrf_token` for the page, `known_devices` for
    the cookie by which the browser is known next time (of a session just begun)."""

    session: LoginSession
    token: str = field(repr=False)
    csrf_token: str = field(repr=False)
    known_devices: str | None = field(default=None, repr=False)


class Sessions:
    """Begins, finds, lists and ends sessions."""

    def __init__(
        self,
        store: Store,
        kept: StoredSecrets,
        settings: SessionSettings,
        devices: Devices,
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._kept = kept
        self._settings = settings
        self._devices = devices
        self._clock = clock

    def start(self, holder: Holder, method: str, visit: LoginOrigin) -> NewSession:
        """A new session; the one whose token the browser sent, if any, ends. `method` is PASSWORD, PASSKEY or CODE."""
        now, token = self._clock(), secrets.token_urlsafe(TOKEN_BYTES)
        absolute = (
            self._settings.staff_absolute_seconds if holder.kind == STAFF else self._settings.member_absolute_seconds
        )
        made = LoginSession(
            session_id=new_id("ses"),
            token_hash=hash_of(token),
            holder_kind=holder.kind,
            holder_id=holder.id,
            method=method,
            device=_printable(visit.device),
            source=visit.source[:64],
            created_at=now,
            authenticated_at=now,
            last_used_at=now,
            ends_at=now + absolute,
        )
        with self._store.writing() as session:
            if visit.token is not None:
                session.execute(delete(LoginSession).where(LoginSession.token_hash == hash_of(visit.token)))
            session.add(made)
        known = self._devices.remember(visit.known_devices, holder)
        return NewSession(made, token, self.csrf_token(token), known)

    def find(self, token: str) -> LoginSession | None:
        """The session with this token while it lasts. Its last use is written at most once a minute."""
        now = self._clock()
        with self._store.reading() as session:
            found = session.scalar(select(LoginSession).where(LoginSession.token_hash == hash_of(token)))
        if found is None or not self._lasts(found, now):
            return None
        if now - found.last_used_at >= TOUCH_SECONDS:
            with self._store.writing() as session:
                row = session.get(LoginSession, found.session_id)
                if row is not None:
                    row.last_used_at = now
        return found

    def lasts(self, session_id: str) -> bool:
        """Whether the session has not ended. To ask is no use of it: what is only kept open ends with the idle time all
        the same."""
        with self._store.reading() as session:
            row = session.get(LoginSession, session_id)
            return row is not None and self._lasts(row, self._clock())

    def renew(self, session_id: str) -> NewSession:
        """A new token for a session whose holder has just proved themselves again; the old token is worth nothing.
        Raises GatewayError UNAUTHENTICATED when it has ended meanwhile."""
        now, token = self._clock(), secrets.token_urlsafe(TOKEN_BYTES)
        with self._store.writing() as session:
            row = session.get(LoginSession, session_id)
            if row is None or not self._lasts(row, now):
                raise GatewayError("UNAUTHENTICATED", "the session has ended")
            row.token_hash, row.authenticated_at, row.last_used_at = hash_of(token), now, now
        return NewSession(row, token, self.csrf_token(token))

    def require_fresh(self, authenticated_at: int) -> None:
        """Raises GatewayError LOGIN_TOO_OLD unless the holder proved themselves a short while ago."""
        if self._clock() - authenticated_at > self._settings.fresh_seconds:
            raise GatewayError("LOGIN_TOO_OLD", "prove yourself again, by password or passkey")

    def list(self, holder: Holder) -> Sequence[LoginSession]:
        """The holder's sessions that last, the one used last first."""
        now = self._clock()
        with self._store.reading() as session:
            rows = session.scalars(
                select(LoginSession)
                .where(LoginSession.holder_kind == holder.kind, LoginSession.holder_id == holder.id)
                .order_by(LoginSession.last_used_at.desc(), LoginSession.session_id)
            ).all()
        return [row for row in rows if self._lasts(row, now)]

    def owner_of(self, session_id: str) -> Holder:
        """Whose session it is. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.reading() as session:
            row = session.get(LoginSession, session_id)
        if row is None:
            raise GatewayError("OBJECT_UNKNOWN", "there is no such session")
        return Holder(row.holder_kind, row.holder_id)

    def end(self, session_id: str) -> None:
        """Ends a session; one that has ended is no error."""
        with self._store.writing() as session:
            session.execute(delete(LoginSession).where(LoginSession.session_id == session_id))

    def end_all(self, session: Session, holder: Holder, *, but: str | None = None) -> None:
        """Ends the holder's sessions, all or `but` one, in the caller's transaction."""
        question = delete(LoginSession).where(
            LoginSession.holder_kind == holder.kind, LoginSession.holder_id == holder.id
        )
        if but is not None:
            question = question.where(LoginSession.session_id != but)
        session.execute(question)

    def end_others(self, holder: Holder, *, but: str | None = None) -> None:
        """`end_all` in a transaction of its own."""
        with self._store.writing() as session:
            self.end_all(session, holder, but=but)

    def csrf_token(self, token: str) -> str:
        """What a page must send along with each change: it follows from the session's token, and cannot be made without
        the gateway's own key."""
        return self._kept.keyed_hash("csrf", hash_of(token))

    def csrf_holds(self, token: str, csrf_token: str) -> bool:
        """Whether this is the session's, in constant time."""
        return secrets.compare_digest(self.csrf_token(token).encode(), csrf_token.encode("utf-8", "replace"))

    def purge(self) -> None:
        """Deletes what has ended."""
        with self._store.writing() as session:
            session.execute(delete(LoginSession).where(LoginSession.ends_at <= self._clock()))

    def _lasts(self, row: LoginSession, now: int) -> bool:
        staff = row.holder_kind == STAFF
        idle = self._settings.staff_idle_seconds if staff else self._settings.member_idle_seconds
        return row.ends_at > now and now - row.last_used_at < idle


def hash_of(token: str) -> str:
    """What the database has of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _printable(device: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in device)[:DEVICE_CHARACTERS_MAX]
