"""The default waterfall: what becomes of what a merchant owes and does not pay.

Bears it, in this order, each as far as it goes:

1. what others owe the defaulter and have not paid (set-off);
2. the defaulter's own cover;
3. the mutual fund;
4. the survivors, in proportion to the limits that stood between them and the defaulter (as CHIPS shares a loss by
   bilateral limits), each to its cap;
5. whoever is owed, in proportion to what is owed it (haircut).

So nothing is unwound: an entry of a window stays, whoever fails, and no creditor becomes a debtor by another's default.
All amounts are in minor units of the currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chaincode.spec.kernel.netting import payments

COVER, FUND = "/COVER", "/FUND"
"""Stand for the defaulter's cover and the fund where a payment names who pays. No MSP id holds a slash."""


@dataclass(frozen=True)
class Waterfall:
    """Who bears how much, by MSP id, those alone who bear something; and the payments that make it so."""

    set_off: dict[str, int]
    cover: int
    fund: int
    losses: dict[str, int]
    haircuts: dict[str, int]
    payments: list[tuple[str, str, int]]  # (payer, payee, amount)


def apportion(total: int, weights: Mapping[str, int], caps: Mapping[str, int]) -> dict[str, int]:
    """`total` in proportion to the weights, by largest remainder (Hamilton), ties by name; nobody gets more than its
    cap, and what one cannot take the others do. Adds up to the smaller of `total` and all caps of those with weight;
    names without a share are left out."""
    shares: dict[str, int] = {}
    rest, open_ = total, {name: weight for name, weight in weights.items() if weight > 0 and caps[name] > 0}
    while open_ and rest > 0:
        whole = sum(open_.values())
        full = {name for name, weight in open_.items() if rest * weight >= caps[name] * whole}
        if not full:
            floors = {name: rest * weight // whole for name, weight in open_.items()}
            by_remainder = sorted(open_, key=lambda name: (-(rest * open_[name] % whole), name))
            for name in by_remainder[: rest - sum(floors.values())]:
                floors[name] += 1
            shares.update(floors)
            break
        for name in full:
            shares[name] = caps[name]
            rest -= caps[name]
            del open_[name]
    return {name: share for name, share in sorted(shares.items()) if share}


def waterfall(
    owed: Mapping[str, int],
    claims: Mapping[str, int],
    cover: int,
    fund: int,
    limits: Mapping[str, int],
    caps: Mapping[str, int],
) -> Waterfall:
    """What a defaulter owes whom (`owed`) and who owes it (`claims`), with what there is of its cover and of the fund;
    `limits` and `caps` of the survivors. None of them names the defaulter."""
    rest = sum(owed.values())
    set_off = apportion(rest, claims, claims)
    rest -= sum(set_off.values())
    from_cover = min(cover, rest)
    from_fund = min(fund, rest - from_cover)
    losses = apportion(rest - from_cover - from_fund, limits, caps)
    haircuts = apportion(rest - from_cover - from_fund - sum(losses.values()), owed, owed)
    net = {COVER: -from_cover, FUND: -from_fund}
    for name in sorted({*owed, *set_off, *losses}):
        gets, gives = owed.get(name, 0) - haircuts.get(name, 0), set_off.get(name, 0) + losses.get(name, 0)
        net[name] = gets - gives
    return Waterfall(set_off, from_cover, from_fund, losses, haircuts, payments(net))
