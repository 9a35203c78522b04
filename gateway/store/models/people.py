"""People: who they are, how they log in, the keys that are theirs. Nothing of this ever reaches the ledger but addresses and public keys.

A holder is whom a session, a passkey or a code belongs to: `PERSON` or `STAFF`, and the id.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.base import LONG, Base


class Person(Base):
    """A member as a person. The e-mail address and the telephone number (E.164) are normalised; at least one is there."""

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
    """A code that was sent to somebody, as a keyed hash. `code_hash` is null where the code can never fit: the address was not one that
    may do this, which the answer must not tell."""

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


class LinkedAddress(Base):
    """An address that a person showed to be hers. `kind`: OWN (her own key) or CUSTODIAL (the gateway holds it)."""

    __tablename__ = "linked_addresses"

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id", ondelete="CASCADE"), index=True)
    public_key: Mapped[str] = mapped_column(String(130))
    kind: Mapped[str] = mapped_column(String(12))
    linked_at: Mapped[int] = mapped_column(LONG)


class WrappedKey(Base):
    """A member's key as her browser wrapped it. Each change is a new version; the highest one counts."""

    __tablename__ = "wrapped_keys"

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id", ondelete="CASCADE"), index=True)
    document: Mapped[dict[str, Any]]
    created_at: Mapped[int] = mapped_column(LONG)


class CustodialKey(Base):
    """A member's key that the gateway holds, sealed by the key `key_id` for this row and address alone."""

    __tablename__ = "custodial_keys"

    custody_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id", ondelete="CASCADE"), unique=True)
    address: Mapped[str] = mapped_column(String(64), unique=True)
    key_id: Mapped[str] = mapped_column(String(32), index=True)
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(LONG)
    sealed_at: Mapped[int] = mapped_column(LONG)


class LegacyImport(Base):
    """A file of old cards that finance loaded. `status`: LOADED, CONFIRMED (on its way to the ledger), DONE or WITHDRAWN (only the cards that were written are left)."""

    __tablename__ = "legacy_imports"

    import_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    class_id: Mapped[str] = mapped_column(String(32))
    rows: Mapped[int]
    points: Mapped[int] = mapped_column(LONG)
    file_hash: Mapped[str] = mapped_column(String(64), unique=True)
    file_name: Mapped[str | None] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(12))
    created_by: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[int] = mapped_column(LONG)


class LegacyCard(Base):
    """An old card by the salted hash of its number, with the keyed hash of what proves it. `person_id` is who claimed it."""

    __tablename__ = "legacy_cards"

    reference_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    class_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    import_id: Mapped[str] = mapped_column(ForeignKey("legacy_imports.import_id"), index=True)
    line: Mapped[int]
    points: Mapped[int] = mapped_column(LONG)
    expires_on: Mapped[str | None] = mapped_column(String(10))
    proof_salt: Mapped[str] = mapped_column(String(64))
    proof_hash: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[str | None] = mapped_column(String(32), index=True)
    claimed_at: Mapped[int | None] = mapped_column(LONG)
    reference_tail: Mapped[str | None] = mapped_column(String(4))
