"""The store's schema through time: Alembic's migrations, run from here."""

from __future__ import annotations

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from gateway.store.engine import APPLICATION_ID, Store, StoreError


def configuration(store: Store) -> Config:
    """Alembic's configuration for one store."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("gateway.store").joinpath("migrations")))
    config.attributes["engine"] = store.engine
    return config


def migrate(store: Store) -> None:
    """Brings the schema to the newest state; again does nothing. Raises StoreError STORE_FOREIGN for a schema that is
    of another program."""
    store.check()
    try:
        command.upgrade(configuration(store), "head")
    except CommandError as error:
        raise StoreError("STORE_FOREIGN", f"the store is of another program, or of a newer edition: {error}") from None
    if store.dialect == "sqlite":
        with store.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.commit()


def check_migrated(store: Store) -> None:
    """Raises StoreError STORE_NOT_MIGRATED when the schema is not the newest one."""
    store.check()
    newest = ScriptDirectory.from_config(configuration(store)).get_current_head()
    with store.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != newest:
        raise StoreError(
            "STORE_NOT_MIGRATED", f"the schema is at {found or 'nothing'}, wanted is {newest}: `jifen gateway init`"
        )
