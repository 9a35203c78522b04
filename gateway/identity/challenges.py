"""Random bytes that a key must sign once, within a while, for one purpose, one holder and one session."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.identity.holders import Holder
from gateway.identity.models import Challenge
from gateway.store.base import new_id
from gateway.store.engine import Store

CHALLENGE_BYTES = 32
PASSKEY_NEW = "PASSKEY_NEW"
PASSKEY_LOGIN = "PASSKEY_LOGIN"
ADDRESS = "ADDRESS"


class Challenges:
    """Gives out challenges and takes each back once."""

    def __init__(self, store: Store, *, clock: Callable[[], int] = lambda: int(time.time())) -> None:
        self._store = store
        self._clock = clock

    def new(
        self,
        purpose: str,
        seconds: int,
        *,
        holder: Holder | None = None,
        session_id: str | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> Challenge:
        """A challenge of 32 random bytes, in URL-safe base64 without padding."""
        made = Challenge(
            challenge_id=new_id("chl"),
            purpose=purpose,
            challenge=base64.urlsafe_b64encode(secrets.token_bytes(CHALLENGE_BYTES)).rstrip(b"=").decode(),
            holder_kind=None if holder is None else holder.kind,
            holder_id=None if holder is None else holder.id,
            session_id=session_id,
            payload=dict(payload or {}),
            expires_at=self._clock() + seconds,
        )
        with self._store.writing() as session:
            session.add(made)
        return made

    def take(
        self, challenge_id: str, purpose: str, *, holder: Holder | None = None, session_id: str | None = None
    ) -> Challenge:
        """The challenge, which is gone then whatever comes of it. Raises GatewayError CHALLENGE_REFUSED: unknown, used,
        ended, or somebody else's."""
        with self._store.writing() as session:
            found = session.get(Challenge, challenge_id)
            # Of two that delete it at once, one deletes a row.
            gone = session.execute(delete(Challenge).where(Challenge.challenge_id == challenge_id))
        if (
            found is None
            or gone.rowcount != 1  # type: ignore[attr-defined]
            or found.purpose != purpose
            or found.expires_at <= self._clock()
            or (found.holder_kind, found.holder_id) != (holder and holder.kind, holder and holder.id)
            or found.session_id != session_id
        ):
            raise GatewayError("CHALLENGE_REFUSED", "the challenge is unknown, was used, or has ended")
        return found

    def end(self, session: Session, holder: Holder) -> None:
        """Deletes a holder's challenges, in the caller's transaction."""
        session.execute(delete(Challenge).where(Challenge.holder_kind == holder.kind, Challenge.holder_id == holder.id))

    def purge(self) -> None:
        """Deletes what has ended."""
        with self._store.writing() as session:
            session.execute(delete(Challenge).where(Challenge.expires_at <= self._clock()))
