"""Allowance 授权额度; none is kept for 0."""

from __future__ import annotations

from typing import TypedDict


class Allowance(TypedDict):
    """An allowance."""

    points: int


STORED = Allowance
