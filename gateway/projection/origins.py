"""Where an account's points of a lot came from: back through each transfer to the issuance, and which blocks prove it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Any

from pydantic import Field
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from chaincode.spec import keys
from chaincode.spec.issuances import issuance_of
from gateway.documents import FixedDocument
from gateway.projection.documents import OperationLink
from gateway.projection.reader import Reader, document, link_of, unknown
from gateway.store.models.projection import ProjectedEntry, ProjectedIssuance, ProjectedOperation, ProjectedPosting

STEPS_MAX = 200
"""The most operations that one way is told of; a lot that was passed on more often is told from its end."""


class OriginMove(FixedDocument):
    """One change of the lot (or of one that merged into it), as the ledger's event has it."""

    account: str
    lot_id: str
    points: int
    held: int


class OriginStep(FixedDocument):
    """One operation by which the points came nearer."""

    operation: OperationLink
    authoriser: str
    submitter_msp: str
    moves: list[OriginMove]


class LotOrigin(FixedDocument):
    """How an account came to its points of a lot, oldest step first."""

    class_id: str
    lot_id: str
    account: str
    issuance: dict[str, Any]
    issued_by: OperationLink
    steps: list[OriginStep]
    complete: bool = Field(description=f"Whether these are all steps; of more than {STEPS_MAX} the newest are told.")
    block_number: int


class Origins(Reader):
    """Questions about where points came from. All raise GatewayError PROJECTION_REBUILDING; single things OBJECT_UNKNOWN."""

    def of_lot(self, class_id: str, lot_id: str, account: str) -> LotOrigin:
        """The operations that brought points of the lot to the account, from the issuance on. Other accounts' later doings with the lot are left out."""
        with self.reading() as (session, position):
            issuance = issuance_of(document(session, keys.issuance(class_id, lot_id)))
            issued = session.get(ProjectedIssuance, (class_id, lot_id))
            if issuance is None or issued is None:
                raise unknown(f"{class_id} {lot_id}")
            found: dict[int, list[OriginMove]] = {}
            complete = True
            for number, moves in _back(session, class_id, lot_id, account):
                if number not in found and len(found) == STEPS_MAX:
                    complete = False
                    break
                known = found.setdefault(number, [])
                known += [move for move in moves if move not in known]
            if not found:
                raise unknown(f"{class_id} {lot_id}")
            rows = session.scalars(
                select(ProjectedOperation)
                .where(ProjectedOperation.number.in_(found))
                .order_by(ProjectedOperation.number)
            )
            steps = [
                OriginStep(
                    operation=link_of(row),
                    authoriser=row.authoriser,
                    submitter_msp=row.submitter_msp,
                    moves=found[row.number],
                )
                for row in rows
            ]
            return LotOrigin(
                class_id=class_id,
                lot_id=lot_id,
                account=account,
                issuance=issuance,
                issued_by=link_of(session.get_one(ProjectedOperation, issued.operation_number)),
                steps=steps,
                complete=complete,
                block_number=position.block_number,
            )

    def touches(self, account: str, block_number: int) -> bool:
        """Whether a block holds an operation that changed the account."""
        entry, operation = ProjectedEntry, ProjectedOperation
        with self.reading() as (session, _):
            joined = (
                exists()
                .where(entry.operation_number == operation.number, entry.account == account)
                .where(operation.block_number == block_number)
            )
            return bool(session.scalar(select(joined)))

    def has_operations(self, block_number: int) -> bool:
        """Whether a block holds any operation."""
        with self.reading() as (session, _):
            return bool(session.scalar(select(exists().where(ProjectedOperation.block_number == block_number))))


def _back(session: Session, class_id: str, lot_id: str, account: str) -> Iterator[tuple[int, list[OriginMove]]]:
    """Operations that brought points of the lot to the account, newest first, with the moves that say so."""
    posting = ProjectedPosting
    waiting: list[tuple[int, int]] = []
    incoming: dict[tuple[int, int], ProjectedPosting] = {}
    seen: set[tuple[int, int]] = set()

    def await_incoming(holder: str, lot: str, until: int | None) -> None:
        wanted = select(posting).where(
            posting.class_id == class_id, posting.lot_id == lot, posting.account == holder, posting.points > 0
        )
        if until is not None:
            wanted = wanted.where(posting.operation_number <= until)
        newest = wanted.order_by(posting.operation_number.desc(), posting.place.desc()).limit(STEPS_MAX + 1)
        for row in session.scalars(newest):
            place = (-row.operation_number, -row.place)
            if place not in seen:
                seen.add(place)
                incoming[place] = row
                heapq.heappush(waiting, place)

    await_incoming(account, lot_id, None)
    while waiting:
        row = incoming[heapq.heappop(waiting)]
        number = row.operation_number
        givers = session.scalars(
            select(posting)
            .where(
                posting.operation_number == number,
                posting.class_id == class_id,
                posting.points < 0,
                posting.lot_id == (row.merged_with or row.lot_id),
            )
            .order_by(posting.place)
        ).all()
        yield number, [_move(one) for one in (*givers, row)]
        if row.merged_with is not None:
            await_incoming(row.account, row.merged_with, number)
            continue
        for giver in givers:
            if giver.merged_with is None and giver.account != row.account:
                await_incoming(giver.account, giver.lot_id, number)


def _move(row: ProjectedPosting) -> OriginMove:
    return OriginMove(account=row.account, lot_id=row.lot_id, points=row.points, held=row.held)
