"""Webhooks: endpoints with their secrets, the messages still to be sent and those that were, the attempts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.base import DOCUMENT, LONG, Base


class WebhookEndpoint(Base):
    """Where messages go, and which."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    """Who made it: a principal's name."""
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    event_types: Mapped[list[Any] | None] = mapped_column(DOCUMENT)
    """Types wanted; None for all."""
    class_ids: Mapped[list[Any] | None] = mapped_column(DOCUMENT)
    accounts: Mapped[list[Any] | None] = mapped_column(DOCUMENT)
    own_only: Mapped[bool]
    """Whether only what concerns the gateway's own merchant is wanted."""
    status: Mapped[str]
    """ACTIVE or DISABLED."""
    disabled_reason: Mapped[str | None]
    created_at: Mapped[int] = mapped_column(LONG)
    updated_at: Mapped[int] = mapped_column(LONG)
    failures_in_a_row: Mapped[int]
    resume_at: Mapped[int] = mapped_column(LONG)
    """Nothing is sent to it before this second."""


class WebhookSecret(Base):
    """A signing secret, encrypted. The newest has no end; older ones sign beside it until theirs."""

    __tablename__ = "webhook_secrets"

    id: Mapped[str] = mapped_column(primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[int] = mapped_column(LONG)
    expires_at: Mapped[int | None] = mapped_column(LONG)


class WebhookMessage(Base):
    """One message to one endpoint. `id` is the `webhook-id`, the same over all attempts and replays."""

    __tablename__ = "webhook_messages"
    __table_args__ = (
        Index("ix_webhook_messages_due", "endpoint_id", "status", "number"),
        Index("ix_webhook_messages_finished", "status", "finished_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(LONG)
    """The operation's number in the projection."""
    type: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str]
    """PENDING, DELIVERED or DEAD."""
    attempts: Mapped[int]
    next_attempt_at: Mapped[int] = mapped_column(LONG)
    lease: Mapped[str | None]
    """Who is sending it now."""
    lease_until: Mapped[int | None] = mapped_column(LONG)
    created_at: Mapped[int] = mapped_column(LONG)
    finished_at: Mapped[int | None] = mapped_column(LONG)
    last_outcome: Mapped[str | None]
    """The last attempt's HTTP status, or why there was none."""


class WebhookTurn(Base):
    """A message that is not finished, in the queue of one account at one endpoint: it waits for those before it."""

    __tablename__ = "webhook_turns"

    endpoint_id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=False)
    message_id: Mapped[str] = mapped_column(ForeignKey("webhook_messages.id", ondelete="CASCADE"), index=True)


class WebhookAttempt(Base):
    """One attempt to deliver a message."""

    __tablename__ = "webhook_attempts"

    id: Mapped[int] = mapped_column(LONG, primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("webhook_messages.id", ondelete="CASCADE"), index=True)
    at: Mapped[int] = mapped_column(LONG)
    status_code: Mapped[int | None]
    error: Mapped[str | None]
    """Why there was no answer; a code."""
    duration_milliseconds: Mapped[int]


class WebhookCheckpoint(Base):
    """One row: up to which operation messages have been made. It never goes back, also when the projection is
    rebuilt."""

    __tablename__ = "webhook_checkpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(LONG)
