"""payments and reservations found by their order's number, however it is typed"""

from __future__ import annotations

import json
from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from gateway.core.typed_codes import plain_code

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
REDEMPTIONS = sa.table(
    "projection_redemptions",
    sa.column("redemption_id", NAME),
    sa.column("order_ref", NAME),
    sa.column("order_code", NAME),
)
HOLDS = sa.table("projection_holds", sa.column("hold_id", NAME), sa.column("order_code", NAME))
DOCUMENTS = sa.table("projection_documents", sa.column("key", NAME), sa.column("value", sa.Text))
HOLD = "hold/"


def upgrade() -> None:
    """Forward. What is there already gets its code."""
    for table in ("projection_redemptions", "projection_holds"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("order_code", NAME, nullable=True))
    connection = op.get_bind()
    redemptions = connection.execute(sa.select(REDEMPTIONS.c.redemption_id, REDEMPTIONS.c.order_ref)).all()
    _fill(REDEMPTIONS, REDEMPTIONS.c.redemption_id, redemptions)
    wanted = sa.select(DOCUMENTS.c.key, DOCUMENTS.c.value).where(DOCUMENTS.c.key.startswith(HOLD, autoescape=True))
    holds = [(key.removeprefix(HOLD), json.loads(text)["order_ref"]) for key, text in connection.execute(wanted).all()]
    _fill(HOLDS, HOLDS.c.hold_id, holds)
    with op.batch_alter_table("projection_redemptions") as batch_op:
        batch_op.alter_column("order_code", existing_type=NAME, nullable=False)
        batch_op.drop_index("ix_projection_redemptions_order")
        batch_op.create_index("ix_projection_redemptions_order", ["acceptor_msp", "order_code"], unique=False)
    with op.batch_alter_table("projection_holds") as batch_op:
        batch_op.alter_column("order_code", existing_type=NAME, nullable=False)
        batch_op.create_index("ix_projection_holds_order", ["acceptor_msp", "order_code"], unique=False)


def _fill(
    table: sa.TableClause, name: sa.ColumnClause[str], rows: Iterable[sa.Row[str, str] | tuple[str, str]]
) -> None:
    statement = sa.update(table).where(name == sa.bindparam("named")).values(order_code=sa.bindparam("code"))
    if values := [{"named": named, "code": plain_code(order_ref)} for named, order_ref in rows]:
        op.get_bind().execute(statement, values)


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("projection_holds") as batch_op:
        batch_op.drop_index("ix_projection_holds_order")
        batch_op.drop_column("order_code")
    with op.batch_alter_table("projection_redemptions") as batch_op:
        batch_op.drop_index("ix_projection_redemptions_order")
        batch_op.create_index("ix_projection_redemptions_order", ["acceptor_msp", "order_ref"], unique=False)
        batch_op.drop_column("order_code")
