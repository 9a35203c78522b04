"""The migrations make what the models say, on both databases, and take it away again."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from gateway.store.base import Base
from gateway.store.engine import Store, StoreError
from gateway.store.migrating import check_migrated, configuration, migrate


def test_the_migrated_schema_is_that_of_the_models(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    check_migrated(store)


def test_migrating_again_changes_nothing(store: Store) -> None:
    before = sorted(inspect(store.engine).get_table_names())
    migrate(store)
    assert sorted(inspect(store.engine).get_table_names()) == before


def test_the_way_back_leaves_nothing_and_the_way_forward_is_whole(store: Store) -> None:
    command.downgrade(configuration(store), "base")
    assert inspect(store.engine).get_table_names() == ["alembic_version"]
    with pytest.raises(StoreError) as refused:
        check_migrated(store)
    assert refused.value.code == "STORE_NOT_MIGRATED"
    migrate(store)
    check_migrated(store)


def test_an_empty_database_is_not_served(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(StoreError) as refused:
        check_migrated(store)
    assert refused.value.code == "STORE_NOT_MIGRATED"
    store.close()
