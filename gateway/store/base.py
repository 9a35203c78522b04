"""What all tables share: names of constraints, and column types that mean the same on SQLite and PostgreSQL.

Times are Unix seconds in integers, as on the ledger; points and millionths need 64 bits.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

LONG = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer that SQLite can count up by itself as a primary key."""
DOCUMENT = JSON().with_variant(JSONB(), "postgresql")
"""A JSON document."""


class Base(DeclarativeBase):
    """The base of every model."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dict[str, Any]: DOCUMENT, list[Any]: DOCUMENT}  # noqa: RUF012


def new_id(prefix: str) -> str:
    """A new random id, such as `whk_x3…`: the prefix says of what, 20 characters of 32 letters (100 bits) are
    chance."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return f"{prefix}_{''.join(secrets.choice(letters) for _ in range(20))}"
