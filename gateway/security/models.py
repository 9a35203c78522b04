"""The gateway's own secrets, sealed, and the audit log: a chain of rows, each of which holds the hash of the one before
it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.base import LONG, Base


class StoredSecret(Base):
    """A random value that the gateway made for itself, sealed by the key `key_id`."""

    __tablename__ = "kept_secrets"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32), index=True)
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(LONG)


class AuditEntry(Base):
    """What one member of staff, program or person did. Holds ids and no personal data."""

    __tablename__ = "audit_entries"

    sequence: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=False)
    at: Mapped[int] = mapped_column(LONG, index=True)
    actor: Mapped[str] = mapped_column(String(64), index=True)
    roles: Mapped[list[Any]]
    action: Mapped[str] = mapped_column(String(64), index=True)
    object_id: Mapped[str] = mapped_column(String(200), index=True)
    outcome: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The newest row's number and hash; whoever appends holds this one row's lock, so numbers have no gaps."""

    __tablename__ = "audit_head"

    head_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(LONG)
    hash: Mapped[str] = mapped_column(String(64))
