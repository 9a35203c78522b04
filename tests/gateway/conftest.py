"""The store of each test: a new database, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.engine import Store
from gateway.store.migrating import migrate
from tests.gateway.postgres import PostgresServer, running_postgres
from tests.scenes.consortium import open_consortium
from tests.scenes.people import world
from tests.scenes.running_gateway import client, gateway, impatient

__all__ = ["client", "gateway", "impatient", "world"]
STORES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for the whole session, whose template has the gateway's tables."""
    with running_postgres() as server:
        url = server.create()
        store = Store(url)
        migrate(store)
        store.close()
        server.template = url.split("?", 1)[0].rsplit("/", 1)[1]
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the gateway's tables."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    store = Store(f"sqlite:///{path}")
    migrate(store)
    store.close()
    return path


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with the gateway's tables, in turn on SQLite and PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "gateway.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.lend() as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A new store."""
    made = Store(store_url)
    yield made
    made.close()


@pytest.fixture(scope="session")
def ledger_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded ledger with the open consortium."""
    file = tmp_path_factory.mktemp("consortium") / "ledger.sqlite"
    open_consortium(file)
    return file


@pytest.fixture
def ledger_file(ledger_template: Path, tmp_path: Path) -> Path:
    """A new embedded ledger with the open consortium: northstar, harbor and lotus with a class each."""
    file = tmp_path / "ledger" / "ledger.sqlite"
    file.parent.mkdir()
    shutil.copy(ledger_template, file)
    return file
