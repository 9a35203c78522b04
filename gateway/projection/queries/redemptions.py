"""Redemptions as the operations that made and refunded them tell: also those that the ledger has swept since."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import date_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.redemptions import last_refund_day
from gateway.projection.models import (
    ProjectedDocument,
    ProjectedOperation,
    ProjectedRedemption,
    ProjectedRedemptionEntry,
)
from gateway.projection.queries.reader import document, unknown


def newest_redemption(session: Session, redemption_id: str) -> int:
    """The number of the operation that made the newest redemption of an id. Raises GatewayError OBJECT_UNKNOWN."""
    table = ProjectedRedemption
    found = session.scalar(select(func.max(table.operation_number)).where(table.redemption_id == redemption_id))
    if found is None:
        raise unknown(redemption_id)
    return int(found)


def operations_on(session: Session, number: int) -> list[ProjectedOperation]:
    """The operations that made a redemption and refunded it, in their order."""
    entry = ProjectedRedemptionEntry
    numbers = select(entry.operation_number).where(entry.redemption_number == number)
    wanted = (
        select(ProjectedOperation).where(ProjectedOperation.number.in_(numbers)).order_by(ProjectedOperation.number)
    )
    return list(session.scalars(wanted))


def redemptions_told(session: Session, numbers: Sequence[int]) -> list[Json]:
    """The redemptions that these operations made, as the ledger has them or had them last, each with
    `refundable_until` (its last day on which it can be refunded; null for an exchange) and `swept` (whether the
    ledger has it no more)."""
    operation, entry = ProjectedOperation, ProjectedRedemptionEntry
    made: dict[int, Json] = dict(
        session.execute(select(operation.number, operation.result).where(operation.number.in_(numbers))).all()
    )
    found = {number: _copied(made[number]["redemption"]) for number in numbers}
    wanted = (
        select(entry.operation_number, entry.redemption_number)
        .where(entry.redemption_number.in_(numbers), entry.operation_number != entry.redemption_number)
        .distinct()
    )
    refunds = dict(session.execute(wanted).all())
    parts = select(operation.number, operation.result).where(operation.number.in_(refunds))
    for number, result in session.execute(parts):
        _give_back(found[refunds[number]], result["returned"])
    consortium = document(session, keys.CONSORTIUM)
    standing = _standing(session, {number: one["redemption_id"] for number, one in found.items()})
    for number, one in found.items():
        last_day = None if one["kind"] == "EXCHANGE" else last_refund_day(one["redeemed_on"], consortium)
        one.update(refundable_until=date_of(last_day), swept=number not in standing)
    return [dict(sorted(found[number].items())) for number in numbers]


def _copied(redemption: Json) -> Json:
    """In the order of the names, which a database may not keep."""
    return {**redemption, "draws": [dict(sorted(draw.items())) for draw in redemption["draws"]]}


def _give_back(redemption: Json, returned: Json) -> None:
    draws = {(draw["class_id"], draw["expires_on"]): draw for draw in redemption["draws"]}
    for part in returned:
        draws[part["class_id"], part["drawn_expires_on"]]["refunded"] += part["points"]
        redemption["refunded"] += part["points"]


def _standing(session: Session, names: dict[int, str]) -> set[int]:
    """Those that the ledger has: the newest of its id, and not swept."""
    outline, key = ProjectedRedemption, ProjectedDocument.key
    prefix = keys.redemption("")
    there = select(key).where(key.in_([prefix + name for name in names.values()]))
    standing = {one.removeprefix(prefix) for one in session.scalars(there)}
    newest = (
        select(outline.redemption_id, func.max(outline.operation_number))
        .where(outline.redemption_id.in_(standing))
        .group_by(outline.redemption_id)
    )
    return {number for _, number in session.execute(newest)}
