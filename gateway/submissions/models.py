"""Operations whose callers were told 202: what was asked, and how it ended."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.base import DOCUMENT, LONG, Base


class SubmissionRow(Base):
    """One such operation. `state`: PENDING, COMMITTED (then `receipt`), REFUSED (then `code` and `detail`). From
    `due_at` on a gateway that finds it PENDING sends it again."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("authoriser", "request_id", "content_hash"),
        Index("ix_submissions_state", "state", "due_at"),
    )

    submission_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    authoriser: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    operation: Mapped[dict[str, Any]] = mapped_column(DOCUMENT)
    identity: Mapped[str] = mapped_column(String(32))
    timestamp: Mapped[int | None] = mapped_column(LONG)
    state: Mapped[str] = mapped_column(String(16))
    code: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[str | None] = mapped_column(String(1024))
    receipt: Mapped[dict[str, Any] | None] = mapped_column(DOCUMENT)
    block_number: Mapped[int | None] = mapped_column(LONG)
    created_at: Mapped[int] = mapped_column(LONG)
    due_at: Mapped[int] = mapped_column(LONG)
    ended_at: Mapped[int | None] = mapped_column(LONG)
