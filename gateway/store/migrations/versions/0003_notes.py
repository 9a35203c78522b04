"""private notes with transfers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.base import LONG

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "notes",
        sa.Column("note_id", sa.String(length=32), nullable=False),
        sa.Column("authoriser", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", LONG, nullable=False),
        sa.Column("ends_at", LONG, nullable=False),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_notes")),
        sa.UniqueConstraint(
            "authoriser", "request_id", "recipient", name=op.f("uq_notes_authoriser_request_id_recipient")
        ),
    )
    with op.batch_alter_table("notes") as batch_op:
        batch_op.create_index(batch_op.f("ix_notes_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notes_recipient_created_at"), ["recipient", "created_at"], unique=False)


def downgrade() -> None:
    """Back. The notes are lost."""
    op.drop_table("notes")
