"""The projection's tables, read whole."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from gateway.projection.fold.snapshots import position_of
from gateway.store.base import Base
from gateway.store.engine import Store


def contents(store: Store) -> dict[str, Any]:
    """All rows of the projection, by table; without the time of folding."""
    with store.reading() as session:
        return {
            table.name: sorted(
                (
                    tuple(
                        json.dumps(row[column.name], sort_keys=True)
                        for column in table.columns
                        if column.name != "folded_at"
                    )
                )
                for row in session.execute(select(table)).mappings()
            )
            for table in Base.metadata.sorted_tables
            if table.name.startswith("projection_")
        }


def block_number(store: Store) -> int:
    with store.reading() as session:
        return position_of(session).block_number
