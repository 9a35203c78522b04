"""Mutual fund 结算互保金: what a merchant contributed to it. All contributions together are the fund."""

from __future__ import annotations

from typing import TypedDict


class Collateral(TypedDict):
    """What a merchant has posted with the operator, in millionths."""

    posted_millionths: int
    returning_millionths: int  # of it, what the merchant asked to have returned


STORED = Collateral
