"""Writes folded rows into the store, in bulk, inside a transaction of the caller's; and reads back what folding must
remember."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain, cycle
from typing import Any

from sqlalchemy import Dialect, bindparam, column, delete, func, insert, select, update, values
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.counters import FLOWS
from chaincode.spec.kernel.state import after_prefix
from gateway.projection.fold.memory import REMEMBERING, remembered_until
from gateway.projection.fold.rows import Bucket, BucketPlace, Memory, Row, Rows
from gateway.projection.models import (
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
from gateway.store.base import Base
from gateway.store.bulk import Prepared

Model = type[Base]
BUCKETS_REMEMBERED_MAX = 50_000
PLACES_PER_LOOK = 512
STATEMENTS_KEPT = 256
PLACE = ("account", "class_id", "expires_day", "available_day")


def write_rows(session: Session, rows: Rows, memory: Memory) -> None:
    """Adds the rows. Everything is written by statements for many rows at once."""
    _insert(session, ProjectedOperation, rows.operations)
    _insert(session, ProjectedEntry, rows.entries)
    _postings(session, rows, memory)
    _insert(session, ProjectedRedemption, rows.redemptions)
    _redemption_entries(session, rows)
    # An id may name another hold once the first was swept.
    _upsert(session, ProjectedHold, list({row["hold_id"]: row for row in rows.holds}.values()))
    _documents(session, rows, memory)
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
    statuses = [{"name": hold_id, "new_status": status} for hold_id, status in rows.hold_statuses.items()]
    _hold_status(_dialect(session)).many(session.connection(), statuses)


def empty_tables(session: Session) -> None:
    """Removes everything but the checkpoint. Row by row: PostgreSQL's TRUNCATE would show empty tables to a reader that
    saw the old checkpoint."""
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


def _documents(session: Session, rows: Rows, memory: Memory) -> None:
    """The documents, and what they say of debts and of how long they remember."""
    gone: list[Row] = []
    kept: list[Row] = []
    debts: list[Row] = []
    for key, (text, block_number) in rows.documents.items():
        noun, _, name = key.partition("/")
        document = json.loads(text) if text is not None and noun in REMEMBERING else None
        if text is None:
            gone.append({"key": key})
        else:
            ends_at = None if document is None else remembered_until(noun, document, memory.consortium)
            kept.append({"key": key, "value": text, "block_number": block_number, "ends_at": ends_at})
        if noun == "balance":
            class_id, account = name.split("/", 1)
            debts.append({"account": account, "class_id": class_id, "points": document[2] if document else 0})
    _upsert(session, ProjectedDocument, kept)
    _deletion(_dialect(session), ProjectedDocument, ("key",)).many(session.connection(), gone)
    _debts(session, debts)


def _debts(session: Session, debts: Sequence[Row]) -> None:
    if session.execute(select(ProjectedDebt.account).limit(1)).first() is not None:
        paid = [row for row in debts if not row["points"]]
        _deletion(_dialect(session), ProjectedDebt, ("account", "class_id")).many(session.connection(), paid)
    _upsert(session, ProjectedDebt, [row for row in debts if row["points"]])


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
    """Gives each bucket its number, and each posting the number of its first point in the bucket; then the buckets as
    they are after all of them."""
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
        if not (bucket.points or bucket.held):
            del memory.buckets[place]  # hardly any of them will be filled again
    _upsert(session, ProjectedBucket, changed, keep=PLACE)
    if len(memory.buckets) > BUCKETS_REMEMBERED_MAX:
        memory.buckets.clear()


def _remember(session: Session, places: set[BucketPlace], memory: Memory) -> None:
    """Reads those of the buckets that there are."""
    wanted = sorted(places)
    for start in range(0, len(wanted), PLACES_PER_LOOK):
        some = wanted[start : start + PLACES_PER_LOOK]
        size = 1 << (len(some) - 1).bit_length()
        some += [some[-1]] * (size - len(some))
        parameters = dict(zip(_look_names(size), chain.from_iterable(some), strict=True))
        for row in look(_dialect(session), size).one(session.connection(), parameters):
            place = (row.account, row.class_id, row.expires_day, row.available_day)
            memory.buckets[place] = Bucket(row.bucket_id, row.points, row.held, row.came)


@cache
def _look_names(size: int) -> list[str]:
    return [f"{name}_{number}" for number in range(size) for name in PLACE]


@lru_cache(STATEMENTS_KEPT)
def look(dialect: Dialect, size: int) -> Prepared:
    """The buckets at so many places. Joined, for to be found by the index: SQLite reads the whole table for a list of
    tuples."""
    table = ProjectedBucket.__table__.c
    parameters = (bindparam(name, type_=table[part].type) for name, part in zip(_look_names(size), cycle(PLACE)))
    rows = list(zip(*[parameters] * len(PLACE), strict=True))
    columns = (column(name, table[name].type) for name in PLACE)
    wanted = values(*columns, name="wanted").data(rows).cte("wanted")
    joined = [table[name] == wanted.c[name] for name in PLACE]
    return Prepared(select(*table).where(*joined), dialect)


def _insert(session: Session, model: Model, rows: Sequence[Row]) -> None:
    _insertion(_dialect(session), model).many(session.connection(), rows)


def insert_missing(session: Session, model: Model, rows: Sequence[Row]) -> None:
    """Inserts the rows whose keys are not there yet; the others stay as they are."""
    if rows:
        missing = _insert_of(_dialect(session), model).on_conflict_do_nothing()
        session.connection().execute(missing, rows)


def _upsert(
    session: Session, model: Model, rows: Sequence[Row], *, add: Sequence[str] = (), keep: Sequence[str] = ()
) -> None:
    """Inserts rows, or sets the columns of those that are there already; the columns of `add` are added up, and those
    of `keep` never change, so that their indexes are left alone."""
    _upsertion(_dialect(session), model, tuple(add), tuple(keep)).many(session.connection(), rows)


def _dialect(session: Session) -> Dialect:
    return session.get_bind().dialect


def _insert_of(dialect: Dialect, model: Model) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT."""
    module: Any = postgresql if dialect.name == "postgresql" else sqlite
    return module.insert(model.__table__)


@lru_cache(STATEMENTS_KEPT)
def _insertion(dialect: Dialect, model: Model) -> Prepared:
    return Prepared(insert(model), dialect, model.__table__.columns.keys())


@lru_cache(STATEMENTS_KEPT)
def _upsertion(dialect: Dialect, model: Model, add: tuple[str, ...], keep: tuple[str, ...]) -> Prepared:
    table = model.__table__
    statement = _insert_of(dialect, model)
    key = [one.name for one in table.primary_key.columns]  # type: ignore[attr-defined]
    changed = {
        one.name: table.c[one.name] + statement.excluded[one.name] if one.name in add else statement.excluded[one.name]
        for one in table.columns
        if one.name not in (*key, *keep)
    }
    statement = statement.on_conflict_do_update(index_elements=key, set_=changed)
    return Prepared(statement, dialect, table.columns.keys())


@lru_cache(STATEMENTS_KEPT)
def _deletion(dialect: Dialect, model: Model, names: tuple[str, ...]) -> Prepared:
    """Deletes where these columns have the values of these names."""
    table = model.__table__
    named = [table.c[name] == bindparam(name, type_=table.c[name].type) for name in names]
    return Prepared(delete(model).where(*named), dialect)


@lru_cache(STATEMENTS_KEPT)
def _hold_status(dialect: Dialect) -> Prepared:
    named = ProjectedHold.hold_id == bindparam("name")
    return Prepared(update(ProjectedHold).where(named).values(status=bindparam("new_status")), dialect)
