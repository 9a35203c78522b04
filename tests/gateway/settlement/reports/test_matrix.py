"""Netting: the vectors of the design, and what holds whatever is owed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.settlement.reports.matrix import netted
from gateway.settlement.reports.terms import basis_points

NAMES = ("A", "B", "C", "D", "E")
OWED = st.dictionaries(
    st.sampled_from([(one, other) for one in NAMES for other in NAMES if one != other]),
    st.integers(-(10**12), 10**12),
)


@pytest.mark.parametrize(
    ("owed", "positions", "payments", "gross", "net", "efficiency"),
    [
        (
            {"AB": 1000, "BC": 700, "CA": 500, "AC": 200},
            {"A": -700, "B": 300, "C": 400},
            [("A", "C", 400), ("A", "B", 300)],
            2400,
            700,
            7083,
        ),
        ({"AB": 500, "BC": 500, "CA": 500}, {"A": 0, "B": 0, "C": 0}, [], 1500, 0, 10000),
        (
            {"AB": 900, "BC": 800, "CD": 700, "DE": 600, "EA": 500, "AC": 50, "DB": 120},
            {"A": -450, "B": 220, "C": 150, "D": -20, "E": 100},
            [("A", "B", 220), ("A", "C", 150), ("A", "E", 80), ("D", "E", 20)],
            3670,
            470,
            8719,
        ),
        ({"AB": 300, "BA": -100}, {"A": -400, "B": 400}, [("A", "B", 400)], 400, 400, 0),
        ({}, {}, [], 0, 0, None),
    ],
)
def test_vectors(
    owed: dict[str, int],
    positions: dict[str, int],
    payments: list[tuple[str, str, int]],
    gross: int,
    net: int,
    efficiency: int | None,
) -> None:
    found = netted(((pair[0], pair[1]), amount) for pair, amount in owed.items())
    assert (found.positions, found.payments) == (positions, payments)
    assert (found.gross, found.net, found.efficiency_basis_points) == (gross, net, efficiency)


@given(OWED, st.randoms(use_true_random=False))
def test_sums_and_order(owed: dict[tuple[str, str], int], chance: object) -> None:
    pairs = list(owed.items())
    found = netted(pairs)
    chance.shuffle(pairs)  # type: ignore[attr-defined]
    assert netted(pairs) == found
    assert sum(found.positions.values()) == 0
    assert 0 <= found.net <= found.gross == sum(abs(amount) for amount in owed.values())
    assert len(found.payments) <= max(len(found.positions) - 1, 0)
    assert sum(amount for *_, amount in found.payments) == found.net
    paid = dict.fromkeys(found.positions, 0)
    for payer, payee, amount in found.payments:
        paid[payer] -= amount
        paid[payee] += amount
    assert paid == found.positions


@pytest.mark.parametrize(
    ("part", "whole", "rounded"), [(1, 20_000, 0), (3, 20_000, 2), (1, 3, 3333), (2, 3, 6667), (1, 0, None)]
)
def test_shares_are_rounded_half_to_even(part: int, whole: int, rounded: int | None) -> None:
    assert basis_points(part, whole) == rounded
