"""the name of a file of old cards, and the end of a claimed card's number"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("legacy_imports") as batch_op:
        batch_op.add_column(sa.Column("file_name", sa.String(length=120), nullable=True))
    with op.batch_alter_table("legacy_cards") as batch_op:
        batch_op.add_column(sa.Column("reference_tail", sa.String(length=4), nullable=True))


def downgrade() -> None:
    """Back. The names and ends are lost."""
    with op.batch_alter_table("legacy_cards") as batch_op:
        batch_op.drop_column("reference_tail")
    with op.batch_alter_table("legacy_imports") as batch_op:
        batch_op.drop_column("file_name")
