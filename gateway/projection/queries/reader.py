"""What all questions to the projection share: one snapshot for an answer, pages, links to operations."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import date_of, day_number, day_of, is_date
from chaincode.spec.kernel.state import after_prefix
from gateway.core.cursors import decode_cursor, encode_cursor
from gateway.core.errors import GatewayError
from gateway.projection.fold.snapshots import Position, readable_position, snapshot
from gateway.projection.models import NEVER, ProjectedDocument, ProjectedEntry, ProjectedOperation
from gateway.projection.queries.schemas import ChangeDocument, LedgerDocument, Listing, OperationDocument, OperationLink
from gateway.store.engine import Store

ROWS_MAX = 500
_DOCUMENTS = ProjectedDocument.__table__.c
_DOCUMENT = select(_DOCUMENTS.value).where(_DOCUMENTS.key == bindparam("key"))
Filters = Mapping[str, Any]


class Reader:
    """Answers questions from one store. `clock` says what day it is."""

    def __init__(self, store: Store, clock: Callable[[], int] = lambda: int(time.time())) -> None:
        self.store = store
        self.clock = clock

    @contextmanager
    def reading(self) -> Iterator[tuple[Session, Position]]:
        """A snapshot and its position. Raises GatewayError PROJECTION_REBUILDING."""
        with snapshot(self.store) as session:
            yield session, readable_position(session)

    def today(self, session: Session) -> str:
        """The consortium's day now."""
        consortium = document(session, keys.CONSORTIUM)
        return (
            day_of(self.clock(), consortium["time_zone"]) if consortium else day_of(self.clock(), {"offsets": [[0, 0]]})
        )

    def document(self, key: str) -> LedgerDocument:
        """One document of the ledger's state. Raises GatewayError OBJECT_UNKNOWN."""
        with self.reading() as (session, position):
            found = session.get(ProjectedDocument, key)
            if found is None:
                raise unknown(key)
            return LedgerDocument(
                document=json.loads(found.value),
                written_in_block=found.block_number,
                block_number=position.block_number,
            )

    def documents(self, prefix: str, cursor: str | None, limit: int) -> Listing[LedgerDocument]:
        """A page of the documents whose keys begin with `prefix`, by key."""
        after = decode_cursor("documents", {"prefix": prefix}, cursor, str)
        key = ProjectedDocument.key
        with self.reading() as (session, position):
            wanted = select(ProjectedDocument).where(key > (after or prefix), key < after_prefix(prefix)).order_by(key)
            rows, more = page(session.scalars(wanted.limit(limit + 1)), limit)
            items = [
                LedgerDocument(
                    document=json.loads(row.value),
                    written_in_block=row.block_number,
                    block_number=position.block_number,
                )
                for row in rows
            ]
            following = encode_cursor("documents", {"prefix": prefix}, rows[-1].key) if more else None
            return Listing(items=items, next=following, block_number=position.block_number)


def unknown(name: str) -> GatewayError:
    """Nothing has this name."""
    return GatewayError("OBJECT_UNKNOWN", f"nothing is known under {name}"[:200])


def named(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Whether a column is an id, given whole or by its two ends, `b0a7fb24…c6cb8f`."""
    beginning, cut, end = text.partition("…")
    if not cut:
        return column == text
    return (column >= beginning) & (column < after_prefix(beginning)) & column.endswith(end, autoescape=True)


def page(rows: Iterable[Any], limit: int) -> tuple[list[Any], bool]:
    """The first `limit` rows, and whether there are more."""
    found = list(rows)
    return found[:limit], len(found) > limit


def document(session: Session, key: str) -> Any:
    """A document of the ledger's state, or None."""
    found = session.execute(_DOCUMENT, {"key": key}).scalar_one_or_none()
    return None if found is None else json.loads(found)


def number_of(name: str, date: str) -> int:
    """The day of a date that somebody asked for. Raises GatewayError REQUEST_MALFORMED."""
    if not is_date(date):
        raise GatewayError("REQUEST_MALFORMED", f"{name}: expected a date YYYY-MM-DD")
    return day_number(date)


def last_date(expires_day: int) -> str | None:
    """The date of a bucket's last day; None for never."""
    return None if expires_day == NEVER else date_of(expires_day)


def place_of(row: Any) -> str:
    """The cursor of an operation's row."""
    return f"{row.block_number}-{row.transaction_index}-{row.operation_index}"


def link_of(row: Any) -> OperationLink:
    """The link to an operation's row."""
    return OperationLink(
        cursor=place_of(row),
        block_number=row.block_number,
        transaction_id=row.transaction_id,
        at=row.at,
        op=row.op,
        request_id=row.request_id,
    )


def operations_of(session: Session, rows: Sequence[ProjectedOperation]) -> list[OperationDocument]:
    """The operations with their changes."""
    changes: dict[int, list[ChangeDocument]] = {}
    numbers = [row.number for row in rows]
    wanted = select(ProjectedEntry).where(ProjectedEntry.operation_number.in_(numbers))
    for entry in session.scalars(wanted.order_by(ProjectedEntry.account, ProjectedEntry.class_id)):
        changes.setdefault(entry.operation_number, []).append(ChangeDocument.model_validate(entry))
    return [
        OperationDocument(
            cursor=place_of(row),
            block_number=row.block_number,
            transaction_id=row.transaction_id,
            at=row.at,
            op=row.op,
            authoriser=row.authoriser,
            submitter_msp=row.submitter_msp,
            request_id=row.request_id,
            args=row.args,
            result=row.result,
            changes=changes.get(row.number, []),
        )
        for row in rows
    ]
