"""The store's sessions keep their promises on both databases."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from gateway.projection.models import ProjectedDocument
from gateway.store.engine import Store, StoreError, open_engine


@pytest.fixture
def counter(store: Store) -> Store:
    """A store with one row to count in."""
    with store.writing() as session:
        session.execute(text("CREATE TABLE counter (number INTEGER)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    return store


def _number(store: Store) -> int:
    with store.reading() as session:
        return int(session.execute(text("SELECT number FROM counter")).scalar_one())


def test_an_error_leaves_nothing_behind(counter: Store) -> None:
    def broken_off() -> None:
        with counter.writing() as session:
            session.execute(text("UPDATE counter SET number = 5"))
            raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        broken_off()
    assert _number(counter) == 0


def test_what_a_reading_session_writes_is_thrown_away(counter: Store) -> None:
    with counter.reading() as session:
        session.execute(text("UPDATE counter SET number = 5"))
    assert _number(counter) == 0


def test_writers_side_by_side_lose_nothing(counter: Store) -> None:
    lock = " FOR UPDATE" if counter.dialect == "postgresql" else ""

    def add() -> None:
        for _ in range(25):
            with counter.writing() as session:
                number = session.execute(text(f"SELECT number FROM counter{lock}")).scalar_one()
                session.execute(text("UPDATE counter SET number = :next"), {"next": number + 1})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _number(counter) == 100


def test_a_reader_does_not_wait_for_a_writer(counter: Store) -> None:
    with counter.writing() as session:
        session.execute(text("UPDATE counter SET number = 5"))
        assert _number(counter) == 0
    assert _number(counter) == 5


@pytest.mark.parametrize("url", ["", "no url", "mysql://root:geheim@host/x", "sqlite:///:memory:"])
def test_an_address_that_cannot_be_used_is_refused_by_code(url: str) -> None:
    with pytest.raises(StoreError) as refused:
        open_engine(url)
    assert refused.value.code == "STORE_URL_INVALID"
    assert "geheim" not in str(refused.value)


def test_a_database_that_is_away_is_told_without_its_password() -> None:
    store = Store("postgresql://jifen:geheim@127.0.0.1:1/nothing")
    with pytest.raises(StoreError) as refused:
        store.check()
    assert refused.value.code == "STORE_UNAVAILABLE"
    assert "geheim" not in str(refused.value)


def test_rows_that_were_read_stay_readable(store: Store) -> None:
    with store.writing() as session:
        session.add(ProjectedDocument(key="class/a", value="{}", block_number=7))
    with store.reading() as session:
        found = session.get_one(ProjectedDocument, "class/a")
    assert found.block_number == 7


def test_what_follows_from_the_ledger_does_not_wait_for_the_disk(store: Store) -> None:
    """The rest does: a kept submission, an approval and a password stand after a loss of power."""
    question = text("PRAGMA synchronous" if store.dialect == "sqlite" else "SHOW synchronous_commit")
    waits, goes_on = (2, 1) if store.dialect == "sqlite" else ("on", "off")
    with store.writing() as session:
        assert session.scalar(question) == waits
    with store.folding() as session:
        assert session.scalar(question) == goes_on
    with store.writing() as session:
        assert session.scalar(question) == waits
