"""What waits for a second person, and what was moved without one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.store.base import LONG, Base


class Approval(Base):
    """An operation that needs a second person. `status`: PENDING, then REJECTED, EXPIRED or CONFIRMED, and after
    CONFIRMED one of DONE and REFUSED. Amounts are millionths of the settlement currency. `facts`: what it came to when
    it was asked for, and then when it was decided."""

    __tablename__ = "approvals"

    approval_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    action: Mapped[str] = mapped_column(String(64), index=True)
    operation: Mapped[dict[str, Any]]
    request_id: Mapped[str] = mapped_column(String(64), index=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    amount: Mapped[int | None] = mapped_column(LONG)
    limit_amount: Mapped[int | None] = mapped_column(LONG)
    facts: Mapped[list[Any] | None]
    status: Mapped[str] = mapped_column(String(16), index=True)
    requested_by: Mapped[str] = mapped_column(String(32))
    requested_person: Mapped[str] = mapped_column(String(32))
    requested_at: Mapped[int] = mapped_column(LONG)
    expires_at: Mapped[int] = mapped_column(LONG)
    decided_by: Mapped[str | None] = mapped_column(String(32))
    decided_at: Mapped[int | None] = mapped_column(LONG)
    reason: Mapped[str | None] = mapped_column(String(200))
    receipt: Mapped[dict[str, Any] | None]

    __table_args__ = (UniqueConstraint("requested_by", "body_hash"),)


class MoneyAction(Base):
    """What one member of staff moved without a second person; in millionths, added up over a day, so that many small
    actions count as a large one."""

    __tablename__ = "money_actions"

    actor: Mapped[str] = mapped_column(String(32), primary_key=True)
    request_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of the operation and its arguments: one request_id may be about several accounts."""
    action: Mapped[str] = mapped_column(String(64))
    amount: Mapped[int] = mapped_column(LONG)
    at: Mapped[int] = mapped_column(LONG, index=True)
