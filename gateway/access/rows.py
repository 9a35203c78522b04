"""Reading rows that are used after the session has ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from gateway.store.engine import Store


@contextmanager
def looking(store: Store) -> Iterator[Session]:
    """A session for questions whose rows stay readable afterwards: they are let go before the session throws away what it knows."""
    with store.reading() as session:
        yield session
        session.expunge_all()
