"""The audit log: what staff and programs did, as a chain of hashes.

Each row's hash is SHA-256 of the canonical JSON of the row and the hash before it. A row that is changed, taken out or
put elsewhere breaks the chain at that row. Rows taken off the end break nothing that is left, so the head (number and
hash) is given out, to be kept where the gateway's operator cannot write: `verify` takes it back.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from chaincode.spec.kernel.canonical import encode
from gateway.security.models import AuditEntry, AuditHead
from gateway.security.principals import Principal, actor
from gateway.store.engine import Store

GENESIS_HASH = "0" * 64
DONE = "DONE"
SYSTEM = "system"
"""Who acted from the command line, with no account of staff."""
ROWS_PER_READ = 500


@dataclass(frozen=True)
class Head:
    """The newest row: what to keep elsewhere. Number 0 and the genesis hash before there is any."""

    sequence: int
    hash: str


@dataclass(frozen=True)
class Broken:
    """The first row that does not hold, and why."""

    sequence: int
    reason: str


@dataclass(frozen=True)
class Verified:
    """What `verify` found: the rows that it read, the head, and the first broken row if there is one."""

    rows: int
    head: Head
    broken: Broken | None


class AuditLog:
    """Appends and checks."""

    def __init__(self, store: Store, *, clock: Callable[[], int] = lambda: int(time.time())) -> None:
        self._store = store
        self._clock = clock

    def append(
        self,
        session: Session,
        principal: Principal,
        action: str,
        object_id: str,
        *,
        outcome: str = DONE,
        request_id: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Adds a row in the caller's transaction, so that it stands exactly when the action does. `details` hold ids
        and numbers, never personal data. Holds the log's lock until the transaction ends: append last."""
        who, roles = actor(principal)
        self._append(session, who, roles, action, object_id, outcome, request_id, details or {})

    def append_system(
        self, session: Session, action: str, object_id: str, *, details: Mapping[str, Any] | None = None
    ) -> None:
        """Adds a row for what the gateway's own operator did at the command line."""
        self._append(session, SYSTEM, [], action, object_id, DONE, None, details or {})

    def record(self, principal: Principal, action: str, object_id: str, **rest: Any) -> None:
        """Adds a row in a transaction of its own, for actions that are not in this database."""
        with self._store.writing() as session:
            self.append(session, principal, action, object_id, **rest)

    def _append(
        self,
        session: Session,
        who: str,
        roles: list[str],
        action: str,
        object_id: str,
        outcome: str,
        request_id: str | None,
        details: Mapping[str, Any],
    ) -> None:
        head = self._locked_head(session)
        entry = AuditEntry(
            sequence=head.sequence + 1,
            at=self._clock(),
            actor=who,
            roles=roles,
            action=action,
            object_id=object_id[:200],
            outcome=outcome[:64],
            request_id=request_id,
            details=dict(details),
            previous_hash=head.hash,
        )
        entry.hash = hash_of(entry)
        session.add(entry)
        head.sequence, head.hash = entry.sequence, entry.hash
        session.flush()

    def _locked_head(self, session: Session) -> AuditHead:
        """The head's row, locked (PostgreSQL) or within the one write transaction that there is (SQLite)."""
        insert = insert_postgresql if self._store.dialect == "postgresql" else insert_sqlite
        question = select(AuditHead).where(AuditHead.head_id == 1).with_for_update()
        fresh = question.execution_options(populate_existing=True)
        found = session.scalar(fresh)
        if found is None:
            session.execute(insert(AuditHead).values(head_id=1, sequence=0, hash=GENESIS_HASH).on_conflict_do_nothing())
            found = session.scalar(fresh)
        assert found is not None
        return found

    def head(self) -> Head:
        """The newest row's number and hash."""
        with self._store.reading() as session:
            return self._head(session)

    @staticmethod
    def _head(session: Session) -> Head:
        found = session.get(AuditHead, 1)
        return Head(0, GENESIS_HASH) if found is None else Head(found.sequence, found.hash)

    def rows(
        self,
        *,
        before: int | None = None,
        limit: int = 50,
        actors: Sequence[str] | None = None,
        actions: Sequence[str] | None = None,
    ) -> Sequence[AuditEntry]:
        """Rows, newest first, with numbers below `before`: what any of the actors did, any of the actions."""
        question = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(limit)
        if before is not None:
            question = question.where(AuditEntry.sequence < before)
        if actors is not None:
            question = question.where(AuditEntry.actor.in_(actors))
        if actions is not None:
            question = question.where(AuditEntry.action.in_(actions))
        with self._store.reading() as session:
            return session.scalars(question).all()

    def verify(self, kept: Sequence[Head] = ()) -> Verified:
        """Reads every row. `kept` are heads given out before: a row that one of them names must be there with that
        hash."""
        wanted = {head.sequence: head.hash for head in kept}
        previous, read = Head(0, GENESIS_HASH), 0
        with self._store.reading() as session:
            head = self._head(session)
            wanted.setdefault(head.sequence, head.hash)
            while True:
                rows = session.scalars(
                    select(AuditEntry)
                    .where(AuditEntry.sequence > previous.sequence)
                    .order_by(AuditEntry.sequence)
                    .limit(ROWS_PER_READ)
                ).all()
                for entry in rows:
                    reason = _fault(entry, previous, wanted)
                    if reason is not None:
                        return Verified(read, head, Broken(previous.sequence + 1, reason))
                    previous, read = Head(entry.sequence, entry.hash), read + 1
                if not rows:
                    break
                session.expunge_all()
        if any(number > previous.sequence for number in wanted):
            return Verified(read, head, Broken(previous.sequence + 1, "the row is missing at the end"))
        # Rows may have come while this read; the head came with them.
        newest = self.head()
        if previous.sequence > newest.sequence:
            return Verified(read, head, Broken(newest.sequence + 1, "the row stands behind the head"))
        return Verified(read, head, None)


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 of the canonical JSON of the row, which holds the hash before it."""
    document = {
        "action": entry.action,
        "actor": entry.actor,
        "at": entry.at,
        "details": entry.details,
        "object_id": entry.object_id,
        "outcome": entry.outcome,
        "previous_hash": entry.previous_hash,
        "request_id": entry.request_id,
        "roles": entry.roles,
        "sequence": entry.sequence,
    }
    return hashlib.sha256(encode(document)).hexdigest()


def _fault(entry: AuditEntry, previous: Head, wanted: Mapping[int, str]) -> str | None:
    if entry.sequence != previous.sequence + 1:
        return "the row is missing"
    if entry.previous_hash != previous.hash:
        return "the row does not follow the one before it"
    if hash_of(entry) != entry.hash:
        return "the row was changed"
    if wanted.get(entry.sequence, entry.hash) != entry.hash:
        return "the row is not the one whose hash was given out"
    return None
