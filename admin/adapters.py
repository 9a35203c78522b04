"""The ways to a ledger, as options of commands."""

from __future__ import annotations

from enum import StrEnum


class Adapter(StrEnum):
    """The way to the ledger."""

    embedded = "embedded"
    fabric = "fabric"
    hfc = "hfc"
