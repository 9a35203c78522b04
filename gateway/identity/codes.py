"""One-time codes: sent to somebody, good once, for a while, for a few attempts."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.core.typed_codes import plain_code
from gateway.identity.holders import Holder
from gateway.identity.models import OneTimeCode
from gateway.identity.settings import CodeSettings
from gateway.security.stored_secrets import StoredSecrets
from gateway.store.base import new_id
from gateway.store.engine import Store

DIGITS = 8
REGISTER = "REGISTER"
REGISTER_BY_NUMBER = "REGISTER_BY_NUMBER"
RECOVER = "RECOVER"
RECOVER_BY_NUMBER = "RECOVER_BY_NUMBER"
NUMBER_PREFIX = "otn"
"""Of codes whose id is told in a letter alone."""
CHANGE_OLD = "CHANGE_OLD"
CHANGE_NEW = "CHANGE_NEW"
INVITE = "INVITE"
COUNTER = "COUNTER"


@dataclass(frozen=True)
class IssuedCode:
    """A new code. `code` goes to its receiver and nowhere else."""

    code_id: str
    code: str = field(repr=False)
    expires_at: int


@dataclass(frozen=True)
class Presented:
    """A code as somebody gives it back: in any case, with or without blanks and dashes."""

    purpose: str
    code_id: str
    code: str = field(repr=False)


class OneTimeCodes:
    """Issues codes and takes them back."""

    def __init__(
        self,
        store: Store,
        kept: StoredSecrets,
        settings: CodeSettings,
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._kept = kept
        self._settings = settings
        self._clock = clock

    def issue(
        self,
        purpose: str,
        target: str,
        *,
        holder: Holder | None = None,
        payload: Mapping[str, Any] | None = None,
        seconds: int | None = None,
        fits: bool = True,
    ) -> IssuedCode:
        """A new code for `target`; those before it, for the same purpose and target, end. With `fits` False it is one
        that nothing opens, for callers who must not learn that there is none."""
        code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
        lasting = seconds or self._settings.seconds
        row = self._row(new_id("otc"), code, purpose, target, holder, payload or {}, lasting, fits)
        with self._store.writing() as session:
            session.execute(delete(OneTimeCode).where(OneTimeCode.purpose == purpose, OneTimeCode.target == target))
            session.add(row)
        return IssuedCode(row.code_id, code, row.expires_at)

    def issue_beside(
        self,
        purpose: str,
        target: str,
        code: str,
        seconds: int,
        *,
        holder: Holder | None = None,
        payload: Mapping[str, Any] | None = None,
        fits: bool,
    ) -> IssuedCode:
        """The same code under another id, for a letter alone: whoever asked for the letter does not learn it, so that
        they can neither use it up nor end it by asking again."""
        row = self._row(new_id(NUMBER_PREFIX), code, purpose, target, holder, payload or {}, seconds, fits)
        with self._store.writing() as session:
            session.add(row)
        return IssuedCode(row.code_id, code, row.expires_at)

    def _row(
        self,
        code_id: str,
        code: str,
        purpose: str,
        target: str,
        holder: Holder | None,
        payload: Mapping[str, Any],
        seconds: int,
        fits: bool,
    ) -> OneTimeCode:
        now, hashed = self._clock(), self._hash(code_id, code)
        return OneTimeCode(
            code_id=code_id,
            purpose=purpose,
            holder_kind=None if holder is None else holder.kind,
            holder_id=None if holder is None else holder.id,
            target=target,
            code_hash=hashed if fits else None,
            payload=dict(payload),
            attempts=0,
            created_at=now,
            expires_at=now + seconds,
        )

    def redeem(
        self,
        *presented: Presented,
        holder: Holder | None = None,
        check: Callable[[Sequence[OneTimeCode]], None] = lambda rows: None,
        act: Callable[[Session, Sequence[OneTimeCode]], None] = lambda session, rows: None,
        keep: bool = False,
    ) -> Sequence[OneTimeCode]:
        """Uses the codes up, all of them or none; with `holder` they must be that holder's. `check` may refuse, and
        then they stay good; `act` is done in the same transaction. With `keep` they stay good: to be asked before
        costly work, such as a password's hash. Raises GatewayError CODE_REFUSED, in the same words whatever is wrong;
        the attempt is counted."""
        ordered = sorted(presented, key=lambda one: one.code_id)  # everybody locks in the same order
        hashes = [self._hash(one.code_id, one.code) for one in ordered]
        with self._store.writing() as session:
            rows = [self._locked(session, one) for one in ordered]
            fits = [self._fits(row, hashed, holder) for row, hashed in zip(rows, hashes, strict=True)]
            good = all(fits)
            if good:
                by_id = {row.code_id: row for row in rows if row is not None}
                found = [by_id[one.code_id] for one in presented]
                check(found)
                for used in () if keep else found:
                    session.delete(used)
                session.flush()
                act(session, found)
            else:
                for row in rows:
                    if row is not None:
                        row.attempts += 1
        if not good:
            raise GatewayError("CODE_REFUSED", "the code is wrong, was used, or has ended")
        return found

    def open_id(self, purpose: str, holder: Holder) -> str | None:
        """The newest code of a purpose that the holder has, None without one."""
        of_holder = (OneTimeCode.holder_kind == holder.kind, OneTimeCode.holder_id == holder.id)
        wanted = select(OneTimeCode.code_id).where(OneTimeCode.purpose == purpose, *of_holder)
        with self._store.reading() as session:
            return session.scalar(wanted.order_by(OneTimeCode.created_at.desc()).limit(1))

    def end(self, session: Session, holder: Holder, *targets: str) -> None:
        """Deletes all codes of a holder, and those that were sent to `targets`."""
        session.execute(
            delete(OneTimeCode).where(OneTimeCode.holder_kind == holder.kind, OneTimeCode.holder_id == holder.id)
        )
        session.execute(delete(OneTimeCode).where(OneTimeCode.target.in_(targets)))

    def purge(self) -> None:
        """Deletes what has ended."""
        with self._store.writing() as session:
            session.execute(delete(OneTimeCode).where(OneTimeCode.expires_at <= self._clock()))

    def _locked(self, session: Session, one: Presented) -> OneTimeCode | None:
        return session.scalar(
            select(OneTimeCode)
            .where(OneTimeCode.code_id == one.code_id, OneTimeCode.purpose == one.purpose)
            .with_for_update()
        )

    def _fits(self, row: OneTimeCode | None, hashed: str, holder: Holder | None) -> bool:
        expected = (row.code_hash if row is not None else None) or "-"
        equal = secrets.compare_digest(expected, hashed)
        return (
            row is not None
            and equal
            and row.attempts < self._settings.attempts_max
            and row.expires_at > self._clock()
            and (holder is None or (row.holder_kind, row.holder_id) == (holder.kind, holder.id))
        )

    def _hash(self, code_id: str, code: str) -> str:
        return self._kept.keyed_hash("codes", code_id, plain_code(code))
