"""Acceptance fee 受理手续费: what an acceptor pays an issuer for what it redeemed of its points, as both agreed."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.kernel.canonical import Json


class AgreedFee(TypedDict):
    """A fee, from a window on."""

    basis_points: int  # of what is redeemed less what is refunded
    from_window: int


class AskedFee(TypedDict):
    """A fee that one of the two asks for; it holds once the other asks for the same."""

    asked_by: str  # MSP id
    basis_points: int


class AcceptanceFee(TypedDict):
    """An issuer's and an acceptor's."""

    agreed: list[AgreedFee]  # in the order of their windows; of those before the open one the last
    asked: AskedFee | None


STORED = AcceptanceFee


def basis_points_in(fee: Json | None, window_id: int) -> int:
    """What holds in a window, in basis points; 0 where nothing was agreed."""
    found = 0
    for agreed in fee["agreed"] if fee is not None else ():
        if agreed["from_window"] <= window_id:
            found = agreed["basis_points"]
    return found
