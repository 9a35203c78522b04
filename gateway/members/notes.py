"""Private notes with transfers, kept for their recipients. The gateway cannot read them: the sender's browser sealed
each for the recipient's key.

A note goes with a transfer that is on the ledger, one for each recipient, so that nobody is written to without being
sent something.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, or_, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.core.cursors import decode_pair, encode_cursor
from gateway.core.errors import GatewayError
from gateway.members.models import Note
from gateway.members.settings import NoteSettings
from gateway.store.base import new_id
from gateway.store.engine import Store

SECONDS_PER_DAY = 86_400

_log = structlog.get_logger()


@dataclass(frozen=True)
class NotePage:
    """Some notes, newest first, and the cursor behind them (None at the end)."""

    notes: list[Note]
    next: str | None


class Notes:
    """Keeps notes and gives them out. `recipients_of(authoriser, request_id)`: who was sent points by that operation;
    it may raise."""

    def __init__(
        self,
        store: Store,
        settings: NoteSettings,
        recipients_of: Callable[[str, str], frozenset[str]],
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._settings = settings
        self._recipients_of = recipients_of
        self._clock = clock

    def leave(self, authoriser: str, request_id: str, recipient: str, sealed: str) -> Note:
        """Keeps a note; the same one again is the first. Raises GatewayError NOTE_REFUSED (no such transfer to this
        recipient), NOTE_EXISTS (with another content)."""
        found = self._find(authoriser, request_id, recipient)
        if found is None:
            if recipient not in self._recipients_of(authoriser, request_id):
                raise GatewayError("NOTE_REFUSED", "this operation sent the recipient nothing")
            now = self._clock()
            made = Note(
                note_id=new_id("not"),
                authoriser=authoriser,
                request_id=request_id,
                recipient=recipient,
                sealed=sealed,
                created_at=now,
                ends_at=now + self._settings.days * SECONDS_PER_DAY,
            )
            try:
                with self._store.writing() as session:
                    session.add(made)
                _log.info("note_left", note=made.note_id)
                return made
            except IntegrityError:  # left twice at the same time
                found = self._find(authoriser, request_id, recipient)
        if found is None or found.sealed != sealed:
            raise GatewayError("NOTE_EXISTS", "one note goes with a transfer to a recipient")
        return found

    def list(self, account: str, cursor: str | None = None, limit: int = 50) -> NotePage:
        """The notes that an account sent or was sent, newest first. Raises GatewayError CURSOR_INVALID."""
        filters = {"account": account}
        behind = decode_pair("notes", filters, cursor)
        wanted = (
            select(Note)
            .where(or_(Note.recipient == account, Note.authoriser == account), Note.ends_at > self._clock())
            .order_by(Note.created_at.desc(), Note.note_id.desc())
            .limit(limit + 1)
        )
        if behind is not None:
            wanted = wanted.where(tuple_(Note.created_at, Note.note_id) < tuple_(*behind))
        with self._store.reading() as session:
            rows = list(session.scalars(wanted).all())
        more = len(rows) > limit
        rows = rows[:limit]
        following = encode_cursor("notes", filters, f"{rows[-1].created_at}.{rows[-1].note_id}") if more else None
        return NotePage(rows, following)

    def of(self, session: Session, addresses: Iterable[str]) -> Sequence[Note]:
        """All notes that these addresses sent or were sent, oldest first, in the caller's session."""
        among = list(addresses)
        wanted = select(Note).where(or_(Note.recipient.in_(among), Note.authoriser.in_(among)))
        return session.scalars(wanted.order_by(Note.created_at, Note.note_id)).all()

    def end(self, session: Session, addresses: Iterable[str]) -> None:
        """Deletes all notes that these addresses sent or were sent, in the caller's transaction."""
        among = list(addresses)
        session.execute(delete(Note).where(or_(Note.recipient.in_(among), Note.authoriser.in_(among))))

    def purge(self) -> None:
        """Deletes what was kept for long enough."""
        with self._store.writing() as session:
            session.execute(delete(Note).where(Note.ends_at <= self._clock()))

    def _find(self, authoriser: str, request_id: str, recipient: str) -> Note | None:
        with self._store.reading() as session:
            return session.scalar(
                select(Note).where(
                    Note.authoriser == authoriser, Note.request_id == request_id, Note.recipient == recipient
                )
            )
