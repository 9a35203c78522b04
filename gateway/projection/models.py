"""The projection: the ledger's state and history in tables, made from its blocks alone and rebuilt from them at any
time.

`projection_documents` holds every document of the ledger's state as its exact text, so that it can be held against the
chain byte for byte. The other tables are for asking: by account, merchant, class, issuance, window and time. Operations
are numbered from 1 in the ledger's order, so a number means the same operation after every rebuild. Texts compare by
code point on both databases, as keys do on the ledger.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from chaincode.spec.kernel.calendar import LAST_DAY
from gateway.store.base import LONG, Base

NAME = String().with_variant(String(collation="C"), "postgresql")
"""Text that sorts by code point, as the ledger's keys do."""
NEVER = LAST_DAY + 1
"""The last day of what has none: after every day."""


class ProjectionCheckpoint(Base):
    """One row: how far the projection is. Everything up to and with `block_number` is in the tables, nothing behind it
    is."""

    __tablename__ = "projection_checkpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    genesis_hash: Mapped[str] = mapped_column(NAME)
    """Hash of block 0, in hex: which chain this is."""
    block_number: Mapped[int] = mapped_column(LONG)
    """The last block taken in; -1 before the first."""
    block_hash: Mapped[str] = mapped_column(NAME)
    operations: Mapped[int] = mapped_column(LONG)
    """How many operations there were, which is the number of the last one."""
    ledger_time: Mapped[int] = mapped_column(LONG)
    """Timestamp of the last transaction."""
    folded_at: Mapped[int] = mapped_column(LONG)
    """When this row was written, by the gateway's clock."""
    rebuild_until: Mapped[int | None] = mapped_column(LONG)
    """While the projection is being rebuilt: the block from which on it can be read again."""


class ProjectedDocument(Base):
    """One key of the ledger's state with the exact text of its value."""

    __tablename__ = "projection_documents"
    __table_args__ = (
        Index(
            "ix_projection_documents_ends_at",
            "ends_at",
            sqlite_where=text("ends_at IS NOT NULL"),
            postgresql_where=text("ends_at IS NOT NULL"),
        ),
    )

    key: Mapped[str] = mapped_column(NAME, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    block_number: Mapped[int] = mapped_column(LONG)
    """The block that wrote it."""
    ends_at: Mapped[int | None] = mapped_column(LONG)
    """From when on a Sweep finds something to delete in it (`gateway.projection.fold.memory`); None for never."""


class ProjectedOperation(Base):
    """One accepted operation."""

    __tablename__ = "projection_operations"
    __table_args__ = (
        Index("ix_projection_operations_place", "block_number", "transaction_index", "operation_index", unique=True),
        Index("ix_projection_operations_request", "authoriser", "request_id"),
        Index("ix_projection_operations_op", "op", "number"),
        Index("ix_projection_operations_submitter", "submitter_msp", "number"),
    )

    number: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=False)
    block_number: Mapped[int] = mapped_column(LONG)
    transaction_index: Mapped[int]
    operation_index: Mapped[int]
    transaction_id: Mapped[str] = mapped_column(NAME, index=True)
    at: Mapped[int] = mapped_column(LONG, index=True)
    """The transaction's time."""
    op: Mapped[str] = mapped_column(NAME)
    authoriser: Mapped[str] = mapped_column(NAME)
    submitter_msp: Mapped[str] = mapped_column(NAME)
    request_id: Mapped[str] = mapped_column(NAME)
    args: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]


class ProjectedEntry(Base):
    """What one operation changed of one class in one account."""

    __tablename__ = "projection_entries"
    __table_args__ = (
        Index("ix_projection_entries_account", "account", "operation_number"),
        Index("ix_projection_entries_class", "class_id", "operation_number"),
    )

    operation_number: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(NAME, primary_key=True)
    class_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    points: Mapped[int] = mapped_column(LONG)
    held: Mapped[int] = mapped_column(LONG)
    debt: Mapped[int] = mapped_column(LONG)
    """By how much what the account owes grew (positive) or was paid."""
    counterparties: Mapped[list[Any]]
    """The other accounts and organisations that the operation concerns."""


class ProjectedBucket(Base):
    """Points of one class, in one account, with one last day, that can be spent or wait for one day to be; as they are
    now.

    Within it points are first in, first out. `came` counts those that ever came, so that each has a number: those here
    now are the last `points` of them. A row stays when it is empty.
    """

    __tablename__ = "projection_buckets"
    __table_args__ = (
        Index("ix_projection_buckets_place", "account", "class_id", "expires_day", "available_day", unique=True),
        Index(
            "ix_projection_buckets_account",
            "account",
            sqlite_where=text("points > 0"),
            postgresql_where=text("points > 0"),
        ),
    )

    bucket_id: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=False)
    """Counted from 1 in the ledger's order, the same after every rebuild."""
    account: Mapped[str] = mapped_column(NAME)
    class_id: Mapped[str] = mapped_column(NAME)
    expires_day: Mapped[int] = mapped_column(LONG)
    """Days since 1970-01-01, as the ledger counts them; NEVER where it has no last day."""
    available_day: Mapped[int] = mapped_column(LONG)
    """From which day on they can be spent, where they waited when they came; else 0."""
    points: Mapped[int] = mapped_column(LONG)
    held: Mapped[int] = mapped_column(LONG)
    came: Mapped[int] = mapped_column(LONG)


class ProjectedPosting(Base):
    """One change of one bucket, in the operation's order."""

    __tablename__ = "projection_postings"
    __table_args__ = (
        Index(
            "ix_projection_postings_came",
            "bucket_id",
            "begins",
            sqlite_where=text("points > 0"),
            postgresql_where=text("points > 0"),
        ),
        Index(
            "ix_projection_postings_went",
            "bucket_id",
            "begins",
            sqlite_where=text("points < 0"),
            postgresql_where=text("points < 0"),
        ),
    )

    operation_number: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bucket_id: Mapped[int] = mapped_column(LONG)
    kind: Mapped[str] = mapped_column(NAME)
    """What came: ISSUED, MOVED, JOINED (it became available), RETURNED. What went: MOVED, JOINED, DRAWN, EXPIRED,
    REVERSED. Else HELD."""
    points: Mapped[int] = mapped_column(LONG)
    held: Mapped[int] = mapped_column(LONG)
    begins: Mapped[int] = mapped_column(LONG)
    """The number in the bucket, from 0, of the first point that came or went."""
    source_place: Mapped[int | None]
    """Of points that came from another bucket: by which posting of the operation they left it."""
    issuance_id: Mapped[str | None] = mapped_column(NAME)
    """Of points that came into being."""


class ProjectedDebt(Base):
    """What an account owes of a class, where it owes anything."""

    __tablename__ = "projection_debts"

    account: Mapped[str] = mapped_column(NAME, primary_key=True)
    class_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    points: Mapped[int] = mapped_column(LONG)


class ProjectedRedemption(Base):
    """A redemption's outline, also of one that was swept; what it drew and what came back is told by its operations."""

    __tablename__ = "projection_redemptions"
    __table_args__ = (
        Index("ix_projection_redemptions_name", "redemption_id", "operation_number", unique=True),
        Index("ix_projection_redemptions_member", "member", "operation_number"),
        Index("ix_projection_redemptions_acceptor", "acceptor_msp", "operation_number"),
        Index("ix_projection_redemptions_order", "acceptor_msp", "order_code"),
    )

    operation_number: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=False)
    """The operation that made it."""
    redemption_id: Mapped[str] = mapped_column(NAME)
    """May come again once the one before was swept."""
    member: Mapped[str] = mapped_column(NAME)
    acceptor_msp: Mapped[str] = mapped_column(NAME)
    order_ref: Mapped[str] = mapped_column(NAME)
    order_code: Mapped[str] = mapped_column(NAME)
    """The order's number as it is compared with what people type (`gateway.core.typed_codes`)."""
    window_id: Mapped[int] = mapped_column(LONG)


class ProjectedRedemptionEntry(Base):
    """What one operation redeemed (positive) or gave back (negative) of one class, in the window that it was booked in.

    Over a window and a pair of different merchants these add up to the position.
    """

    __tablename__ = "projection_redemption_entries"
    __table_args__ = (
        Index("ix_projection_redemption_entries_pair", "window_id", "issuer_msp", "acceptor_msp", "operation_number"),
        Index("ix_projection_redemption_entries_redemption", "redemption_number"),
    )

    operation_number: Mapped[int] = mapped_column(LONG, primary_key=True, autoincrement=False)
    class_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    redemption_number: Mapped[int] = mapped_column(LONG)
    """The operation that made the redemption."""
    window_id: Mapped[int] = mapped_column(LONG)
    issuer_msp: Mapped[str] = mapped_column(NAME)
    acceptor_msp: Mapped[str] = mapped_column(NAME)
    points: Mapped[int] = mapped_column(LONG)
    value_millionths: Mapped[int] = mapped_column(LONG)


class ProjectedHold(Base):
    """A hold's outline; its document is in `projection_documents`."""

    __tablename__ = "projection_holds"
    __table_args__ = (
        Index("ix_projection_holds_member", "member", "operation_number"),
        Index("ix_projection_holds_acceptor", "acceptor_msp", "operation_number"),
        Index("ix_projection_holds_status", "status", "expires_at"),
        Index("ix_projection_holds_order", "acceptor_msp", "order_code"),
    )

    hold_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    member: Mapped[str] = mapped_column(NAME)
    acceptor_msp: Mapped[str] = mapped_column(NAME)
    status: Mapped[str] = mapped_column(NAME)
    expires_at: Mapped[int] = mapped_column(LONG)
    order_code: Mapped[str] = mapped_column(NAME)
    operation_number: Mapped[int] = mapped_column(LONG, unique=True)
    """The operation that made it."""


class ProjectedMember(Base):
    """An enrolled account, by its address only."""

    __tablename__ = "projection_members"
    __table_args__ = (Index("ix_projection_members_home", "home_msp", "address"),)

    address: Mapped[str] = mapped_column(NAME, primary_key=True)
    home_msp: Mapped[str] = mapped_column(NAME)
    status: Mapped[str] = mapped_column(NAME)
    enrolled_on: Mapped[str] = mapped_column(NAME)


class ProjectedClassFlow(Base):
    """What came into being and went, of one class, by one organisation's gateway, on one day of the consortium."""

    __tablename__ = "projection_class_flows"

    class_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    day: Mapped[str] = mapped_column(NAME, primary_key=True)
    msp_id: Mapped[str] = mapped_column(NAME, primary_key=True)
    issued: Mapped[int] = mapped_column(LONG)
    redeemed_own: Mapped[int] = mapped_column(LONG)
    redeemed_elsewhere: Mapped[int] = mapped_column(LONG)
    expired: Mapped[int] = mapped_column(LONG)
    reversed: Mapped[int] = mapped_column(LONG)
    restored: Mapped[int] = mapped_column(LONG)
    indebted: Mapped[int] = mapped_column(LONG)
    repaid: Mapped[int] = mapped_column(LONG)


TABLES: tuple[type[Base], ...] = (
    ProjectedDocument,
    ProjectedOperation,
    ProjectedEntry,
    ProjectedPosting,
    ProjectedBucket,
    ProjectedDebt,
    ProjectedRedemption,
    ProjectedRedemptionEntry,
    ProjectedHold,
    ProjectedMember,
    ProjectedClassFlow,
)
"""What a rebuild empties; the checkpoint is written anew."""
