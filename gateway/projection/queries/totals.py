"""A day at the counter: what one merchant's tills accrued, took and gave back."""

from __future__ import annotations

import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY, day_of, is_date
from chaincode.spec.kernel.canonical import Json
from gateway.core.errors import GatewayError
from gateway.projection.models import ProjectedEntry, ProjectedOperation, ProjectedRedemptionEntry
from gateway.projection.queries.reader import Reader, document
from gateway.projection.queries.schemas import ClassTotal, CounterTotals

ACCRUED = ("Accrue",)
REDEEMED = ("Redeem", "Capture")
REFUNDED = ("Refund",)
_EPOCH = datetime.date(1970, 1, 1)
_UTC: Json = {"offsets": [[0, 0]]}


class Totals(Reader):
    """Sums over a day. Raises GatewayError PROJECTION_REBUILDING."""

    def counter(self, msp_id: str, day: str | None = None) -> CounterTotals:
        """What came about through `msp_id`'s gateway on a day of the consortium's (today when left out). Raises
        GatewayError REQUEST_MALFORMED."""
        if day is not None and not is_date(day):
            raise GatewayError("REQUEST_MALFORMED", "day: expected a date YYYY-MM-DD")
        with self.reading() as (session, position):
            on = day or self.today(session)
            consortium = document(session, keys.CONSORTIUM)
            first, last = seconds_of(on, consortium["time_zone"] if consortium else _UTC)
            accrued = _accrued(session, msp_id, first, last)
            redeemed = _booked(session, msp_id, REDEEMED, first, last)
            refunded = _booked(session, msp_id, REFUNDED, first, last)
            counts = _counts(session, msp_id, first, last)
            return CounterTotals(
                day=on,
                accruals=sum(counts.get(op, 0) for op in ACCRUED),
                redemptions=sum(counts.get(op, 0) for op in REDEEMED),
                refunds=sum(counts.get(op, 0) for op in REFUNDED),
                accrued=accrued,
                redeemed=redeemed,
                refunded=refunded,
                block_number=position.block_number,
            )


def seconds_of(day: str, time_zone: Json) -> tuple[int, int]:
    """The first and the last second of a day, as the ledger counts days."""
    midnight = (datetime.date.fromisoformat(day) - _EPOCH).days * SECONDS_PER_DAY
    starts = [midnight - offset for _, offset in time_zone["offsets"]]
    ends = [start + SECONDS_PER_DAY - 1 for start in starts]
    return (
        min(second for second in starts if day_of(second, time_zone) == day),
        max(second for second in ends if day_of(second, time_zone) == day),
    )


def _counts(session: Session, msp_id: str, first: int, last: int) -> dict[str, int]:
    """How many operations changed an account: a purchase that earned nothing did not."""
    operation, entry = ProjectedOperation, ProjectedEntry
    rows = session.execute(
        select(operation.op, func.count(operation.number.distinct()))
        .join(entry, entry.operation_number == operation.number)
        .where(operation.submitter_msp == msp_id, operation.at >= first, operation.at <= last)
        .where(operation.op.in_((*ACCRUED, *REDEEMED, *REFUNDED)))
        .group_by(operation.op)
    )
    return {str(op): int(count) for op, count in rows}


def _accrued(session: Session, msp_id: str, first: int, last: int) -> list[ClassTotal]:
    operation, entry = ProjectedOperation, ProjectedEntry
    rows = session.execute(
        select(entry.class_id, func.sum(entry.points))
        .join(operation, operation.number == entry.operation_number)
        .where(operation.submitter_msp == msp_id, operation.at >= first, operation.at <= last)
        .where(operation.op.in_(ACCRUED))
        .group_by(entry.class_id)
        .order_by(entry.class_id)
    )
    found = []
    for class_id, points in rows:
        unit = document(session, keys.point_class(class_id))["unit_value_millionths"]
        found.append(ClassTotal(class_id=class_id, points=int(points), value_millionths=int(points) * unit))
    return found


def _booked(session: Session, msp_id: str, ops: tuple[str, ...], first: int, last: int) -> list[ClassTotal]:
    operation, entry = ProjectedOperation, ProjectedRedemptionEntry
    rows = session.execute(
        select(entry.class_id, func.sum(entry.points), func.sum(entry.value_millionths))
        .join(operation, operation.number == entry.operation_number)
        .where(operation.submitter_msp == msp_id, operation.at >= first, operation.at <= last)
        .where(operation.op.in_(ops))
        .group_by(entry.class_id)
        .order_by(entry.class_id)
    )
    return [
        ClassTotal(class_id=class_id, points=abs(int(points)), value_millionths=abs(int(value)))
        for class_id, points, value in rows
    ]
