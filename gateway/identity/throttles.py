"""Bounds on attempts that survive a restart and hold for all threads: so many free ones, then each further one waits
twice as long.

An attempt is counted before it is made, so that a thousand at once are not a thousand free ones. What is stored is a
keyed hash of the account or source. A stranger can make an account's owner wait at the password; passkeys and recovery
are counted apart, so they stay open to them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.identity.models import Throttle
from gateway.identity.settings import ThrottleSettings
from gateway.security.stored_secrets import StoredSecrets
from gateway.store.engine import Store

DOUBLINGS_MAX = 20


class Throttles:
    """Counts attempts by kind and by whom."""

    def __init__(
        self,
        store: Store,
        kept: StoredSecrets,
        settings: ThrottleSettings,
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._kept = kept
        self._settings = settings
        self._clock = clock

    def take(self, kind: str, who: str, free: int) -> int:
        """Counts one attempt; `free` of them need no waiting. Gives until when others wait because of it, 0 when they
        do not, for `give_back`. Raises GatewayError TRY_LATER with the time to wait, and then counts nothing."""
        now, key = self._clock(), self._key(kind, who)
        with self._store.writing() as session:
            row = self._locked(session, key)
            if row.blocked_until > now:
                raise GatewayError("TRY_LATER", "too many attempts", retry_after_seconds=row.blocked_until - now)
            if row.forgotten_at <= now:
                row.attempts = 0
            row.attempts += 1
            if row.attempts >= free:
                wait = self._settings.wait_seconds * 2 ** min(row.attempts - free, DOUBLINGS_MAX)
                row.blocked_until = now + min(wait, self._settings.wait_seconds_max)
            row.forgotten_at = max(row.blocked_until, now) + self._settings.forget_seconds
            return row.blocked_until if row.attempts >= free else 0

    def give_back(self, kind: str, who: str, blocked_until: int) -> None:
        """Takes back one attempt, which turned out to be good, and the waiting that it brought (`take` gave it); what
        another attempt brought stays."""
        key = self._key(kind, who)
        with self._store.writing() as session:
            row = self._locked(session, key)
            row.attempts = max(0, row.attempts - 1)
            if row.blocked_until == blocked_until:
                row.blocked_until = 0

    def clear(self, kind: str, who: str) -> None:
        """Forgets all attempts."""
        keys = self.keys([(kind, who)])
        with self._store.writing() as session:
            self.forget(session, keys)

    def keys(self, attempts: Iterable[tuple[str, str]]) -> list[str]:
        """The stored names of (kind, who), for `forget`. To be asked for before a transaction begins: the first time of
        all, it writes."""
        return [self._key(kind, who) for kind, who in attempts]

    def forget(self, session: Session, keys: Sequence[str]) -> None:
        """`clear`, in the caller's transaction."""
        session.execute(delete(Throttle).where(Throttle.key.in_(keys)))

    def purge(self) -> None:
        """Deletes what is forgotten."""
        with self._store.writing() as session:
            session.execute(delete(Throttle).where(Throttle.forgotten_at <= self._clock()))

    def _key(self, kind: str, who: str) -> str:
        return f"{kind}:{self._kept.keyed_hash('throttles', kind, who)}"

    def _locked(self, session: Session, key: str) -> Throttle:
        insert = insert_postgresql if self._store.dialect == "postgresql" else insert_sqlite
        empty = insert(Throttle).values(key=key, attempts=0, blocked_until=0, forgotten_at=self._clock())
        session.execute(empty.on_conflict_do_nothing())
        return session.scalars(select(Throttle).where(Throttle.key == key).with_for_update()).one()
