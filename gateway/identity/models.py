"""Who logs in: people and staff, their log-ins, codes and passkeys, and programs' API keys. Nothing of this ever
reaches the ledger.

A holder is whom a session, a passkey or a code belongs to: `PERSON` or `STAFF`, and the id.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.base import LONG, Base


class Person(Base):
    """A member as a person. The e-mail address and the telephone number (E.164) are normalised; at least one is
    there."""

    __tablename__ = "people"

    person_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    email: Mapped[str | None] = mapped_column(String(320), unique=True)
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    name: Mapped[str | None] = mapped_column(String(80))
    locale: Mapped[str] = mapped_column(String(8))
    password_hash: Mapped[str | None] = mapped_column(String(256))
    password_changed_at: Mapped[int | None] = mapped_column(LONG)
    created_at: Mapped[int] = mapped_column(LONG)


class LoginSession(Base):
    """A log-in that lasts. Only the SHA-256 of the token is here."""

    __tablename__ = "login_sessions"

    session_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    holder_kind: Mapped[str] = mapped_column(String(8))
    holder_id: Mapped[str] = mapped_column(String(32))
    method: Mapped[str] = mapped_column(String(16))
    device: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[int] = mapped_column(LONG)
    authenticated_at: Mapped[int] = mapped_column(LONG)
    last_used_at: Mapped[int] = mapped_column(LONG)
    ends_at: Mapped[int] = mapped_column(LONG, index=True)

    __table_args__ = (Index(None, "holder_kind", "holder_id"),)


class OneTimeCode(Base):
    """A code that was sent to somebody, as a keyed hash. `code_hash` is null where the code can never fit: the address
    was not one that may do this, which the answer must not tell."""

    __tablename__ = "one_time_codes"

    code_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(24))
    holder_kind: Mapped[str | None] = mapped_column(String(8))
    holder_id: Mapped[str | None] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(String(320))
    code_hash: Mapped[str | None] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]]
    attempts: Mapped[int]
    created_at: Mapped[int] = mapped_column(LONG)
    expires_at: Mapped[int] = mapped_column(LONG, index=True)

    __table_args__ = (Index(None, "holder_kind", "holder_id"),)


class Challenge(Base):
    """Random bytes that a key must sign once: for a passkey, or to show that an address is one's own."""

    __tablename__ = "challenges"

    challenge_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(24))
    challenge: Mapped[str] = mapped_column(String(100))
    holder_kind: Mapped[str | None] = mapped_column(String(8))
    holder_id: Mapped[str | None] = mapped_column(String(32))
    session_id: Mapped[str | None] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]]
    expires_at: Mapped[int] = mapped_column(LONG, index=True)


class Throttle(Base):
    """Attempts of one kind by one account or source. `key` holds a keyed hash, not the address itself."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    attempts: Mapped[int]
    blocked_until: Mapped[int] = mapped_column(LONG)
    forgotten_at: Mapped[int] = mapped_column(LONG, index=True)


class Passkey(Base):
    """A WebAuthn credential: its public key and the count of its signatures."""

    __tablename__ = "passkeys"

    passkey_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    credential_id: Mapped[str] = mapped_column(Text, unique=True)
    holder_kind: Mapped[str] = mapped_column(String(8))
    holder_id: Mapped[str] = mapped_column(String(32))
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(LONG)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[int] = mapped_column(LONG)
    last_used_at: Mapped[int | None] = mapped_column(LONG)

    __table_args__ = (Index(None, "holder_kind", "holder_id"),)


class StaffAccount(Base):
    """A person who works for the merchant. `status`: INVITED, ACTIVE or DISABLED."""

    __tablename__ = "staff_accounts"

    staff_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(320), unique=True)
    locale: Mapped[str] = mapped_column(String(8))
    roles: Mapped[list[Any]]
    status: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(256))
    invited_by: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[int] = mapped_column(LONG)


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
