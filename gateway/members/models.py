"""Members' addresses, keys and private notes. Of these only addresses and public keys ever reach the ledger."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.identity import models as identity  # noqa: F401  (a member's rows refer to the person)
from gateway.store.base import LONG, Base


class LinkedAddress(Base):
    """An address that a person showed to be theirs. `kind`: OWN (their own key) or CUSTODIAL (the gateway holds it)."""

    __tablename__ = "linked_addresses"

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.person_id", ondelete="CASCADE"), index=True)
    public_key: Mapped[str] = mapped_column(String(130))
    kind: Mapped[str] = mapped_column(String(12))
    linked_at: Mapped[int] = mapped_column(LONG)


class WrappedKey(Base):
    """A member's key as their browser wrapped it. Each change is a new version; the highest one counts."""

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


class Note(Base):
    """A note for one recipient of one transfer. Whoever has the recipient's key can read it, and nobody else."""

    __tablename__ = "notes"

    note_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    authoriser: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(64))
    recipient: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(LONG)
    ends_at: Mapped[int] = mapped_column(LONG, index=True)

    __table_args__ = (
        UniqueConstraint("authoriser", "request_id", "recipient"),
        Index(None, "recipient", "created_at"),
    )
