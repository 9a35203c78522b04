"""Breakage: what of the points will never be spent, and what of the liability is income because of that (IFRS 15, B44
to B47, and Example 52).

**How it is estimated.** Points keep their last day, whoever has them. So those whose last days are in one month are a
cohort, and once the month is over it is known what share lapsed of what had been left of it so many months before. Of
what is left of a cohort now, the share is expected to lapse that lapsed of all cohorts that are over, from as many
months before their end (chain ladder); the lowest and highest share of a single one say how sure that is. Where the day
does not end its month, one month more is taken to be ahead, which estimates less breakage rather than more. A class
with fewer than HISTORY_MONTHS_MIN such cohorts has no history, and nothing is expected to lapse; nor for longer than any
of them had been observed. Points without a last day never lapse.

**How it is recognised.** In proportion to the points that were spent: allocated x redeemed / expected to be redeemed,
for all time up to the day, rounded once to smallest coins, half to even. A period's income is the difference between
two such sums, so a changed estimate is caught up in the period in which it changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from pydantic import Field

from chaincode.spec.kernel.calendar import date_of, day_number
from chaincode.spec.kernel.netting import round_half_even
from gateway.core.schemas import FixedSchema
from gateway.projection.models import NEVER
from gateway.projection.queries.books import Lot
from gateway.settlement.reports.roll_forward import NOTHING, Flows
from gateway.settlement.reports.terms import ClassTerms, ReportHead, basis_points

HISTORY_MONTHS_MIN = 3
METHOD = "PROPORTIONAL_CHAIN_LADDER"
RunOff = tuple[str, int, int, int]
"""By how many points what is left changed: class, last day, day, points."""


class BreakageCase(FixedSchema):
    """What follows from an estimate. `expected_redeemed`: points that will have been redeemed in the end; `recognised`:
    revenue of all time up to the day, of which `breakage` is for points that will not be, or were not, spent."""

    expected_redeemed_points: int
    expected_lapse_points: int = Field(description="Of what is left; what has lapsed and is not booked included.")
    recognised_minor: int
    breakage_minor: int
    deferred_minor: int


class BreakageMonth(FixedSchema):
    """The points whose last days are in one month that is over."""

    month: str
    issued_points: int
    lapsed_points: int
    lapsed_basis_points: int | None


class ClassBreakage(ClassTerms):
    """A class. `allocated_minor` is what its points that were issued and not reversed are worth; `low` and `high` are
    the estimate with the shares of the months of which least and most lapsed."""

    issued_points: int = Field(description="Less reversed ones.")
    redeemed_points: int = Field(description="Less restored ones.")
    expired_points: int
    outstanding_points: int
    allocated_minor: int
    has_history: bool
    estimate: BreakageCase
    low: BreakageCase
    high: BreakageCase
    months: list[BreakageMonth]


class BreakageReport(ReportHead):
    """Every class on a day."""

    day: str
    method: str
    history_months_min: int
    classes: list[ClassBreakage]


@dataclass
class Cohort:
    """The points whose last days are in one month, counted in months since year 0. `left` at the end of each month in
    which it changed."""

    month: int
    issued: int = 0
    expired: int = 0
    points: int = 0
    changes: Counter[int] = field(default_factory=Counter)

    @property
    def lapsed(self) -> int:
        """What was never spent, once the month is over: also what nobody has touched since."""
        return self.expired + self.points

    def left(self, months_before: int) -> int:
        """What was left at the end of the month so many months before its own."""
        return sum(points for month, points in self.changes.items() if month <= self.month - months_before)


def allocated(price: int, goods: int, points: int) -> tuple[int, int]:
    """A price divided over goods and points by what each would cost alone (IFRS 15, 74); the second is rounded half to
    even, the first is the rest. Gives (goods, points)."""
    for_points = round_half_even(price * points, goods + points)[0]
    return price - for_points, for_points


def recognised(allocation: int, redeemed: int, expected: int) -> int:
    """What of an allocation is revenue once so many points of the `expected` ones are redeemed: all of it at most,
    nothing where none is expected. Rounded once, half to even."""
    if expected <= 0:
        return 0
    return round_half_even(allocation * min(max(redeemed, 0), expected), expected)[0]


def month_of(day: int) -> int:
    """The month of a day, counted since year 0."""
    year, month, _ = date_of(day).split("-")
    return 12 * int(year) + int(month) - 1


def cohorts_of(lots: Sequence[Lot], run_off: Sequence[RunOff]) -> dict[int, Cohort]:
    """A class's cohorts by month, the first one first."""
    found: dict[int, Cohort] = {}
    for lot in sorted((lot for lot in lots if lot.expires_day < NEVER), key=lambda lot: lot.expires_day):
        cohort = found.setdefault(month_of(lot.expires_day), Cohort(month_of(lot.expires_day)))
        cohort.issued += lot.issued - lot.reversed
        cohort.expired += lot.expired
        cohort.points += lot.points
    for _, expires_day, day, points in run_off:
        found[month_of(expires_day)].changes[month_of(day)] += points
    return found


def shares_of(over: Sequence[Cohort], months_before: int) -> tuple[Fraction, Fraction, Fraction]:
    """Of what was left so many months before the end, the share that lapsed: of all cohorts, the lowest and the highest
    of a single one. None where none had any left."""
    known = [(cohort.lapsed, left) for cohort in over if (left := cohort.left(months_before)) > 0]
    if not known:
        return Fraction(0), Fraction(0), Fraction(0)
    single = [Fraction(lapsed, left) for lapsed, left in known]
    whole = Fraction(sum(lapsed for lapsed, _ in known), sum(left for _, left in known))
    return tuple(min(max(one, Fraction(0)), Fraction(1)) for one in (whole, min(single), max(single)))  # type: ignore[return-value]


def class_breakage(
    terms: ClassTerms,
    flows: Mapping[str, int],
    lots: Sequence[Lot],
    run_off: Sequence[RunOff],
    today: int,
    unit: int,
) -> ClassBreakage:
    """What will never be spent of one class, by all that came about up to a day; `unit`: millionths of the smallest
    coin."""
    cohorts = cohorts_of(lots, run_off)
    this_month, mid_month = month_of(today), month_of(today) == month_of(today + 1)
    over = [cohort for cohort in cohorts.values() if cohort.month < this_month + (not mid_month) and cohort.issued > 0]
    enough = len(over) >= HISTORY_MONTHS_MIN
    ahead = [Fraction(0)] * 3
    waiting: Counter[int] = Counter()
    for lot in lots if enough else ():
        if today <= lot.expires_day < NEVER:
            waiting[month_of(lot.expires_day) - this_month + mid_month] += lot.points
    for months_before, points in waiting.items():
        shares = shares_of(over, months_before)
        ahead = [total + share * points for total, share in zip(ahead, shares, strict=True)]
    redeemed = flows["redeemed_own"] + flows["redeemed_elsewhere"] - flows["restored"]
    issued = flows["issued"] - flows["reversed"]
    left = sum(lot.points for lot in lots)
    lapsed = sum(lot.points for lot in lots if lot.expires_day < today)
    allocation, spent = (
        round_half_even(points * terms.unit_value_millionths, unit)[0] for points in (issued, redeemed)
    )

    def case(expected_ahead: Fraction) -> BreakageCase:
        lapse = lapsed + round_half_even(expected_ahead.numerator, expected_ahead.denominator)[0]
        expected = redeemed + left - lapse
        revenue = recognised(allocation, redeemed, expected)
        return BreakageCase(
            expected_redeemed_points=expected,
            expected_lapse_points=lapse,
            recognised_minor=revenue,
            breakage_minor=revenue - spent,
            deferred_minor=allocation - revenue,
        )

    return ClassBreakage(
        **terms.model_dump(),
        issued_points=issued,
        redeemed_points=redeemed,
        expired_points=flows["expired"],
        outstanding_points=left,
        allocated_minor=allocation,
        has_history=enough,
        estimate=case(ahead[0]),
        low=case(ahead[1]),
        high=case(ahead[2]),
        months=[
            BreakageMonth(
                month=f"{cohort.month // 12:04d}-{cohort.month % 12 + 1:02d}",
                issued_points=cohort.issued,
                lapsed_points=cohort.lapsed,
                lapsed_basis_points=basis_points(cohort.lapsed, cohort.issued),
            )
            for cohort in over
        ],
    )


def breakage_report(
    head: ReportHead,
    classes: Sequence[ClassTerms],
    flows: Flows,
    lots: Sequence[Lot],
    run_off: Sequence[RunOff],
    day: str,
) -> BreakageReport:
    """Every class on a day, by all that came about up to it."""
    by_class: dict[str, list[Lot]] = {}
    for lot in lots:
        by_class.setdefault(lot.class_id, []).append(lot)
    return BreakageReport(
        **head.model_dump(),
        day=day,
        method=METHOD,
        history_months_min=HISTORY_MONTHS_MIN,
        classes=[
            class_breakage(
                terms,
                flows.get(terms.class_id, NOTHING),
                by_class.get(terms.class_id, []),
                [one for one in run_off if one[0] == terms.class_id],
                day_number(day),
                head.minor_unit_millionths,
            )
            for terms in classes
        ],
    )
