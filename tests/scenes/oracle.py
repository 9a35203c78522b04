"""The main job's answer computed a second time, from its description alone: lists, integers and Fractions, nothing of
the ledger.

Month by month in one thread, with no account, window or transaction: slow to extend and easy to check by eye. What the
ledger answers must be equal to this for any purchases file.
"""

from __future__ import annotations

import csv
import datetime
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

SHOPS = ["northstar", "harbor", "lotus"]
POINT_IN_YUAN = {"northstar": Fraction("0.01"), "harbor": Fraction("0.008"), "lotus": Fraction("0.0125")}
PAIRS = [(i, j) for i in SHOPS for j in SHOPS if i != j]


@dataclass
class Points:
    """Points of one shop with one last day."""

    shop: str
    points: int
    expires: datetime.date


@dataclass
class Totals:
    """What the answer counts, and what is owed in the month at hand."""

    counts: dict[str, int] = field(default_factory=dict)
    classes: dict[str, dict[str, int]] = field(default_factory=dict)
    owed_yuan: dict[tuple[str, str], Fraction] = field(default_factory=dict)


def answer(file: Path) -> dict[str, Any]:
    """`{counts, classes, windows}` for a purchases file."""
    with file.open(newline="", encoding="utf-8-sig") as text:
        rows = [
            (row["date"].strip(), row["customer"].strip(), line, row) for line, row in enumerate(csv.DictReader(text))
        ]
    rows.sort(key=lambda row: row[:3])
    names = ("purchases", "members", "accruals", "redemptions", "refunds", "transfers")
    flows = ("issued", "redeemed_own", "redeemed_elsewhere", "expired", "restored", "outstanding")
    totals = Totals(
        dict.fromkeys(names, 0), {shop: dict.fromkeys(flows, 0) for shop in SHOPS}, dict.fromkeys(PAIRS, Fraction(0))
    )
    wallets: dict[int, list[Points]] = {}
    visits: dict[int, int] = {}
    previous: int | None = None
    windows = []
    for k, (date, customer, _, row) in enumerate(rows):
        day, number = datetime.date.fromisoformat(date), int(customer)
        visit = visits.get(number, 0)
        visits[number] = visit + 1
        at = SHOPS[(number + visit) % 3]
        wallets.setdefault(number, [])
        _purchase(k, day, at, Fraction(row["amount"].strip()), wallets, number, previous, totals)
        previous = number
        if k + 1 == len(rows) or rows[k + 1][0][:7] != date[:7]:
            _expire(_month_end(day), wallets, totals)
            windows.append(_settle(date[:7], totals))
    totals.counts["purchases"] = len(rows)
    totals.counts["members"] = len(wallets)
    for wallet in wallets.values():
        for some in wallet:
            totals.classes[some.shop]["outstanding"] += some.points
    return {"counts": totals.counts, "classes": totals.classes, "windows": windows}


def _month_end(day: datetime.date) -> datetime.date:
    while (day + datetime.timedelta(days=1)).month == day.month:
        day += datetime.timedelta(days=1)
    return day


def _draw(wallet: list[Points], points: int, day: datetime.date, shops: list[str]) -> list[Points]:
    """Takes points out of the wallet in the ledger's order; gives what was taken."""
    taken = []
    for some in sorted(wallet, key=lambda some: (some.expires, SHOPS.index(some.shop))):
        part = min(points, some.points)
        if part and some.expires >= day and some.shop in shops:
            some.points -= part
            points -= part
            taken.append(Points(some.shop, part, some.expires))
    assert points == 0
    wallet[:] = [some for some in wallet if some.points]
    return taken


def _put(wallet: list[Points], several: list[Points]) -> None:
    """Points join those with the same last day."""
    for some in several:
        here = [one for one in wallet if (one.shop, one.expires) == (some.shop, some.expires)]
        if here:
            here[0].points += some.points
        else:
            wallet.append(Points(some.shop, some.points, some.expires))


def _purchase(
    k: int,
    day: datetime.date,
    at: str,
    amount: Fraction,
    wallets: dict[int, list[Points]],
    buyer: int,
    previous: int | None,
    totals: Totals,
) -> None:
    wallet, counts, classes = wallets[buyer], totals.counts, totals.classes
    spendable = sum(some.points for some in wallet if some.expires >= day)
    if spendable >= 100:
        drawn = _draw(wallet, spendable // 100 * 100, day, SHOPS)
        counts["redemptions"] += 1
        for some in drawn:
            classes[some.shop]["redeemed_own" if some.shop == at else "redeemed_elsewhere"] += some.points
            if some.shop != at:
                totals.owed_yuan[some.shop, at] += some.points * POINT_IN_YUAN[some.shop]
        if k % 50 == 49:
            counts["refunds"] += 1
            _put(wallet, drawn)
            for some in drawn:
                classes[some.shop]["restored"] += some.points
                if some.shop != at:
                    totals.owed_yuan[some.shop, at] -= some.points * POINT_IN_YUAN[some.shop]
    earned = int(amount)
    if earned:
        counts["accruals"] += 1
        classes[at]["issued"] += earned
        expires = day + datetime.timedelta(days=365)
        _put(wallet, [Points(at, earned, expires)])
    here = sum(some.points for some in wallet if some.shop == at and some.expires >= day)
    if k % 10 == 9 and previous is not None and previous != buyer and here >= 20:
        counts["transfers"] += 1
        _put(wallets[previous], _draw(wallet, 20, day, [at]))


def _expire(day: datetime.date, wallets: dict[int, list[Points]], totals: Totals) -> None:
    for wallet in wallets.values():
        for some in wallet:
            if some.expires < day:
                totals.classes[some.shop]["expired"] += some.points
        wallet[:] = [some for some in wallet if some.expires >= day]


def _settle(month: str, totals: Totals) -> dict[str, Any]:
    """One window; what rounding leaves over stays in `owed_yuan` for the next."""
    owed: dict[str, int] = {}
    net = dict.fromkeys(SHOPS, 0)
    for i, j in PAIRS:
        fen = round(totals.owed_yuan[i, j] * 100)  # a Fraction is rounded half to even
        totals.owed_yuan[i, j] -= Fraction(fen, 100)
        owed[f"{i}>{j}"] = fen
        net[i] -= fen
        net[j] += fen
    open_positions = dict(net)
    payments = []
    while any(open_positions.values()):
        payer = min(SHOPS, key=lambda shop: (open_positions[shop], shop))
        payee = min(SHOPS, key=lambda shop: (-open_positions[shop], shop))
        amount = min(-open_positions[payer], open_positions[payee])
        payments.append({"payer": payer, "payee": payee, "amount": amount})
        open_positions[payer] += amount
        open_positions[payee] -= amount
    return {"month": month, "gross": sum(owed.values()), "owed": owed, "net": net, "payments": payments}
