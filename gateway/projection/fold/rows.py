"""What folding remembers, and the rows it makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.ledger.port import Json
from gateway.projection.fold.operations import FoldedOperation

Row = dict[str, Any]
BucketPlace = tuple[str, str, int, int]
"""(account, class_id, expires_day, available_day), as `projection_buckets` has them."""


@dataclass(slots=True)
class Bucket:
    """A row of `projection_buckets`."""

    bucket_id: int
    points: int = 0
    held: int = 0
    came: int = 0


@dataclass
class Memory:
    """What folding must remember of earlier blocks."""

    operations: int = 0
    consortium: Json = None
    """Its document, once there is one."""
    issuers: dict[str, str] = field(default_factory=dict)
    """Issuers by class."""
    supply: dict[str, Json] = field(default_factory=dict)
    """Flow counters by key."""
    bucket_ids: int = 0
    """The number of the newest bucket."""
    buckets: dict[BucketPlace, Bucket] = field(default_factory=dict)
    """Some of the buckets that there are: those that were lately changed."""


@dataclass
class Rows:
    """What is to be written: rows to insert, and by their keys the last word on what there is."""

    operations: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    postings: list[tuple[BucketPlace, Row]] = field(default_factory=list)
    """Without the bucket's number and the number of the first point in it, which are known when they are written."""
    redemptions: list[Row] = field(default_factory=list)
    redemption_entries: list[Row] = field(default_factory=list)
    """Of refunds without the number of what they refund, which is known when they are written, but with its id."""
    holds: list[Row] = field(default_factory=list)
    hold_statuses: dict[str, str] = field(default_factory=dict)
    members: dict[str, Row] = field(default_factory=dict)
    documents: dict[str, tuple[str | None, int]] = field(default_factory=dict)
    """Key to (text or None where it was deleted, block)."""
    class_flows: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    folded: list[FoldedOperation] = field(default_factory=list)
