"""Limit 限额: a slice of what an issuer may come to owe an acceptor, cap and cover (`exposure`)."""

from __future__ import annotations

from typing import TypedDict


class LimitSlice(TypedDict):
    """One slice, in millionths."""

    cap_millionths: int
    cover_millionths: int
    reserved_millionths: int  # by holds and disputes


class UsedSlice(LimitSlice):
    """A slice with its place and its use."""

    shard: int
    used_millionths: int  # owed and not paid, or reserved


class Limit(LimitSlice):
    """What an issuer grants an acceptor, all slices together."""

    acceptor_msp: str
    issuer_msp: str
    owed_millionths: int  # and not paid
    room_millionths: int  # what is left of the smaller of the two


STORED = LimitSlice
