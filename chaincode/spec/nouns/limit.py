"""Limit 限额: a slice of cap and cover of one lane."""

from __future__ import annotations

from typing import TypedDict


class Limit(TypedDict):
    """What an issuer may come to owe an acceptor through one lane."""

    cap_millionths: int
    cover_millionths: int
    reserved_millionths: int  # by holds


STORED = Limit
