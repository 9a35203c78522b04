"""API keys and their secrets, and the gateway's own secrets, sealed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.base import LONG, Base


class ApiKey(Base):
    """What a program shows to be let in. Times are Unix seconds; `last_used_at` is written at most once a minute."""

    __tablename__ = "api_keys"

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    scopes: Mapped[list[Any]]
    requests_per_minute: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[int] = mapped_column(LONG)
    expires_at: Mapped[int | None] = mapped_column(LONG)
    revoked_at: Mapped[int | None] = mapped_column(LONG)
    last_used_at: Mapped[int | None] = mapped_column(LONG)


class ApiKeySecret(Base):
    """One secret of a key, as its SHA-256. During a rotation a key has two; the older one ends at `expires_at`.
    `held_by` is who was shown it."""

    __tablename__ = "api_key_secrets"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(ForeignKey("api_keys.key_id", ondelete="CASCADE"), index=True)
    held_by: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[int] = mapped_column(LONG)
    expires_at: Mapped[int | None] = mapped_column(LONG)


class KeptSecret(Base):
    """A random value that the gateway made for itself, sealed by the key `key_id`."""

    __tablename__ = "kept_secrets"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(32), index=True)
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(LONG)
