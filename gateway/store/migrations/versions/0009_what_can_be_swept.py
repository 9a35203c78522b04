"""from when on something can be swept of a document; receipts are documents as others"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.base import LONG

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHERE = sa.text("ends_at IS NOT NULL")


def upgrade() -> None:
    """Forward. The projection was emptied by the migration before."""
    with op.batch_alter_table("projection_documents") as batch_op:
        batch_op.add_column(sa.Column("ends_at", LONG, nullable=True))
    op.create_index(
        "ix_projection_documents_ends_at",
        "projection_documents",
        ["ends_at"],
        sqlite_where=WHERE,
        postgresql_where=WHERE,
    )
    with op.batch_alter_table("projection_operations") as batch_op:
        batch_op.drop_column("receipt_valid_until")


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("projection_operations") as batch_op:
        batch_op.add_column(sa.Column("receipt_valid_until", LONG, nullable=True))
    op.drop_index("ix_projection_documents_ends_at", "projection_documents")
    with op.batch_alter_table("projection_documents") as batch_op:
        batch_op.drop_column("ends_at")
