"""Matrix 应收应付矩阵: what one issuer owes in a window, a row for each acceptor."""

from __future__ import annotations

from typing import TypedDict


class Pair(TypedDict):
    """What an issuer owes an acceptor: redeemed less refunded, plus what disputes moved and what was carried in, in
    minor units and the rest."""

    acceptor_msp: str
    adjusted_millionths: int  # moved here by disputes, negative: taken away
    carried_in_millionths: int
    carried_out_millionths: int
    fee_basis_points: int
    fee_minor: int  # what the acceptor pays the issuer for accepting; negative where refunds outweigh
    issuer_msp: str
    owed_minor: int
    redeemed_millionths: int
    refunded_millionths: int


class Matrix(TypedDict):
    """An issuer's rows."""

    rows: list[Pair]


STORED = Matrix
