"""redemptions stay when the ledger has swept them, each by the operation that made it: an id may come again"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.base import LONG

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
EMPTIED = (
    "projection_checkpoint",
    "projection_documents",
    "projection_operations",
    "projection_entries",
    "projection_postings",
    "projection_buckets",
    "projection_debts",
    "projection_holds",
    "projection_members",
    "projection_class_flows",
)
REDEMPTIONS, ENTRIES = "projection_redemptions", "projection_redemption_entries"


def upgrade() -> None:
    """Forward. The projection is emptied: a chain without refund days cannot be read any more, and a new one fills
    it."""
    _empty()
    op.create_table(
        REDEMPTIONS,
        sa.Column("operation_number", LONG, autoincrement=False, nullable=False),
        sa.Column("redemption_id", NAME, nullable=False),
        *_outline(),
        sa.PrimaryKeyConstraint("operation_number", name=op.f("pk_projection_redemptions")),
    )
    op.create_index("ix_projection_redemptions_name", REDEMPTIONS, ["redemption_id", "operation_number"], unique=True)
    _indexes()
    _entries(sa.Column("redemption_number", LONG, nullable=False))


def downgrade() -> None:
    """Back. The projection is emptied."""
    _empty()
    op.create_table(
        REDEMPTIONS,
        sa.Column("redemption_id", NAME, nullable=False),
        *_outline(),
        sa.Column("operation_number", LONG, nullable=False),
        sa.PrimaryKeyConstraint("redemption_id", name=op.f("pk_projection_redemptions")),
        sa.UniqueConstraint("operation_number", name=op.f("uq_projection_redemptions_operation_number")),
    )
    _indexes()
    _entries(sa.Column("redemption_id", NAME, nullable=False))


def _empty() -> None:
    for name in EMPTIED:
        op.execute(sa.delete(sa.table(name)))
    op.drop_table(REDEMPTIONS)
    op.drop_table(ENTRIES)


def _outline() -> list[sa.Column[str] | sa.Column[int]]:
    names = ("member", "acceptor_msp", "order_ref", "order_code")
    return [*(sa.Column(name, NAME, nullable=False) for name in names), sa.Column("window_id", LONG, nullable=False)]


def _indexes() -> None:
    op.create_index("ix_projection_redemptions_member", REDEMPTIONS, ["member", "operation_number"])
    op.create_index("ix_projection_redemptions_acceptor", REDEMPTIONS, ["acceptor_msp", "operation_number"])
    op.create_index("ix_projection_redemptions_order", REDEMPTIONS, ["acceptor_msp", "order_code"])


def _entries(redemption: sa.Column[str] | sa.Column[int]) -> None:
    """The table of entries, which name their redemption so."""
    op.create_table(
        ENTRIES,
        sa.Column("operation_number", LONG, autoincrement=False, nullable=False),
        sa.Column("class_id", NAME, nullable=False),
        redemption,
        sa.Column("window_id", LONG, nullable=False),
        sa.Column("issuer_msp", NAME, nullable=False),
        sa.Column("acceptor_msp", NAME, nullable=False),
        sa.Column("points", LONG, nullable=False),
        sa.Column("value_millionths", LONG, nullable=False),
        sa.PrimaryKeyConstraint("operation_number", "class_id", name=op.f("pk_projection_redemption_entries")),
    )
    pair = ["window_id", "issuer_msp", "acceptor_msp", "operation_number"]
    op.create_index("ix_projection_redemption_entries_pair", ENTRIES, pair)
    op.create_index("ix_projection_redemption_entries_redemption", ENTRIES, [redemption.name])
