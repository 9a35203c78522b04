"""An account's history as people read it: one payment is one row, whatever operations and classes it took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from chaincode.spec.kernel.calendar import date_of
from gateway.core.cursors import decode_cursor, encode_cursor
from gateway.core.schemas import FixedSchema
from gateway.projection.fold.operations import reference_of
from gateway.projection.fold.postings import JOINED
from gateway.projection.models import (
    ProjectedBucket,
    ProjectedEntry,
    ProjectedHold,
    ProjectedOperation,
    ProjectedPosting,
    ProjectedRedemption,
    ProjectedRedemptionEntry,
)
from gateway.projection.queries.reader import Filters, Reader, last_date, link_of, page, place_of
from gateway.projection.queries.schemas import Listing, OperationLink

PAYMENTS = ("Redeem", "Capture")
VALUED = frozenset({*PAYMENTS, "Refund"})
"""Operations whose value in money the ledger fixes."""
RESERVED = "RESERVED"


class MovementBucket(FixedSchema):
    """Points with one last day."""

    expires_on: str | None = Field(description="Their last day; null is never.")
    available_on: str | None = Field(description="Of points that could not be spent yet: from which day on.")
    points: int = Field(description="Came (positive) or went; of a reservation the points that were reserved.")
    issuance_id: str | None = Field(description="Of points that came into being; it leads to where they went.")


class MovementPart(FixedSchema):
    """What a movement changed of one class."""

    class_id: str
    points: int
    held: int = Field(description="What it reserved (positive) or set free.")
    value_millionths: int | None = Field(description="In money, with the sign of `points`; null but for payments.")
    debt: int = Field(description="By how much what the account owes grew (positive) or was paid.")
    buckets: list[MovementBucket]


class Movement(FixedSchema):
    """One row of an account's history: a reservation and its payment or its end are one, at the place of the last."""

    cursor: str = Field(description="The operation's place, `<block>-<transaction>-<operation>`.")
    block_number: int
    transaction_id: str
    at: int
    op: str
    authoriser: str
    request_id: str
    counterparties: list[str] = Field(description="The other accounts and organisations that it concerns.")
    merchant: str | None = Field(description="Where points were spent, reserved or given back.")
    reference: str | None = Field(description="The order, purchase or reason that it names.")
    redemption_id: str | None
    hold_id: str | None
    reserved_points: int | None = Field(description="What its reservation was of, in smallest units of all classes.")
    value_millionths: int | None = Field(description="The sum of its parts' values; null but for payments.")
    parts: list[MovementPart]
    operations: list[OperationLink] = Field(description="The operations that it took, oldest first.")


class Movements(Reader):
    """Lists movements. Raises GatewayError PROJECTION_REBUILDING, CURSOR_INVALID."""

    def of_account(
        self,
        account: str,
        *,
        class_id: str | None = None,
        op: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Listing[Movement]:
        """What happened to the account, newest first: of one class, by one operation. `Redeem` finds captures too,
        since both are payments; a movement of several classes is shown whole."""
        filters: Filters = {"account": account, "class_id": class_id, "op": op}
        entry, operation, hold = ProjectedEntry, ProjectedOperation, ProjectedHold
        goes_on = exists().where(hold.operation_number == operation.number, hold.status != RESERVED)
        wanted = (
            select(operation.number)
            .join(entry, entry.operation_number == operation.number)
            .where(entry.account == account, ~goes_on)
            .distinct()
        )
        if class_id is not None:
            wanted = wanted.where(entry.class_id == class_id)
        if op is not None:
            wanted = wanted.where(operation.op.in_(PAYMENTS if op == "Redeem" else (op,)))
        before = decode_cursor("movements", filters, cursor, int)
        if before is not None:
            wanted = wanted.where(operation.number < before, entry.operation_number < before)
        with self.reading() as (session, position):
            numbers, more = page(session.scalars(wanted.order_by(operation.number.desc()).limit(limit + 1)), limit)
            rows = session.scalars(
                select(operation).where(operation.number.in_(numbers)).order_by(operation.number.desc())
            ).all()
            items = _movements(session, account, rows)
            following = encode_cursor("movements", filters, numbers[-1]) if more else None
            return Listing(items=items, next=following, block_number=position.block_number)


def _movements(session: Session, account: str, rows: Sequence[ProjectedOperation]) -> list[Movement]:
    numbers = [row.number for row in rows]
    entries: dict[int, list[ProjectedEntry]] = defaultdict(list)
    found = select(ProjectedEntry).where(
        ProjectedEntry.operation_number.in_(numbers), ProjectedEntry.account == account
    )
    for one in session.scalars(found.order_by(ProjectedEntry.class_id)):
        entries[one.operation_number].append(one)
    buckets, values = _buckets(session, account, numbers), _values(session, rows)
    holds, orders = _holds(session, rows), _orders(session, numbers)
    made = []
    for row in rows:
        hold = holds.get(row.result.get("hold_id") or "")
        reserved = (row.result if hold is None else hold.result).get("hold") or {}
        redemption = row.result.get("redemption") or {}
        redemption_id = redemption.get("redemption_id") or row.result.get("redemption_id")
        parts = [
            MovementPart(
                class_id=one.class_id,
                points=one.points,
                held=one.held,
                value_millionths=values.get((row.number, one.class_id)),
                debt=one.debt,
                buckets=buckets[row.number, one.class_id],
            )
            for one in entries[row.number]
        ]
        parts = [
            part for part in parts if part.points or part.debt
        ] or parts  # what was reserved of other classes came to nothing
        known = [part.value_millionths for part in parts if part.value_millionths is not None]
        made.append(
            Movement(
                cursor=place_of(row),
                block_number=row.block_number,
                transaction_id=row.transaction_id,
                at=row.at,
                op=row.op,
                authoriser=row.authoriser,
                request_id=row.request_id,
                counterparties=list(dict.fromkeys(name for one in entries[row.number] for name in one.counterparties)),
                merchant=redemption.get("acceptor_msp")
                or reserved.get("acceptor_msp")
                or (row.authoriser if row.op == "Refund" else None),
                reference=reference_of(row.args, row.result) or reserved.get("order_ref") or orders.get(row.number),
                redemption_id=redemption_id,
                hold_id=reserved.get("hold_id"),
                reserved_points=reserved.get("points"),
                value_millionths=sum(known) if known else None,
                parts=parts,
                operations=[link_of(one) for one in (hold, row) if one is not None],
            )
        )
    return made


def _buckets(session: Session, account: str, numbers: Iterable[int]) -> Mapping[tuple[int, str], list[MovementBucket]]:
    """Of each operation and class, the buckets whose points it moved in the account; of one that moved none, those that
    it reserved or set free. What only became available meanwhile did not move."""
    posting, bucket = ProjectedPosting, ProjectedBucket
    wanted = (
        select(posting, bucket.class_id, bucket.expires_day, bucket.available_day)
        .join(bucket, bucket.bucket_id == posting.bucket_id)
        .where(posting.operation_number.in_(numbers), bucket.account == account, posting.kind != JOINED)
        .order_by(posting.operation_number, posting.place)
    )
    sums: dict[tuple[int, str], dict[tuple[int, int, str | None], list[int]]] = defaultdict(dict)
    for one, class_id, expires, available in session.execute(wanted):
        amounts = sums[one.operation_number, class_id].setdefault((expires, available, one.issuance_id), [0, 0])
        amounts[0] += one.points
        amounts[1] += abs(one.held)
    found: dict[tuple[int, str], list[MovementBucket]] = defaultdict(list)
    for name, changed in sums.items():
        which = 0 if any(points for points, _ in changed.values()) else 1
        found[name] = [
            MovementBucket(
                expires_on=last_date(expires),
                available_on=date_of(available or None),
                points=amounts[which],
                issuance_id=issuance_id,
            )
            for (expires, available, issuance_id), amounts in changed.items()
            if amounts[which]
        ]
    return found


def _values(session: Session, rows: Iterable[ProjectedOperation]) -> dict[tuple[int, str], int]:
    """Of each payment and refund, what the points of a class were worth: what was spent is negative."""
    entry = ProjectedRedemptionEntry
    numbers = [row.number for row in rows if row.op in VALUED]
    return {
        (one.operation_number, one.class_id): -one.value_millionths
        for one in session.scalars(select(entry).where(entry.operation_number.in_(numbers)))
    }


def _holds(session: Session, rows: Iterable[ProjectedOperation]) -> dict[str, ProjectedOperation]:
    """The operations that made the reservations which these end, by their ids."""
    ids = [row.result["hold_id"] for row in rows if row.result.get("hold_id")]
    joined = select(ProjectedHold.hold_id, ProjectedOperation).join(
        ProjectedOperation, ProjectedOperation.number == ProjectedHold.operation_number
    )
    return dict(session.execute(joined.where(ProjectedHold.hold_id.in_(ids))).all())


def _orders(session: Session, numbers: Iterable[int]) -> dict[int, str]:
    """The orders of the payments that these made or give back from."""
    redemption, entry = ProjectedRedemption, ProjectedRedemptionEntry
    wanted = select(entry.operation_number, redemption.order_ref).join(
        redemption, redemption.operation_number == entry.redemption_number
    )
    return dict(session.execute(wanted.where(entry.operation_number.in_(numbers))).all())
