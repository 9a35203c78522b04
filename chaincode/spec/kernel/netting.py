"""Settlement arithmetic: rounding, multilateral netting and payments.

B[i][j] is what issuer i owes acceptor j in a window, in minor units of the currency. M[i] = sum over j of (B[j][i] -
B[i][j]); all M add up to 0. Payments go from the largest debtor to the largest creditor, ties by MSP id, at most n - 1
of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from chaincode.spec.kernel.canonical import Json, encode

Pair = tuple[str, str]
"""(issuer, acceptor)."""


def round_half_even(value: int, unit: int) -> tuple[int, int]:
    """`value` in whole `unit`s, rounded half to even (IEEE 754, roundTiesToEven), and the exact remainder, of either
    sign."""
    whole, rest = divmod(value, unit)
    if 2 * rest > unit or (2 * rest == unit and whole % 2 == 1):
        whole += 1
    return whole, value - whole * unit


def net_positions(owed: Iterable[tuple[Pair, int]]) -> dict[str, int]:
    """M for each merchant in `owed`: positive receives, negative pays. Adds up to 0."""
    net: dict[str, int] = {}
    for (issuer, acceptor), amount in owed:
        net[issuer] = net.get(issuer, 0) - amount
        net[acceptor] = net.get(acceptor, 0) + amount
    assert sum(net.values()) == 0
    return net


def chained(before: str, row: Json) -> str:
    """The hash, in hex, of the hash before it, in hex, and a row of the matrix; nothing stands before the first."""
    return hashlib.sha256(before.encode("ascii") + encode(row)).hexdigest()


def payments(net: dict[str, int]) -> list[tuple[str, str, int]]:
    """(payer, payee, amount) that bring all net positions to 0."""
    rest = dict(net)
    out = []
    while any(rest.values()):
        payer = min(rest, key=lambda merchant: (rest[merchant], merchant))
        payee = min(rest, key=lambda merchant: (-rest[merchant], merchant))
        amount = min(-rest[payer], rest[payee])
        rest[payer] += amount
        rest[payee] -= amount
        out.append((payer, payee, amount))
    return out
