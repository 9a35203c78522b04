"""Questions about operations as such: the list of them, one of them, what comes behind a cursor."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from chaincode.spec.kernel.state import after_prefix
from gateway.core.cursors import decode_cursor, encode_cursor
from gateway.ledger.port import Checkpoint
from gateway.projection.fold.operations import Change, FoldedOperation, parse_place
from gateway.projection.models import ProjectedEntry, ProjectedOperation
from gateway.projection.queries.reader import Filters, Reader, link_of, named, operations_of, page, unknown
from gateway.projection.queries.schemas import FoundReceipt, Listing, OperationDocument

Wanted = str | Sequence[str] | None
"""What a column is to be: one value, any of several, or anything."""

SAME_ID_MAX = 20
"""How many operations of one request_id are told."""


class Log(Reader):
    """Questions about operations. All raise GatewayError PROJECTION_REBUILDING; single things OBJECT_UNKNOWN."""

    def operations(
        self,
        *,
        op: Wanted = None,
        authoriser: Wanted = None,
        submitter_msp: Wanted = None,
        transaction_id: Wanted = None,
        at_from: int | None = None,
        at_to: int | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Listing[OperationDocument]:
        """Operations, newest first. Of several values any fits; authorisers and transactions may be given by their two
        ends. `at_from` and `at_to` bound the transaction's time, both included."""
        filters: Filters = {
            "op": op,
            "authoriser": authoriser,
            "submitter_msp": submitter_msp,
            "transaction_id": transaction_id,
        }
        table = ProjectedOperation
        wanted = select(table)
        for name, values in filters.items():
            if values is not None:
                each = [values] if isinstance(values, str) else values
                wanted = wanted.where(or_(*(named(getattr(table, name), one) for one in each)))
        if at_from is not None:
            wanted = wanted.where(table.at >= at_from)
        if at_to is not None:
            wanted = wanted.where(table.at <= at_to)
        bounded: Filters = {**filters, "at_from": at_from, "at_to": at_to}
        before = decode_cursor("operations", bounded, cursor, int)
        if before is not None:
            wanted = wanted.where(table.number < before)
        with self.reading() as (session, position):
            rows, more = page(session.scalars(wanted.order_by(table.number.desc()).limit(limit + 1)), limit)
            following = encode_cursor("operations", bounded, rows[-1].number) if more else None
            items = operations_of(session, rows)
            return Listing(items=items, next=following, block_number=position.block_number)

    def operation(self, place: str) -> OperationDocument:
        """The operation at a place `<block>-<transaction>-<operation>`. Raises GatewayError CURSOR_INVALID,
        OBJECT_UNKNOWN."""
        wanted = parse_place(place)
        with self.reading() as (session, _):
            row = session.scalar(
                select(ProjectedOperation).where(
                    ProjectedOperation.block_number == wanted.block_number,
                    ProjectedOperation.transaction_index == wanted.transaction_index,
                    ProjectedOperation.operation_index == wanted.index,
                )
            )
            if row is None:
                raise unknown(place)
            return operations_of(session, [row])[0]

    def receipt(self, authoriser: str, request_id: str) -> FoundReceipt:
        """The operation that an authoriser's request_id became, with transaction and block: the newest one, and beside
        it the others of this id, which are about other accounts, or of a time that the ledger has forgotten."""
        with self.reading() as (session, position):
            newest, *others = _of_request(session, authoriser, request_id)
            return FoundReceipt(
                operation=operations_of(session, [newest])[0],
                others=[link_of(row) for row in others],
                block_number=position.block_number,
            )

    def of_request(self, authoriser: str, request_id: str) -> list[OperationDocument]:
        """The operations of an authoriser's request_id, the newest first, at most SAME_ID_MAX."""
        with self.reading() as (session, _):
            return operations_of(session, _of_request(session, authoriser, request_id))

    def holds(self, authoriser: str, request_id: str, transaction_id: str | None = None, op: str | None = None) -> bool:
        """Whether such an operation is in, of this transaction or name where they are given (one request_id may be
        about several accounts); also during a rebuild, as far as that has come."""
        table = ProjectedOperation
        wanted = select(table.number).where(table.authoriser == authoriser, table.request_id == request_id).limit(1)
        if transaction_id is not None:
            wanted = wanted.where(table.transaction_id == transaction_id)
        if op is not None:
            wanted = wanted.where(table.op == op)
        with self.store.reading() as session:
            return session.execute(wanted).first() is not None

    def count(self, authoriser: str, beginning: str) -> int:
        """How many operations of an authoriser have a request_id that begins so; also during a rebuild, as far as that
        has come."""
        table = ProjectedOperation
        wanted = select(func.count()).where(
            table.authoriser == authoriser,
            table.request_id >= beginning,
            table.request_id < after_prefix(beginning),
        )
        with self.store.reading() as session:
            return int(session.scalar(wanted) or 0)

    def behind(self, number: int, limit: int, accounts: frozenset[str] | None = None) -> list[FoldedOperation]:
        """The operations behind `number`, oldest first: all, or those that changed one of the accounts."""
        with self.reading() as (session, _):
            return operations_behind(session, number, limit, accounts)

    def number_at(self, place: str | None) -> int:
        """The number of the last operation up to a place; of the last there is when None. Raises GatewayError
        CURSOR_INVALID."""
        wanted = None if place is None else parse_place(place)
        with self.reading() as (session, position):
            return position.operations if wanted is None else number_up_to(session, wanted)


def number_up_to(session: Session, place: Checkpoint) -> int:
    """The number of the last operation at or before a place; 0 when there is none."""
    table = ProjectedOperation
    found = session.scalar(
        select(func.max(table.number)).where(
            tuple_(table.block_number, table.transaction_index, table.operation_index)
            <= tuple_(place.block_number, place.transaction_index, place.index)
        )
    )
    return int(found or 0)


def _of_request(session: Session, authoriser: str, request_id: str) -> list[ProjectedOperation]:
    table = ProjectedOperation
    wanted = select(table).where(table.authoriser == authoriser, table.request_id == request_id)
    found = list(session.scalars(wanted.order_by(table.number.desc()).limit(SAME_ID_MAX)))
    if not found:
        raise unknown(f"{authoriser} {request_id}")
    return found


def operations_behind(
    session: Session, number: int, limit: int, accounts: frozenset[str] | None = None
) -> list[FoldedOperation]:
    """As `Log.behind`, in a session of the caller's."""
    table = ProjectedOperation
    wanted = select(table).where(table.number > number).order_by(table.number).limit(limit)
    if accounts is not None:
        touched = select(ProjectedEntry.operation_number).where(
            ProjectedEntry.account.in_(accounts), ProjectedEntry.operation_number > number
        )
        wanted = wanted.where(table.number.in_(touched))
    rows = session.scalars(wanted).all()
    return folded_of(session, rows)


def folded_of(session: Session, rows: Sequence[ProjectedOperation]) -> list[FoldedOperation]:
    """Stored operations as they were folded."""
    changes: dict[int, list[Change]] = {}
    numbers = [row.number for row in rows]
    for entry in session.scalars(select(ProjectedEntry).where(ProjectedEntry.operation_number.in_(numbers))):
        changes.setdefault(entry.operation_number, []).append(
            Change(entry.account, entry.class_id, entry.points, entry.held, entry.debt, tuple(entry.counterparties))
        )
    return [
        FoldedOperation(
            number=row.number,
            block_number=row.block_number,
            transaction_index=row.transaction_index,
            operation_index=row.operation_index,
            transaction_id=row.transaction_id,
            at=row.at,
            op=row.op,
            authoriser=row.authoriser,
            submitter_msp=row.submitter_msp,
            request_id=row.request_id,
            args=row.args,
            result=row.result,
            changes=tuple(changes.get(row.number, ())),
        )
        for row in rows
    ]
