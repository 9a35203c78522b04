"""How soon what is outstanding expires."""

from __future__ import annotations

from collections.abc import Sequence

from chaincode.spec.kernel.calendar import day_number
from gateway.core.schemas import FixedSchema
from gateway.projection.models import NEVER
from gateway.projection.queries.books import Lot
from gateway.settlement.reports.terms import ClassTerms, ReportHead

BANDS: tuple[tuple[str, int | None, int | None], ...] = (
    ("LAPSED", None, -1),
    ("DAYS_0_30", 0, 30),
    ("DAYS_31_90", 31, 90),
    ("DAYS_91_180", 91, 180),
    ("DAYS_181_365", 181, 365),
    ("LATER", 366, None),
    ("NEVER", None, None),
)
"""Days from the day of the report to the last day, both ends included. LAPSED: the last day is over, and nobody has
touched the account since."""


class AgeingBand(FixedSchema):
    """What is left in one band."""

    band: str
    points: int
    millionths: int


class ClassAgeing(ClassTerms):
    """A class; its bands add up to what is outstanding."""

    bands: list[AgeingBand]
    points: int
    millionths: int


class AgeingReport(ReportHead):
    """Every class on a day; `total_millionths` by band."""

    day: str
    classes: list[ClassAgeing]
    total_millionths: list[int]


def band_of(expires_day: int, today: int) -> str:
    """The band of a last day."""
    if expires_day == NEVER:
        return "NEVER"
    days = expires_day - today
    return next(
        name for name, first, last in BANDS if (first is None or days >= first) and (last is None or days <= last)
    )


def ageing_report(head: ReportHead, classes: Sequence[ClassTerms], lots: Sequence[Lot], day: str) -> AgeingReport:
    """What is left of each class by how many days it has from `day` on."""
    today = day_number(day)
    points: dict[tuple[str, str], int] = {}
    for lot in lots:
        place = (lot.class_id, band_of(lot.expires_day, today))
        points[place] = points.get(place, 0) + lot.points
    rows = []
    for terms in classes:
        bands = [
            AgeingBand(
                band=name,
                points=points.get((terms.class_id, name), 0),
                millionths=points.get((terms.class_id, name), 0) * terms.unit_value_millionths,
            )
            for name, _, _ in BANDS
        ]
        total = sum(one.points for one in bands)
        rows.append(
            ClassAgeing(**terms.model_dump(), bands=bands, points=total, millionths=total * terms.unit_value_millionths)
        )
    return AgeingReport(
        **head.model_dump(),
        day=day,
        classes=rows,
        total_millionths=[sum(row.bands[place].millionths for row in rows) for place in range(len(BANDS))],
    )
