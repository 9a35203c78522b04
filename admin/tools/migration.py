"""`python -m admin.tools.migration FOLDER MESSAGE`: writes the next migration of a gateway's store, from what the models
have and the migrated database of the gateway in FOLDER has not. For whoever changes a model; to be read and mended by
hand before it is committed."""

from __future__ import annotations

import argparse
from pathlib import Path

from alembic import command

import gateway.services.gateway  # noqa: F401  (brings every model)
from gateway.settings import load_settings
from gateway.store.engine import Store
from gateway.store.migrating import check_migrated, configuration


def write_migration(store: Store, message: str) -> None:
    """Writes the file. Raises StoreError STORE_NOT_MIGRATED."""
    check_migrated(store)
    command.revision(configuration(store), message, autogenerate=True)


def main() -> None:
    """Reads the arguments, and writes."""
    parser = argparse.ArgumentParser(prog="python -m admin.tools.migration", description=__doc__)
    parser.add_argument("folder", type=Path, help="A gateway's folder.")
    parser.add_argument("message", help="What the migration does.")
    chosen = parser.parse_args()
    store = Store(load_settings(chosen.folder).store_url)
    try:
        write_migration(store, chosen.message)
    finally:
        store.close()


if __name__ == "__main__":
    main()
