"""How rows are written: by statements that find what they change."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.projection.fold import projector as projector_module
from gateway.projection.fold import table_writer
from gateway.projection.fold.projector import Projector
from gateway.projection.models import ProjectedBucket
from gateway.store.engine import Store
from tests.scenes.chain import ChainWorld


async def test_only_buckets_that_hold_something_are_remembered(
    store: Store, ledger: EmbeddedLedger, random_chain: ChainWorld
) -> None:
    projector = Projector(store, ledger)
    await projector.catch_up()
    assert projector.memory is not None
    remembered = projector.memory[1].buckets
    with store.reading() as session:
        rows = session.scalars(select(ProjectedBucket)).all()
    assert any(not row.points for row in rows)
    assert {(place, bucket.bucket_id, bucket.came) for place, bucket in remembered.items()} == {
        ((row.account, row.class_id, row.expires_day, row.available_day), row.bucket_id, row.came)
        for row in rows
        if row.points or row.held
    }


async def test_buckets_that_are_not_remembered_are_found(
    store: Store, ledger: EmbeddedLedger, random_chain: ChainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rebuilt() -> list[Any]:
        await Projector(store, ledger).rebuild()
        with store.reading() as session:
            return [tuple(row) for row in session.execute(select(*ProjectedBucket.__table__.c))]

    usual = await rebuilt()
    monkeypatch.setattr(table_writer, "BUCKETS_REMEMBERED_MAX", 0)
    monkeypatch.setattr(projector_module, "OPERATIONS_PER_COMMIT", 10)
    assert sorted(await rebuilt()) == sorted(usual)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # PostgreSQL reads small tables whole
def test_buckets_are_looked_up_by_their_index(store: Store) -> None:
    text = table_writer.look(store.engine.dialect, 2).text
    with store.engine.connect() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("a", "b", 1, 0) * 2).all()
    told = [step.detail for step in steps]
    assert any("USING INDEX ix_projection_buckets_place" in step for step in told), told
    assert not any("SCAN projection_buckets" in step for step in told), told
