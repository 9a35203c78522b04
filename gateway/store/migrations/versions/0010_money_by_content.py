"""what staff moved alone is counted by its content: one request_id may be about several accounts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.base import LONG

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward. What was moved in the last day is counted anew."""
    _make(sa.Column("body_hash", sa.String(length=64), nullable=False))


def downgrade() -> None:
    """Back."""
    _make()


def _make(*further: sa.Column[str]) -> None:
    op.drop_table("money_actions")
    keys = ["actor", "request_id", *(column.name for column in further)]
    op.create_table(
        "money_actions",
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        *further,
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("amount", LONG, nullable=False),
        sa.Column("at", LONG, nullable=False),
        sa.PrimaryKeyConstraint(*keys, name=op.f("pk_money_actions")),
    )
    op.create_index(op.f("ix_money_actions_at"), "money_actions", ["at"], unique=False)
