"""the day on which each member was enrolled"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
MEMBERS = sa.table("projection_members", sa.column("address", NAME), sa.column("enrolled_on", NAME))
DOCUMENTS = sa.table("projection_documents", sa.column("key", NAME), sa.column("value", sa.Text))


def upgrade() -> None:
    """Forward. The days stand in the members' documents."""
    with op.batch_alter_table("projection_members") as batch_op:
        batch_op.add_column(sa.Column("enrolled_on", NAME, nullable=True))
    connection = op.get_bind()
    wanted = sa.select(DOCUMENTS.c.value).where(DOCUMENTS.c.key.startswith("member/", autoescape=True))
    for text in connection.execute(wanted).scalars().all():
        member = json.loads(text)
        changed = sa.update(MEMBERS).where(MEMBERS.c.address == member["address"])
        connection.execute(changed.values(enrolled_on=member["enrolled_on"]))
    with op.batch_alter_table("projection_members") as batch_op:
        batch_op.alter_column("enrolled_on", existing_type=NAME, nullable=False)


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("projection_members") as batch_op:
        batch_op.drop_column("enrolled_on")
