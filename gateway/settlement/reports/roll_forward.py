"""What a class's points came from and went to between two moments: the liability of its issuer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from chaincode.spec.kernel.counters import COMING, FLOWS, outstanding
from gateway.core.schemas import FixedSchema
from gateway.settlement.reports.terms import ClassTerms, ReportHead

LINES = ("opening", *FLOWS, "closing")
SIGNS = {flow: 1 if flow in COMING else -1 for flow in FLOWS}
"""Whether a flow adds to what is outstanding or takes from it."""
NOTHING = dict.fromkeys(FLOWS, 0)


class Amounts(FixedSchema):
    """opening + issued - redeemed_own - redeemed_elsewhere - expired - reversed + restored + indebted - repaid =
    closing. What was clawed back and not there any more is reversed and indebted, what later pays it issued and
    repaid."""

    opening: int
    issued: int
    redeemed_own: int
    redeemed_elsewhere: int
    expired: int
    reversed: int
    restored: int
    indebted: int
    repaid: int
    closing: int


class ClassRollForward(ClassTerms):
    """A class, in points and in money at what its points are worth. `lots_points`: what is left of the points at the
    closing by their last days, counted apart."""

    points: Amounts
    millionths: Amounts
    lots_points: int


class RollForward(ReportHead):
    """Every class from one moment to another; `total_millionths` is all of them in money."""

    first_day: str | None = Field(description="Its flows are the first ones in it; null where blocks bound it.")
    last_day: str | None
    after_block: int | None = Field(description="Blocks behind this one are in it; null where days bound it.")
    until_block: int | None
    classes: list[ClassRollForward]
    total_millionths: Amounts


Flows = Mapping[str, Mapping[str, int]]


def amounts(before: Mapping[str, int], until: Mapping[str, int]) -> Amounts:
    """The roll-forward between two moments, by all flows from the beginning to each."""
    between = {flow: until[flow] - before[flow] for flow in FLOWS}
    opening = outstanding(before)
    found = Amounts(opening=opening, **between, closing=outstanding(until))
    assert opening + sum(SIGNS[flow] * points for flow, points in between.items()) == found.closing
    return found


def times(found: Amounts, unit: int) -> Amounts:
    """The same, each line times `unit`."""
    return Amounts(**{line: getattr(found, line) * unit for line in LINES})


def roll_forward(
    head: ReportHead,
    classes: Sequence[ClassTerms],
    before: Flows,
    until: Flows,
    lots: Mapping[str, int],
    *,
    days: tuple[str | None, str | None] = (None, None),
    blocks: tuple[int | None, int | None] = (None, None),
) -> RollForward:
    """Every class between two moments; `lots` are the points that are left at the second one."""
    rows = []
    for terms in classes:
        points = amounts(before.get(terms.class_id, NOTHING), until.get(terms.class_id, NOTHING))
        rows.append(
            ClassRollForward(
                **terms.model_dump(),
                points=points,
                millionths=times(points, terms.unit_value_millionths),
                lots_points=lots.get(terms.class_id, 0),
            )
        )
    return RollForward(
        **head.model_dump(),
        first_day=days[0],
        last_day=days[1],
        after_block=blocks[0],
        until_block=blocks[1],
        classes=rows,
        total_millionths=Amounts(**{line: sum(getattr(one.millionths, line) for one in rows) for line in LINES}),
    )
