"""Run by Alembic for each migration; the engine comes from `gateway.store.migrating`."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from gateway.store.base import DOCUMENT, LONG, Base


def render(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Our own column types by their names, so that a migration reads the same for both databases."""
    for name, one in (("DOCUMENT", DOCUMENT), ("LONG", LONG)):
        if kind == "type" and item is one:
            return name
    return False


with context.config.attributes["engine"].connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite cannot change a column in place; Alembic then makes the table anew
        render_item=render,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
