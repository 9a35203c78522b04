"""Remainder 结转余数 of rounding, carried to the next window, in millionths."""

from __future__ import annotations

from typing import TypedDict


class Carry(TypedDict):
    """A remainder; none is kept for 0."""

    millionths: int


STORED = Carry
