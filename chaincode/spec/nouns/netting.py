"""Netting 轧差进度: how far CloseWindow has come with a window that it takes several calls for."""

from __future__ import annotations

from typing import TypedDict


class Tally(TypedDict):
    """A merchant's part of a window as far as it is netted."""

    msp_id: str
    net_minor: int
    rows: int
    rows_sha256: str  # see CloseWindow


class Netting(TypedDict):
    """How far a window is netted."""

    gross_minor: int
    netted_to: str  # MSP id of the last issuer that is netted
    tallies: list[Tally]


STORED = Netting
