"""The migrations make what the models say, on both databases, and take it away again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from gateway.identity.models import ApiKeySecret
from gateway.oversight.models import Approval, MoneyAction
from gateway.projection.models import ProjectedMember
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


def test_what_was_there_before_approvals_were_in_money(store: Store) -> None:
    command.downgrade(configuration(store), "0003")
    with store.engine.begin() as connection:
        for statement in (
            "INSERT INTO api_keys (key_id, name, scopes, requests_per_minute, created_by, created_at)"
            " VALUES ('key_1', 'till', '[]', 60, 'stf_a', 100)",
            "INSERT INTO api_key_secrets (secret_hash, key_id, created_at) VALUES ('h1', 'key_1', 100)",
            "INSERT INTO api_key_secrets (secret_hash, key_id, created_at) VALUES ('h2', 'key_1', 200)",
            "INSERT INTO audit_entries (sequence, at, actor, roles, action, object_id, outcome, details, previous_hash, hash)"
            " VALUES (1, 200, 'stf_b', '[]', 'rotateApiKey', 'key_1', 'DONE', '{}', 'x', 'y')",
            "INSERT INTO approvals (approval_id, action, operation, body_hash, amount, limit_amount, status,"
            " requested_by, requested_person, requested_at, expires_at) VALUES ('apr_1', 'Issue',"
            """ '{"op": "Issue", "args": {}, "request_id": "r-1"}', 'b', 5, 4, 'PENDING', 'stf_a', 'stf_a', 1, 2)""",
            "INSERT INTO money_actions (actor, request_id, action, amount, at) VALUES ('stf_a', 'r', 'Issue', 9, 1)",
        ):
            connection.exec_driver_sql(statement)
    migrate(store)
    with store.reading() as session:
        held = session.execute(select(ApiKeySecret.secret_hash, ApiKeySecret.held_by).order_by(ApiKeySecret.created_at))
        assert [tuple(row) for row in held] == [("h1", "stf_a"), ("h2", "stf_b")]
        waiting = session.get_one(Approval, "apr_1")
        assert (waiting.request_id, waiting.amount, waiting.limit_amount) == ("r-1", None, None)
        assert session.scalars(select(MoneyAction)).all() == []
    command.downgrade(configuration(store), "0003")
    migrate(store)


def test_members_of_before_have_the_day_on_which_they_joined(store: Store) -> None:
    command.downgrade(configuration(store), "0004")
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO projection_members (address, home_msp, status) VALUES ('jf1a', 'northstar', 'ACTIVE')"
        )
        connection.exec_driver_sql(
            "INSERT INTO projection_documents (key, value, block_number) VALUES"
            """ ('member/jf1a', '{"address":"jf1a","enrolled_on":"2026-11-27"}', 1)"""
        )
    command.upgrade(configuration(store), "0007")
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT enrolled_on FROM projection_members").scalars().all() == [
            "2026-11-27"
        ]
    migrate(store)
    with store.reading() as session:
        assert session.scalars(select(ProjectedMember)).all() == [], "what was projected in another form is not read"


def test_what_was_paid_before_is_found_by_its_code(store: Store) -> None:
    command.downgrade(configuration(store), "0005")
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO projection_redemptions (redemption_id, member, acceptor_msp, order_ref, window_id,"
            " operation_number) VALUES ('m/1', 'm', 'north', 'EY3G-365G', 1, 1)"
        )
        connection.exec_driver_sql(
            "INSERT INTO projection_holds (hold_id, member, acceptor_msp, status, expires_at, operation_number)"
            " VALUES ('m/2', 'm', 'north', 'RESERVED', 9, 2)"
        )
        document = json.dumps({"order_ref": "K7Q2-M9XT"})
        connection.execute(
            text("INSERT INTO projection_documents (key, value, block_number) VALUES ('hold/m/2', :document, 1)"),
            {"document": document},
        )
    command.upgrade(configuration(store), "0007")
    with store.engine.connect() as connection:
        for table, code in (("projection_redemptions", "ey3g365g"), ("projection_holds", "k7q2m9xt")):
            found = connection.exec_driver_sql(f"SELECT order_code FROM {table}").scalars().all()
            assert found == [code]
