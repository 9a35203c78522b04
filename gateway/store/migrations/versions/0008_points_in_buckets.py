"""points in buckets by last day, each point with its number, so that its origin is found"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.base import LONG

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
EMPTIED = (
    "projection_checkpoint",
    "projection_documents",
    "projection_operations",
    "projection_entries",
    "projection_redemptions",
    "projection_redemption_entries",
    "projection_holds",
    "projection_members",
    "projection_class_flows",
)
ADDED = {"projection_entries": ("debt",), "projection_class_flows": ("indebted", "repaid")}


def upgrade() -> None:
    """Forward. The projection is emptied: a chain of the form before cannot be read any more, and a new one fills it."""
    _empty()
    op.drop_table("projection_lots")
    op.drop_table("projection_issuances")
    op.drop_table("projection_postings")
    op.create_table(
        "projection_buckets",
        sa.Column("bucket_id", LONG, autoincrement=False, nullable=False),
        sa.Column("account", NAME, nullable=False),
        sa.Column("class_id", NAME, nullable=False),
        sa.Column("expires_day", LONG, nullable=False),
        sa.Column("available_day", LONG, nullable=False),
        sa.Column("points", LONG, nullable=False),
        sa.Column("held", LONG, nullable=False),
        sa.Column("came", LONG, nullable=False),
        sa.PrimaryKeyConstraint("bucket_id", name=op.f("pk_projection_buckets")),
    )
    place = ["account", "class_id", "expires_day", "available_day"]
    op.create_index("ix_projection_buckets_place", "projection_buckets", place, unique=True)
    _partial("ix_projection_buckets_account", "projection_buckets", ["account"], "points > 0")
    op.create_table(
        "projection_postings",
        sa.Column("operation_number", LONG, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bucket_id", LONG, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("points", LONG, nullable=False),
        sa.Column("held", LONG, nullable=False),
        sa.Column("begins", LONG, nullable=False),
        sa.Column("source_place", sa.Integer(), nullable=True),
        sa.Column("issuance_id", NAME, nullable=True),
        sa.PrimaryKeyConstraint("operation_number", "place", name=op.f("pk_projection_postings")),
    )
    _partial("ix_projection_postings_came", "projection_postings", ["bucket_id", "begins"], "points > 0")
    _partial("ix_projection_postings_went", "projection_postings", ["bucket_id", "begins"], "points < 0")
    op.create_table(
        "projection_debts",
        sa.Column("account", NAME, nullable=False),
        sa.Column("class_id", NAME, nullable=False),
        sa.Column("points", LONG, nullable=False),
        sa.PrimaryKeyConstraint("account", "class_id", name=op.f("pk_projection_debts")),
    )
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch_op:
            for name in columns:
                batch_op.add_column(sa.Column(name, LONG, nullable=True))
        with op.batch_alter_table(table) as batch_op:
            for name in columns:
                batch_op.alter_column(name, existing_type=LONG, nullable=False)


def downgrade() -> None:
    """Back. The projection is emptied."""
    _empty()
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch_op:
            for name in columns:
                batch_op.drop_column(name)
    for table in ("projection_debts", "projection_postings", "projection_buckets"):
        op.drop_table(table)
    op.create_table(
        "projection_issuances",
        sa.Column("class_id", NAME, nullable=False),
        sa.Column("lot_id", NAME, nullable=False),
        sa.Column("operation_number", LONG, nullable=False),
        sa.PrimaryKeyConstraint("class_id", "lot_id", name=op.f("pk_projection_issuances")),
    )
    op.create_table(
        "projection_lots",
        sa.Column("class_id", NAME, nullable=False),
        sa.Column("account", NAME, nullable=False),
        sa.Column("lot_id", NAME, nullable=False),
        sa.Column("points", LONG, nullable=False),
        sa.Column("held", LONG, nullable=False),
        sa.Column("issued_on", NAME, nullable=False),
        sa.Column("available_on", NAME, nullable=False),
        sa.Column("expires_on", NAME, nullable=True),
        sa.PrimaryKeyConstraint("class_id", "account", "lot_id", name=op.f("pk_projection_lots")),
    )
    op.create_index("ix_projection_lots_account", "projection_lots", ["account"])
    op.create_index("ix_projection_lots_expires_on", "projection_lots", ["class_id", "expires_on"])
    op.create_index("ix_projection_lots_lot", "projection_lots", ["class_id", "lot_id"])
    op.create_table(
        "projection_postings",
        sa.Column("operation_number", LONG, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("class_id", NAME, nullable=False),
        sa.Column("account", NAME, nullable=False),
        sa.Column("lot_id", NAME, nullable=False),
        sa.Column("points", LONG, nullable=False),
        sa.Column("held", LONG, nullable=False),
        sa.Column("merged_with", NAME, nullable=True),
        sa.PrimaryKeyConstraint("operation_number", "place", name=op.f("pk_projection_postings")),
    )
    op.create_index("ix_projection_postings_lot", "projection_postings", ["class_id", "lot_id", "operation_number"])


def _empty() -> None:
    for name in EMPTIED:
        op.execute(sa.delete(sa.table(name)))


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    """An index over the rows of which `where` holds."""
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
