"""Cover 担保额: what the issuer posted, and how much of it its slices give out."""

from __future__ import annotations

from typing import TypedDict


class Cover(TypedDict):
    """An issuer's cover."""

    allocated_millionths: int
    posted_millionths: int


STORED = Cover
