"""Legacy reference 旧系统凭证: imported once for each class."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.nouns import Date


class LegacyReference(TypedDict):
    """An imported reference."""

    imported_on: Date
    points: int


STORED = LegacyReference
