"""The audit log: whole under concurrency, and every way to tamper with it is named."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, update

from gateway.security.audit import AuditLog, Head
from gateway.security.models import AuditEntry, AuditHead
from gateway.security.principals import Role, Staff
from gateway.store.engine import Store

WHO = Staff("stf_a", "ses_a", 0, frozenset({Role.FINANCE, Role.ADMIN}))


@pytest.fixture
def log(store: Store) -> AuditLog:
    """A log of a new store."""
    return AuditLog(store, clock=lambda: 1_790_000_000)


def fill(log: AuditLog, rows: int) -> None:
    """Appends so many rows."""
    for number in range(rows):
        log.record(WHO, "issue", f"object {number}", request_id=f"r-{number}", details={"points": number, "注": "积分"})


def test_empty_and_whole(log: AuditLog) -> None:
    assert log.verify().broken is None
    fill(log, 5)
    found = log.verify([log.head()])
    assert (found.rows, found.broken) == (5, None)
    assert [row.sequence for row in log.rows(limit=2)] == [5, 4]
    assert [row.sequence for row in log.rows(before=3)] == [2, 1]
    assert log.rows()[0].roles == ["admin", "finance"]


def test_numbers_have_no_gaps_under_concurrency(log: AuditLog, store: Store) -> None:
    begin = threading.Barrier(8)

    def work(worker: int) -> None:
        begin.wait(10)
        for number in range(12):
            try:
                with store.writing() as session:
                    log.append(session, WHO, "issue", f"{worker}-{number}")
                    if number % 4 == 3:
                        raise RuntimeError("the action failed")
            except RuntimeError:
                pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    found = log.verify()
    assert (found.rows, found.broken) == (72, None)
    assert found.head.sequence == 72
    with store.reading() as session:
        objects = session.scalars(select(AuditEntry.object_id)).all()
    assert not [name for name in objects if int(name.partition("-")[2]) % 4 == 3], "rolled back with their actions"


def test_several_rows_in_one_transaction(log: AuditLog, store: Store) -> None:
    with store.writing() as session:
        log.append(session, WHO, "a", "1")
        log.append(session, WHO, "b", "2")
    assert (log.verify().rows, log.verify().broken) == (2, None)


def change(store: Store, **values: object) -> None:
    """Changes row 3."""
    with store.writing() as session:
        session.execute(update(AuditEntry).where(AuditEntry.sequence == 3).values(**values))


def take(store: Store, *numbers: int) -> None:
    """Takes rows away."""
    with store.writing() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.sequence.in_(numbers)))


def swap(store: Store) -> None:
    """Puts row 3 in the place of row 4 and the other way round."""
    with store.writing() as session:
        for old, new in ((3, 103), (4, 3), (103, 4)):
            session.execute(update(AuditEntry).where(AuditEntry.sequence == old).values(sequence=new))


def head_to(store: Store, sequence: int, value: str) -> None:
    """Sets the head."""
    with store.writing() as session:
        session.execute(update(AuditHead).values(sequence=sequence, hash=value))


@pytest.mark.parametrize(
    ("tamper", "sequence", "reason"),
    [
        (lambda store: change(store, actor="stf_b"), 3, "was changed"),
        (lambda store: change(store, details={"points": 9}), 3, "was changed"),
        (lambda store: change(store, roles=[]), 3, "was changed"),
        (lambda store: change(store, request_id=None), 3, "was changed"),
        (lambda store: change(store, at=1), 3, "was changed"),
        (lambda store: change(store, hash="0" * 64), 3, "was changed"),
        (lambda store: change(store, previous_hash="0" * 64), 3, "does not follow"),
        (lambda store: take(store, 3), 3, "is missing"),
        (lambda store: take(store, 1), 1, "is missing"),
        (lambda store: take(store, 6), 6, "is missing"),
        (swap, 3, "does not follow"),
        (lambda store: head_to(store, 5, "0" * 64), 5, "given out"),
    ],
)
def test_tampering_is_named(
    log: AuditLog, store: Store, tamper: Callable[[Store], None], sequence: int, reason: str
) -> None:
    fill(log, 6)
    tamper(store)
    broken = log.verify().broken
    assert broken is not None
    assert broken.sequence == sequence
    assert reason in broken.reason


def test_a_log_cut_short_with_its_head_is_noticed_by_a_head_kept_elsewhere(log: AuditLog, store: Store) -> None:
    fill(log, 6)
    kept = log.head()
    with store.reading() as session:
        fifth = session.get_one(AuditEntry, 5).hash
    take(store, 6)
    head_to(store, 5, fifth)
    assert log.verify().broken is None, "what is left is whole"
    broken = log.verify([kept]).broken
    assert broken is not None
    assert broken.sequence == 6
    fill(log, 3)
    broken = log.verify([kept]).broken
    assert broken is not None
    assert (broken.sequence, broken.reason) == (6, "the row is not the one whose hash was given out")


def test_rows_behind_the_head_are_noticed(log: AuditLog, store: Store) -> None:
    fill(log, 3)
    with store.reading() as session:
        second = session.get_one(AuditEntry, 2).hash
    head_to(store, 2, second)
    broken = log.verify().broken
    assert broken is not None
    assert (broken.sequence, broken.reason) == (3, "the row stands behind the head")


def test_reading_while_rows_come(log: AuditLog) -> None:
    fill(log, 20)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            fill(log, 1)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            found = [log.verify([Head(20, log.rows(before=21, limit=1)[0].hash)]).broken for _ in range(20)]
        finally:
            stop.set()
        writing.result(30)
    assert found == [None] * 20
