"""Private notes that go with transfers, as senders' browsers sealed them. They are never on the ledger, where they could not be erased."""

from __future__ import annotations

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.base import LONG, Base


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
