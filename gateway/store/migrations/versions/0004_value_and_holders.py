"""approvals in money with what they come to, who holds a key's secret"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.base import DOCUMENT, LONG

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPROVALS = sa.table(
    "approvals",
    sa.column("approval_id", sa.String),
    sa.column("operation", DOCUMENT),
    sa.column("request_id", sa.String),
    sa.column("amount", LONG),
    sa.column("limit_amount", LONG),
)
KEYS = sa.table("api_keys", sa.column("key_id", sa.String), sa.column("created_by", sa.String))
SECRETS = sa.table(
    "api_key_secrets", sa.column("key_id", sa.String), sa.column("created_at", LONG), sa.column("held_by", sa.String)
)
AUDIT = sa.table(
    "audit_entries",
    sa.column("at", LONG),
    sa.column("actor", sa.String),
    sa.column("action", sa.String),
    sa.column("object_id", sa.String),
)
COUNTED = sa.table("money_actions")


def upgrade() -> None:
    """Forward. What was counted in points is not counted on: the day's sums begin anew, in money."""
    with op.batch_alter_table("api_key_secrets") as batch_op:
        batch_op.add_column(sa.Column("held_by", sa.String(length=32), nullable=True))
    with op.batch_alter_table("approvals") as batch_op:
        batch_op.add_column(sa.Column("request_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("facts", DOCUMENT, nullable=True))
        batch_op.alter_column("amount", existing_type=LONG, nullable=True)
        batch_op.alter_column("limit_amount", existing_type=LONG, nullable=True)
    connection = op.get_bind()
    maker = sa.select(KEYS.c.created_by).where(KEYS.c.key_id == SECRETS.c.key_id).scalar_subquery()
    connection.execute(sa.update(SECRETS).values(held_by=maker))
    rotated = sa.select(AUDIT.c.object_id, AUDIT.c.at, AUDIT.c.actor).where(AUDIT.c.action == "rotateApiKey")
    for key_id, at, actor in connection.execute(rotated).all():
        made = (SECRETS.c.key_id == key_id) & (SECRETS.c.created_at == at)
        connection.execute(sa.update(SECRETS).where(made).values(held_by=actor))
    for approval_id, operation in connection.execute(sa.select(APPROVALS.c.approval_id, APPROVALS.c.operation)).all():
        named = APPROVALS.c.approval_id == approval_id
        values = {"request_id": operation["request_id"], "amount": None, "limit_amount": None}
        connection.execute(sa.update(APPROVALS).where(named).values(**values))
    connection.execute(sa.delete(COUNTED))
    with op.batch_alter_table("api_key_secrets") as batch_op:
        batch_op.alter_column("held_by", existing_type=sa.String(length=32), nullable=False)
    with op.batch_alter_table("approvals") as batch_op:
        batch_op.alter_column("request_id", existing_type=sa.String(length=64), nullable=False)
        batch_op.create_index(batch_op.f("ix_approvals_request_id"), ["request_id"], unique=False)


def downgrade() -> None:
    """Back. Amounts in money are none in points: they become 0."""
    connection = op.get_bind()
    connection.execute(sa.update(APPROVALS).values(amount=0, limit_amount=0))
    connection.execute(sa.delete(COUNTED))
    with op.batch_alter_table("approvals") as batch_op:
        batch_op.drop_index(batch_op.f("ix_approvals_request_id"))
        batch_op.drop_column("request_id")
        batch_op.drop_column("facts")
        batch_op.alter_column("amount", existing_type=LONG, nullable=False)
        batch_op.alter_column("limit_amount", existing_type=LONG, nullable=False)
    with op.batch_alter_table("api_key_secrets") as batch_op:
        batch_op.drop_column("held_by")
