"""Rate 兑换比例, one way, by version."""

from __future__ import annotations

from typing import TypedDict


class Rate(TypedDict):
    """How many points of one class are given for those of another: `numerator / denominator` for each."""

    active: bool
    denominator: int
    from_class_id: str
    numerator: int
    to_class_id: str
    version: int  # from 1


STORED = Rate
