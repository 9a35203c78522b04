"""kept operations are told apart by their content too"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chaincode.spec.kernel.authorisation import content_hash
from gateway.store.base import DOCUMENT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROWS = sa.table(
    "submissions",
    sa.column("submission_id", sa.String),
    sa.column("operation", DOCUMENT),
    sa.column("content_hash", sa.String),
)
BEFORE = "uq_submissions_authoriser_request_id"
AFTER = "uq_submissions_authoriser_request_id_content_hash"


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("submissions") as batch_op:
        batch_op.add_column(sa.Column("content_hash", sa.String(length=64), nullable=True))
    connection = op.get_bind()
    for submission_id, operation in connection.execute(sa.select(ROWS.c.submission_id, ROWS.c.operation)).all():
        named = ROWS.c.submission_id == submission_id
        connection.execute(sa.update(ROWS).where(named).values(content_hash=content_hash(operation)))
    with op.batch_alter_table("submissions") as batch_op:
        batch_op.alter_column("content_hash", existing_type=sa.String(length=64), nullable=False)
        batch_op.drop_constraint(BEFORE, type_="unique")
        batch_op.create_unique_constraint(AFTER, ["authoriser", "request_id", "content_hash"])


def downgrade() -> None:
    """Back. Where a request_id has several contents, what is committed stays, else the oldest."""
    connection = op.get_bind()
    rank = "ROW_NUMBER() OVER (PARTITION BY authoriser, request_id ORDER BY CASE state WHEN 'COMMITTED' THEN 0 ELSE 1 END, created_at)"
    others = (
        f"SELECT submission_id FROM (SELECT submission_id, {rank} AS place FROM submissions) AS ranked WHERE place > 1"
    )
    connection.execute(sa.text(f"DELETE FROM submissions WHERE submission_id IN ({others})"))
    with op.batch_alter_table("submissions") as batch_op:
        batch_op.drop_constraint(AFTER, type_="unique")
        batch_op.create_unique_constraint(BEFORE, ["authoriser", "request_id"])
        batch_op.drop_column("content_hash")
