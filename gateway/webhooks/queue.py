"""The messages that are due, claimed and finished: the part of sending that is done in the database.

A claimed message has a lease. Whoever claims, in whatever process, leaves leased messages alone until the lease is
over; who comes back after that with an outcome is too late, and nothing is written. A message is due only when no
earlier one of its accounts at its endpoint is unfinished.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, aliased

from gateway.store.engine import Store
from gateway.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage, WebhookSecret, WebhookTurn
from gateway.webhooks.outbox import DEAD, DELIVERED, PENDING
from gateway.webhooks.owners import ACTIVE, DISABLED, Owners, everything, stopped
from gateway.webhooks.settings import WebhookSettings
from gateway.webhooks.transport import DeliveryOutcome

log = structlog.get_logger()

LEASE_MARGIN_SECONDS = 30
FAILURES_BEFORE_PAUSE = 3
"""So many failures in a row, over all messages, are taken for an endpoint that is away: then it is tried with one
message at a time."""
GONE = 410
KEPT_SECONDS = 14 * 86_400
PURGED_AT_ONCE = 1_000


@dataclass(frozen=True)
class Claimed:
    """One message to be sent now."""

    message_id: str
    endpoint_id: str
    lease: str
    url: str
    body: str
    sealed_secrets: tuple[bytes, ...]


@dataclass(frozen=True)
class Finished:
    """How the sending of a claimed message ended."""

    claimed: Claimed
    outcome: DeliveryOutcome


class Queue:
    """Works on one store. `chance` gives numbers from 0 up to 1, for the jitter."""

    def __init__(
        self,
        store: Store,
        settings: WebhookSettings,
        clock: Callable[[], int],
        chance: Callable[[], float] = random.random,
        owners: Owners = everything,
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._owners = owners
        self._lease_seconds = int(settings.timeout_seconds) + LEASE_MARGIN_SECONDS
        self._turn = 0

    def step(self, finished: Sequence[Finished], busy: Mapping[str, int], free: int) -> list[Claimed]:
        """Writes down outcomes, and claims at most `free` messages; `busy` says how many are being sent, by endpoint.
        One transaction, and none at all when there is nothing to do."""
        if not finished:
            with self._store.reading() as session:
                if free <= 0 or not self._due_endpoints(session):
                    return []
        with self._store.writing() as session:
            # Endpoints first and in order, as everybody locks them: then no two transactions wait for each other.
            for name in sorted({one.claimed.endpoint_id for one in finished}):
                locked_endpoint(session, name)
            for one in finished:
                self._finish(session, one)
            session.flush()
            return self._claim(session, dict(busy), free) if free > 0 else []

    def purge(self) -> int:
        """Forgets some messages that were delivered long ago; gives how many."""
        before = self._clock() - KEPT_SECONDS
        with self._store.writing() as session:
            old = select(WebhookMessage.id).where(
                WebhookMessage.status == DELIVERED, WebhookMessage.finished_at < before
            )
            names = list(session.scalars(old.limit(PURGED_AT_ONCE)))
            session.execute(delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(names)))
            session.execute(delete(WebhookMessage).where(WebhookMessage.id.in_(names)))
            return len(names)

    def _due_endpoints(self, session: Session) -> list[str]:
        """Endpoints that take messages now and have any that is not being sent, in order."""
        now = self._clock()
        message = WebhookMessage
        waiting = (
            select(message.id)
            .where(
                message.endpoint_id == WebhookEndpoint.id,
                message.status == PENDING,
                message.next_attempt_at <= now,
                or_(message.lease_until.is_(None), message.lease_until <= now),
            )
            .exists()
        )
        wanted = select(WebhookEndpoint.id).where(
            WebhookEndpoint.status == ACTIVE, WebhookEndpoint.resume_at <= now, waiting
        )
        return list(session.scalars(wanted.order_by(WebhookEndpoint.id)))

    def _claim(self, session: Session, busy: dict[str, int], free: int) -> list[Claimed]:
        names = self._due_endpoints(session)
        if not names:
            return []
        # Each round another endpoint comes first, and none gets more than its share; one alone leaves half of the room
        # for who comes next.
        self._turn = (self._turn + 1) % len(names)
        share = max(1, self._settings.concurrent_max // max(2, len(set(names) | set(busy))))
        found: list[Claimed] = []
        for name in names[self._turn :] + names[: self._turn]:
            endpoint = session.get_one(WebhookEndpoint, name)
            if stopped(session, endpoint, self._owners):
                continue
            allowed = 1 if endpoint.failures_in_a_row >= FAILURES_BEFORE_PAUSE else share
            count = min(allowed - busy.get(name, 0), free - len(found))
            if count > 0:
                found += self._claim_of(session, endpoint, count)
        return found

    def _claim_of(self, session: Session, endpoint: WebhookEndpoint, count: int) -> list[Claimed]:
        now = self._clock()
        message, mine, earlier = WebhookMessage, aliased(WebhookTurn), aliased(WebhookTurn)
        blocked = (
            select(mine.message_id)
            .join(earlier, (earlier.endpoint_id == mine.endpoint_id) & (earlier.account == mine.account))
            .where(mine.message_id == message.id, earlier.number < mine.number)
            .exists()
        )
        wanted = (
            select(message)
            .where(
                message.endpoint_id == endpoint.id,
                message.status == PENDING,
                message.next_attempt_at <= now,
                or_(message.lease_until.is_(None), message.lease_until <= now),
                ~blocked,
            )
            .order_by(message.number)
            .limit(count)
            .with_for_update(skip_locked=True)
        )
        sealed = tuple(
            session.scalars(
                select(WebhookSecret.sealed)
                .where(
                    WebhookSecret.endpoint_id == endpoint.id,
                    or_(WebhookSecret.expires_at.is_(None), WebhookSecret.expires_at > now),
                )
                .order_by(WebhookSecret.created_at.desc(), WebhookSecret.id)
            )
        )
        claimed = []
        for found in session.scalars(wanted).all():
            found.lease, found.lease_until = secrets.token_hex(8), now + self._lease_seconds
            claimed.append(Claimed(found.id, endpoint.id, found.lease, endpoint.url, found.body, sealed))
        return claimed

    def _finish(self, session: Session, finished: Finished) -> None:
        message = session.get(WebhookMessage, finished.claimed.message_id, with_for_update=True, populate_existing=True)
        if message is None or message.lease != finished.claimed.lease:
            return
        now, outcome = self._clock(), finished.outcome
        endpoint = session.get_one(WebhookEndpoint, message.endpoint_id)
        message.attempts += 1
        message.lease = message.lease_until = None
        message.last_outcome = outcome.text
        session.add(
            WebhookAttempt(
                message_id=message.id,
                at=now,
                status_code=outcome.status_code,
                error=outcome.error,
                duration_milliseconds=outcome.duration_milliseconds,
            )
        )
        if outcome.delivered:
            end(session, message, DELIVERED, now)
            endpoint.failures_in_a_row, endpoint.resume_at = 0, 0
            return
        endpoint.failures_in_a_row += 1
        if outcome.status_code == GONE:
            endpoint.status, endpoint.disabled_reason = DISABLED, "the receiver answered 410 Gone"
            log.info("webhook_disabled", endpoint=endpoint.id)
        if outcome.status_code == GONE or message.attempts >= self._settings.attempts_max:
            end(session, message, DEAD, now)
            log.info("webhook_dead", endpoint=endpoint.id, message=message.id, outcome=outcome.text)
        else:
            message.next_attempt_at = now + self._pause(message.attempts, outcome)
        away = endpoint.failures_in_a_row - FAILURES_BEFORE_PAUSE
        if away >= 0:
            endpoint.resume_at = now + self._pause(away + 1, outcome)

    def _pause(self, attempts: int, outcome: DeliveryOutcome) -> int:
        """Exponential back-off with full jitter, and at least what the receiver asked for; in seconds."""
        longest = self._settings.longest_pause_seconds
        bound = min(longest, self._settings.first_pause_seconds * 2.0 ** min(attempts - 1, 60))
        return round(max(bound * self._chance(), min(outcome.retry_after_seconds, longest)))


def locked_endpoint(session: Session, endpoint_id: str) -> WebhookEndpoint | None:
    """The endpoint, whose messages nobody else finishes or sends again before this transaction ends."""
    return session.get(WebhookEndpoint, endpoint_id, with_for_update={"key_share": True}, populate_existing=True)


def end(session: Session, message: WebhookMessage, status: str, now: int) -> None:
    """The message is finished; those behind it may go."""
    message.status, message.finished_at = status, now
    session.execute(delete(WebhookTurn).where(WebhookTurn.message_id == message.id))
