"""Writes folded rows into the store, in bulk, inside a transaction of the caller's; and reads back what folding must remember."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Delete, Update, bindparam, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chaincode.spec import keys
from chaincode.spec.counters import FLOWS
from chaincode.spec.state import after_prefix
from gateway.projection.rows import Bucket, BucketPlace, Memory, Row, Rows
from gateway.store.base import Base
from gateway.store.models.projection import (
    TABLES,
    ProjectedBucket,
    ProjectedClassFlow,
    ProjectedDebt,
    ProjectedDocument,
    ProjectedEntry,
    ProjectedHold,
    ProjectedMember,
    ProjectedOperation,
    ProjectedPosting,
    ProjectedRedemption,
    ProjectedRedemptionEntry,
)

Model = type[Base]
BUCKETS_REMEMBERED_MAX = 50_000
PLACES_PER_LOOK = 500


def write_rows(session: Session, rows: Rows, memory: Memory) -> None:
    """Adds the rows. Everything is written by statements for many rows at once."""
    _insert(session, ProjectedOperation, rows.operations)
    _insert(session, ProjectedEntry, rows.entries)
    _postings(session, rows, memory)
    _insert(session, ProjectedRedemption, rows.redemptions)
    _redemption_entries(session, rows)
    # An id may name another hold once the first was swept.
    _upsert(session, ProjectedHold, list({row["hold_id"]: row for row in rows.holds}.values()))
    _documents(session, rows)
    _debts(session, rows)
    _upsert(session, ProjectedMember, list(rows.members.values()))
    _upsert(
        session,
        ProjectedClassFlow,
        [
            {"class_id": class_id, "day": day, "msp_id": msp_id, **flows}
            for (class_id, day, msp_id), flows in rows.class_flows.items()
        ],
        add=FLOWS,
    )
    _many(
        session,
        update(ProjectedHold.__table__)  # type: ignore[arg-type]
        .where(ProjectedHold.__table__.c.hold_id == bindparam("name"))
        .values(status=bindparam("new_status")),
        [{"name": hold_id, "new_status": status} for hold_id, status in rows.hold_statuses.items()],
    )


def empty_tables(session: Session) -> None:
    """Removes everything but the checkpoint. Row by row: PostgreSQL's TRUNCATE would show empty tables to a reader that saw the old checkpoint."""
    for model in TABLES:
        session.execute(delete(model))


def read_memory(session: Session, operations: int) -> Memory:
    """What folding must remember, as the tables say it, behind so many operations."""
    consortium = session.get(ProjectedDocument, keys.CONSORTIUM)
    buckets = session.scalar(select(func.max(ProjectedBucket.bucket_id))) or 0
    return Memory(
        operations,
        json.loads(consortium.value) if consortium else None,
        {key[len("class/") :]: json.loads(value)["issuer_msp"] for key, value in documents(session, "class/")},
        {key: json.loads(value) for key, value in documents(session, "supply/")},
        buckets,
    )


def documents(session: Session, prefix: str) -> Iterable[tuple[str, str]]:
    """Key and text of the documents whose keys begin with `prefix`, by key."""
    key = ProjectedDocument.key
    found = select(key, ProjectedDocument.value).where(key >= prefix, key < after_prefix(prefix)).order_by(key)
    return [(row.key, row.value) for row in session.execute(found)]


def _documents(session: Session, rows: Rows) -> None:
    gone = [{"name": key} for key, (value, *_) in rows.documents.items() if value is None]
    kept = [
        {"key": key, "value": value, "block_number": block_number, "ends_at": ends_at}
        for key, (value, block_number, ends_at) in rows.documents.items()
        if value is not None
    ]
    _upsert(session, ProjectedDocument, kept)
    table = ProjectedDocument.__table__
    _many(session, delete(table).where(table.c.key == bindparam("name")), gone)  # type: ignore[arg-type]


def _debts(session: Session, rows: Rows) -> None:
    table = ProjectedDebt.__table__
    named = (table.c.account == bindparam("of_account")) & (table.c.class_id == bindparam("of_class"))
    paid = [{"of_account": name[0], "of_class": name[1]} for name, points in rows.debts.items() if not points]
    owed = [
        {"account": name[0], "class_id": name[1], "points": points} for name, points in rows.debts.items() if points
    ]
    if session.execute(select(table.c.account).limit(1)).first() is not None:
        _many(session, delete(table).where(named), paid)  # type: ignore[arg-type]
    _upsert(session, ProjectedDebt, owed)


def _redemption_entries(session: Session, rows: Rows) -> None:
    """Gives each refund the number of what it refunds: the newest redemption of that id before it."""
    refunds = [row for row in rows.redemption_entries if "redemption_id" in row]
    table = ProjectedRedemption.__table__
    wanted = sorted({row["redemption_id"] for row in refunds})
    numbers: dict[str, list[int]] = {}
    for start in range(0, len(wanted), PLACES_PER_LOOK):
        found = select(table.c.redemption_id, table.c.operation_number).where(
            table.c.redemption_id.in_(wanted[start : start + PLACES_PER_LOOK])
        )
        for redemption_id, number in session.execute(found):
            numbers.setdefault(redemption_id, []).append(number)
    for row in refunds:
        before = numbers[row.pop("redemption_id")]
        row["redemption_number"] = max(number for number in before if number < row["operation_number"])
    _insert(session, ProjectedRedemptionEntry, rows.redemption_entries)


def _postings(session: Session, rows: Rows, memory: Memory) -> None:
    """Gives each bucket its number, and each posting the number of its first point in the bucket; then the buckets as they are after all of them."""
    places = {place for place, _ in rows.postings}
    _remember(session, places - memory.buckets.keys(), memory)
    made = []
    for place, row in rows.postings:
        bucket = memory.buckets.get(place)
        if bucket is None:
            memory.bucket_ids += 1
            bucket = memory.buckets[place] = Bucket(memory.bucket_ids)
        points = row["points"]
        row["bucket_id"] = bucket.bucket_id
        row["begins"] = bucket.came if points > 0 else bucket.came - bucket.points
        bucket.points += points
        bucket.held += row["held"]
        if points > 0:
            bucket.came += points
        made.append(row)
    _insert(session, ProjectedPosting, made)
    changed = []
    for place in places:
        account, class_id, expires_day, available_day = place
        bucket = memory.buckets[place]
        changed.append(
            {
                "bucket_id": bucket.bucket_id,
                "account": account,
                "class_id": class_id,
                "expires_day": expires_day,
                "available_day": available_day,
                "points": bucket.points,
                "held": bucket.held,
                "came": bucket.came,
            }
        )
    _upsert(session, ProjectedBucket, changed)
    if len(memory.buckets) > BUCKETS_REMEMBERED_MAX:
        memory.buckets.clear()


def _remember(session: Session, places: set[BucketPlace], memory: Memory) -> None:
    """Reads those of the buckets that there are."""
    table = ProjectedBucket.__table__.c
    named = tuple_(table.account, table.class_id, table.expires_day, table.available_day)
    wanted = sorted(places)
    for start in range(0, len(wanted), PLACES_PER_LOOK):
        found = select(*table).where(named.in_(wanted[start : start + PLACES_PER_LOOK]))
        for row in session.execute(found):
            place = (row.account, row.class_id, row.expires_day, row.available_day)
            memory.buckets[place] = Bucket(row.bucket_id, row.points, row.held, row.came)


def _insert(session: Session, model: Model, rows: Sequence[Row]) -> None:
    if rows:
        session.connection().execute(insert(model.__table__), rows)  # type: ignore[arg-type]


def _many(session: Session, statement: Update | Delete, parameters: Sequence[Row]) -> None:
    if parameters:
        session.connection().execute(statement, parameters)


def insert_missing(session: Session, model: Model, rows: Sequence[Row]) -> None:
    """Inserts the rows whose keys are not there yet; the others stay as they are."""
    if rows:
        session.connection().execute(_insert_of(session, model).on_conflict_do_nothing(), rows)


def _insert_of(session: Session, model: Model) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT."""
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(model.__table__)


def _upsert(session: Session, model: Model, rows: Sequence[Row], add: Sequence[str] = ()) -> None:
    """Inserts rows, or sets the columns of those that are there already; the columns of `add` are added up."""
    if not rows:
        return
    table = model.__table__
    statement = _insert_of(session, model)
    key = [column.name for column in table.primary_key.columns]  # type: ignore[attr-defined]
    values = {
        column.name: table.c[column.name] + statement.excluded[column.name]
        if column.name in add
        else statement.excluded[column.name]
        for column in table.columns
        if column.name not in key
    }
    session.connection().execute(statement.on_conflict_do_update(index_elements=key, set_=values), rows)
