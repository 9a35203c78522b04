"""Messages as their receivers look after them: what was sent, what is dead, what shall be sent again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.core.cursors import decode_pair, encode_cursor
from gateway.core.errors import GatewayError
from gateway.projection.fold.operations import parse_place
from gateway.projection.fold.snapshots import readable_position
from gateway.projection.fold.table_writer import insert_missing
from gateway.projection.models import ProjectedEntry
from gateway.projection.queries.log import number_up_to, operations_behind
from gateway.store.base import new_id
from gateway.store.engine import Store
from gateway.webhooks.documents import (
    AttemptDocument,
    MessageDetail,
    MessageDocument,
    MessagePage,
    ReplayAnswer,
    ResentMessages,
)
from gateway.webhooks.endpoints import Note, endpoint_of, unnoted
from gateway.webhooks.events import TEST_EVENT, text_of
from gateway.webhooks.models import WebhookAttempt, WebhookCheckpoint, WebhookEndpoint, WebhookMessage, WebhookTurn
from gateway.webhooks.outbox import CHECKPOINT, DEAD, PENDING, Outbox
from gateway.webhooks.owners import ACTIVE, Disclosure, Owners, everything
from gateway.webhooks.queue import locked_endpoint

REPLAY_OPERATIONS_MAX = 1_000
RESEND_MAX = 1_000
ATTEMPTS_SHOWN = 100


class Messages:
    """Messages of one store. For many threads. Single ones raise GatewayError OBJECT_UNKNOWN."""

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        clock: Callable[[], int] = lambda: int(time.time()),
        owners: Owners = everything,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._clock = clock
        self._owners = owners

    def backlog(self) -> tuple[int, int]:
        """How many messages wait to be delivered, over all endpoints, and for how many seconds the oldest of them
        does."""
        wanted = select(func.count(), func.min(WebhookMessage.created_at)).where(WebhookMessage.status == PENDING)
        with self._store.reading() as session:
            count, oldest = session.execute(wanted).one()
        return int(count), max(0, self._clock() - oldest) if count else 0

    def list(
        self, endpoint_id: str, *, status: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> MessagePage:
        """An endpoint's messages, newest first; with a status, those alone (`DEAD`: the dead letters)."""
        filters = {"endpoint_id": endpoint_id, "status": status}
        message = WebhookMessage
        wanted = select(message).where(message.endpoint_id == endpoint_id)
        if status is not None:
            wanted = wanted.where(message.status == status)
        before = decode_pair("messages", filters, cursor)
        if before is not None:
            number, name = before
            wanted = wanted.where((message.number < number) | ((message.number == number) & (message.id < name)))
        with self._store.reading() as session:
            endpoint_of(session, endpoint_id)
            rows = session.scalars(wanted.order_by(message.number.desc(), message.id.desc()).limit(limit + 1)).all()
            last = rows[limit - 1] if len(rows) > limit else None
            following = encode_cursor("messages", filters, f"{last.number}.{last.id}") if last else None
            return MessagePage(items=[_document(row) for row in rows[:limit]], next=following)

    def get(self, endpoint_id: str, message_id: str) -> MessageDetail:
        """One message, with its body and attempts."""
        with self._store.reading() as session:
            row = _message_of(session, endpoint_id, message_id)
            attempts = session.scalars(
                select(WebhookAttempt)
                .where(WebhookAttempt.message_id == message_id)
                .order_by(WebhookAttempt.id.desc())
                .limit(ATTEMPTS_SHOWN)
            )
            return MessageDetail(
                **_document(row).model_dump(),
                payload=json.loads(row.body),
                attempt_list=[
                    AttemptDocument(**{name: getattr(attempt, name) for name in AttemptDocument.model_fields})
                    for attempt in attempts
                ],
            )

    def resend(self, endpoint_id: str, message_id: str, note: Note = unnoted) -> MessageDocument:
        """Sends one message again, whatever became of it. Raises GatewayError WEBHOOK_DISABLED."""
        with self._store.writing() as session:
            self._active(session, endpoint_id, note)
            row = _message_of(session, endpoint_id, message_id)
            self._revive(session, row)
            return _document(row)

    def resend_dead(self, endpoint_id: str, note: Note = unnoted) -> ResentMessages:
        """Sends the dead letters again, oldest first, at most RESEND_MAX at once. Raises GatewayError
        WEBHOOK_DISABLED."""
        with self._store.writing() as session:
            self._active(session, endpoint_id, note)
            wanted = select(WebhookMessage).where(
                WebhookMessage.endpoint_id == endpoint_id, WebhookMessage.status == DEAD
            )
            rows = session.scalars(wanted.order_by(WebhookMessage.number).limit(RESEND_MAX)).all()
            for row in rows:
                self._revive(session, row)
            return ResentMessages(messages=len(rows))

    def replay(self, endpoint_id: str, after: str, note: Note = unnoted) -> ReplayAnswer:
        """Sends what happened behind a cursor again, and what the endpoint never was told because it was not there or
        disabled: the same `webhook-id` for the same event. Raises GatewayError CURSOR_INVALID, WEBHOOK_DISABLED,
        PROJECTION_REBUILDING."""
        place = parse_place(after)
        with self._store.writing() as session:
            endpoint = self._active(session, endpoint_id, note)
            readable_position(session)
            operations = operations_behind(session, number_up_to(session, place), REPLAY_OPERATIONS_MAX)
            checkpoint = session.get(WebhookCheckpoint, CHECKPOINT)
            told = checkpoint.number if checkpoint is not None else 0
            # What comes behind the outbox's own checkpoint is still to be told for the first time.
            made = self._outbox.enqueue(session, endpoint, [one for one in operations if one.number <= told])
        full = len(operations) == REPLAY_OPERATIONS_MAX
        return ReplayAnswer(messages=made, next=operations[-1].place if full else None)

    def test(self, endpoint_id: str, note: Note = unnoted) -> MessageDocument:
        """Sends a message of the type `webhook.test`, which waits for no other. Raises GatewayError
        WEBHOOK_DISABLED."""
        now = self._clock()
        with self._store.writing() as session:
            self._active(session, endpoint_id, note)
            row = WebhookMessage(
                id=new_id("msg"),
                endpoint_id=endpoint_id,
                number=readable_position(session).operations,
                type=TEST_EVENT,
                body=text_of(TEST_EVENT, now, {"endpoint_id": endpoint_id}),
                status=PENDING,
                attempts=0,
                next_attempt_at=now,
                created_at=now,
            )
            session.add(row)
            return _document(row)

    def _active(self, session: Session, endpoint_id: str, note: Note) -> WebhookEndpoint:
        endpoint = locked_endpoint(session, endpoint_id)
        if endpoint is None:
            raise GatewayError("OBJECT_UNKNOWN", "there is no such webhook endpoint")
        if endpoint.status != ACTIVE or self._owners(session, endpoint.owner) is Disclosure.NOTHING:
            raise GatewayError("WEBHOOK_DISABLED", "set its status to ACTIVE first")
        note(session, endpoint_id)
        return endpoint

    def _revive(self, session: Session, row: WebhookMessage) -> None:
        now = self._clock()
        row.status, row.attempts, row.next_attempt_at = PENDING, 0, now
        row.lease = row.lease_until = row.finished_at = None
        if row.type == TEST_EVENT:
            return
        accounts = session.scalars(
            select(ProjectedEntry.account).where(ProjectedEntry.operation_number == row.number).distinct()
        ).all()
        insert_missing(
            session,
            WebhookTurn,
            [
                {"endpoint_id": row.endpoint_id, "account": queue, "number": row.number, "message_id": row.id}
                for queue in sorted(accounts) or [""]
            ],
        )


def _message_of(session: Session, endpoint_id: str, message_id: str) -> WebhookMessage:
    found = session.get(WebhookMessage, message_id)
    if found is None or found.endpoint_id != endpoint_id:
        raise GatewayError("OBJECT_UNKNOWN", "there is no such message")
    return found


def _document(row: WebhookMessage) -> MessageDocument:
    shown = {name: getattr(row, name) for name in MessageDocument.model_fields}
    return MessageDocument(**{**shown, "next_attempt_at": row.next_attempt_at if row.status == PENDING else None})
