"""Reading the projection at one block: all questions of one answer see the same state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.projection.models import ProjectionCheckpoint
from gateway.store.engine import Store

REBUILD_RETRY_SECONDS = 5
_CHECKPOINT = ProjectionCheckpoint.__table__.c
_POSITION = select(
    _CHECKPOINT.block_number,
    _CHECKPOINT.operations,
    _CHECKPOINT.ledger_time,
    _CHECKPOINT.folded_at,
    _CHECKPOINT.rebuild_until,
).where(_CHECKPOINT.id == 1)
"""Asked by every reader, so it is made once, and gives a plain row."""


@dataclass(frozen=True)
class Position:
    """How far the projection is: the last block in it (-1 before the first), how many operations there were, the time
    of the last transaction, when it was folded, and, during a rebuild, the block from which on it can be read again."""

    block_number: int
    operations: int
    ledger_time: int
    folded_at: int
    rebuild_until: int | None


@contextmanager
def snapshot(store: Store) -> Iterator[Session]:
    """A session in which nothing changes."""
    with store.reading() as session:
        if store.dialect == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def position_of(session: Session) -> Position:
    """How far the projection is in this session's eyes."""
    found = session.get(ProjectionCheckpoint, 1)
    if found is None:
        return Position(-1, 0, 0, 0, None)
    return Position(found.block_number, found.operations, found.ledger_time, found.folded_at, found.rebuild_until)


def readable_position(session: Session) -> Position:
    """How far it is in the database. Raises GatewayError PROJECTION_REBUILDING while only a part of it is there."""
    found = session.execute(_POSITION).one_or_none()
    position = Position(-1, 0, 0, 0, None) if found is None else Position(*found)
    if position.rebuild_until is not None:
        raise GatewayError(
            "PROJECTION_REBUILDING",
            f"block {position.block_number} of {position.rebuild_until}",
            retry_after_seconds=REBUILD_RETRY_SECONDS,
        )
    return position
