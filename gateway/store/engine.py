"""Opens the database, and gives sessions of it.

SQLite runs in WAL mode, so that readers never wait for the writer, and takes the write lock when a transaction begins
(`BEGIN IMMEDIATE`), so that a transaction that reads before it writes is never refused half way.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

SQLITE_BUSY_SECONDS = 30
POOL_SIZE = 16
POOL_OVERFLOW = 48
FOLD_POOL_SIZE = 1
"""One writer folds."""
SQLITE_POOL_SIZE = 64
"""One for each thread: to open a file anew and read its schema costs more than most questions, and to keep it open
costs nothing."""
EXIT_CODES = {"STORE_URL_INVALID": 2, "STORE_FOREIGN": 2, "STORE_UNAVAILABLE": 4, "STORE_NOT_MIGRATED": 1}
FIRST_TABLES = frozenset({"api_keys", "people", "projection_checkpoint"})
"""Tables by which a database is known that was migrated before there was a mark."""
APPLICATION_ID = 0x4A464757
"""`JFGW`, in an SQLite file's header, by which it is known to be a gateway's."""


class StoreError(Exception):
    """`code` is stable and for programs. STORE_URL_INVALID, STORE_FOREIGN, STORE_UNAVAILABLE, STORE_NOT_MIGRATED."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.exit_code = EXIT_CODES[code]


class Store:
    """The database of one gateway. Safe to use from many threads; each takes sessions of its own."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._fold_engine = open_engine(url, recoverable=True)
        self._read = sessionmaker(self.engine.execution_options(jifen_read=True), expire_on_commit=False)
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        self._fold = sessionmaker(self._fold_engine, expire_on_commit=False)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for questions; what it changes is thrown away. Rows stay readable when it has ended."""
        with self._read() as session:
            try:
                yield session
            finally:
                session.expunge_all()  # a rollback makes the rows that the session knows forget what they hold
                session.rollback()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or, when an error leaves it, not at all."""
        with self._write.begin() as session:
            yield session

    @contextmanager
    def folding(self) -> Iterator[Session]:
        """A session as `writing` gives it, for what follows from the ledger's blocks alone: a commit is not forced onto
        the disk at once. A kill of the process loses nothing; after a loss of power the last blocks may have to be
        folded again. What other sessions commit later is on the disk only together with it."""
        with self._fold.begin() as session:
            yield session

    def check(self) -> None:
        """Raises StoreError STORE_UNAVAILABLE when the database does not answer."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise StoreError("STORE_UNAVAILABLE", f"the database does not answer ({type(error).__name__})") from None

    def close(self) -> None:
        """Closes all connections that are not in use."""
        self.engine.dispose()
        self._fold_engine.dispose()


def open_engine(url: str, *, recoverable: bool = False) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://user@host/name`. `recoverable`: its commits may be lost with the
    machine's power, in their order and whole. Raises StoreError STORE_URL_INVALID; the text never shows a password."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("STORE_URL_INVALID", "the store's address is not a database URL") from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError("STORE_URL_INVALID", f"{parsed.get_backend_name()} is neither sqlite nor postgresql")
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed,
            pool_size=FOLD_POOL_SIZE if recoverable else POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_pre_ping=True,
            hide_parameters=True,
        )
        if recoverable:
            event.listen(engine, "connect", _without_waiting_for_the_disk)
        return engine
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("STORE_URL_INVALID", "an SQLite store needs a file: several threads share it")
    file = Path(parsed.database)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_file(file)
        file.touch(mode=0o600)  # people's addresses are in it; SQLite gives its journals the same mode
    except OSError as error:
        raise StoreError("STORE_UNAVAILABLE", f"the store's file {file}: {error.strerror}") from None
    engine = create_engine(
        parsed,
        pool_size=FOLD_POOL_SIZE if recoverable else SQLITE_POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,
    )
    event.listen(engine, "connect", partial(_prepare_sqlite, "NORMAL" if recoverable else "FULL"))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _check_file(file: Path) -> None:
    """Raises StoreError STORE_FOREIGN for a file that is no gateway's database: one without the mark of one is taken
    only while it is empty, or has been migrated before there was a mark."""
    if not file.exists() or not file.stat().st_size:
        return
    try:
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            (mark,) = connection.execute("PRAGMA application_id").fetchone()
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # locked, or not to be opened: the engine will say so
            return
        raise StoreError("STORE_FOREIGN", f"{file} is no database: {error}") from None
    if mark != APPLICATION_ID and (mark or (tables and not tables & FIRST_TABLES)):
        raise StoreError("STORE_FOREIGN", f"{file} is another program's database; name another file")


def _without_waiting_for_the_disk(connection: Any, record: Any) -> None:
    connection.execute("SET synchronous_commit TO off")
    connection.commit()


def _prepare_sqlite(synchronous: str, connection: Any, record: Any) -> None:
    # The driver would begin transactions by itself, and late; `_begin_sqlite` does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute(f"PRAGMA synchronous = {synchronous}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("jifen_read", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
