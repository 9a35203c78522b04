"""Files of old cards, and the cards in them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.base import LONG, Base


class LegacyImport(Base):
    """A file of old cards that finance loaded. `status`: LOADED, CONFIRMED (on its way to the ledger), DONE or
    WITHDRAWN (only the cards that were written are left)."""

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
    """An old card by the salted hash of its number, with the keyed hash of what proves it. `person_id` is who claimed
    it."""

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
