"""Questions about settlement: windows, positions, statements, and the operations that make each figure."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.exposure import NO_POSITION, outweighing
from chaincode.spec.kernel.settling import open_window
from chaincode.spec.kernel.state import after_prefix
from gateway.core.cursors import decode_cursor, decode_pair, encode_cursor
from gateway.projection.fold.table_writer import documents
from gateway.projection.models import (
    ProjectedDocument,
    ProjectedOperation,
    ProjectedRedemption,
    ProjectedRedemptionEntry,
)
from gateway.projection.queries.reader import Filters, Reader, document, link_of, page, unknown
from gateway.projection.queries.schemas import (
    LedgerDocument,
    Listing,
    PairPosition,
    PairSettled,
    StatementDetail,
    StatementRows,
    WindowEntry,
)

WINDOWS = "window/"
DISPUTES = "dispute/"


class Settlement(Reader):
    """Questions about settlement. All raise GatewayError PROJECTION_REBUILDING; single things OBJECT_UNKNOWN."""

    def windows(
        self, *, unsettled: bool = False, cursor: str | None = None, limit: int = 50
    ) -> Listing[LedgerDocument]:
        """Windows that were cut, newest first, as the ledger has them, payments included; all, or those not settled."""
        filters: Filters = {"unsettled": unsettled}
        before = decode_cursor("windows", filters, cursor, str)
        key = ProjectedDocument.key
        wanted = (
            select(ProjectedDocument)
            .where(key >= WINDOWS, key < (before or after_prefix(WINDOWS)))
            .order_by(key.desc())
            .execution_options(yield_per=limit + 1)
        )
        with self.reading() as (session, position):
            found = ((row, json.loads(row.value)) for row in session.scalars(wanted))
            kept = ((row, window) for row, window in found if not unsettled or window["status"] != "SETTLED")
            rows, more = page(itertools.islice(kept, limit + 1), limit)
            items = [
                LedgerDocument(document=window, written_in_block=row.block_number, block_number=position.block_number)
                for row, window in rows
            ]
            following = encode_cursor("windows", filters, rows[-1][0].key) if more else None
            return Listing(items=items, next=following, block_number=position.block_number)

    def disputes(
        self, *, msp_id: str | None = None, ended: bool | None = None, cursor: str | None = None, limit: int = 50
    ) -> Listing[LedgerDocument]:
        """Disputes by their redemptions, as the ledger has them; those in which a merchant is a party or may vote, and
        that have ended or not, where that is asked for."""
        filters: Filters = {"msp_id": msp_id, "ended": ended}
        after = decode_cursor("disputes", filters, cursor, str)
        key = ProjectedDocument.key
        wanted = (
            select(ProjectedDocument)
            .where(key > (after or DISPUTES), key < after_prefix(DISPUTES))
            .order_by(key)
            .execution_options(yield_per=limit + 1)
        )
        with self.reading() as (session, position):
            found = ((row, json.loads(row.value)) for row in session.scalars(wanted))
            kept = (
                (row, dispute)
                for row, dispute in found
                if msp_id in (None, dispute["issuer_msp"], dispute["acceptor_msp"], *dispute["voters"])
                and ended in (None, dispute["closed_at"] is not None)
            )
            rows, more = page(itertools.islice(kept, limit + 1), limit)
            items = [
                LedgerDocument(document=dispute, written_in_block=row.block_number, block_number=position.block_number)
                for row, dispute in rows
            ]
            following = encode_cursor("disputes", filters, rows[-1][0].key) if more else None
            return Listing(items=items, next=following, block_number=position.block_number)

    def window(self, window_id: int) -> LedgerDocument:
        """One window; the open one is `{window_id, opened_at, status: OPEN}`."""
        with self.reading() as (session, position):
            found = _window_row(session, window_id)
            return LedgerDocument(
                document=_shown(found),
                written_in_block=found.block_number,
                block_number=position.block_number,
            )

    def positions(self, window_id: int) -> Listing[PairPosition]:
        """What each issuer came to owe each acceptor in a window, over all lanes."""
        with self.reading() as (session, position):
            return Listing(items=window_positions(session, window_id), block_number=position.block_number)

    def statements(self, window_id: int) -> Listing[StatementDetail]:
        """The statements of a closed window, by merchant."""
        prefix = keys.statement(window_id, "")
        with self.reading() as (session, position):
            items = [
                StatementDetail(
                    window_id=window_id,
                    msp_id=key[len(prefix) :],
                    statement=json.loads(text),
                    block_number=position.block_number,
                )
                for key, text in documents(session, prefix)
            ]
            return Listing(items=items, block_number=position.block_number)

    def statement(self, window_id: int, msp_id: str) -> StatementRows:
        """One merchant's statement, with its rows."""
        with self.reading() as (session, position):
            found = document(session, keys.statement(window_id, msp_id))
            if found is None:
                raise unknown(f"window {window_id} {msp_id}")
            rows = [
                PairSettled(**row)
                for row in matrix_rows(session, window_id)
                if msp_id in (row["issuer_msp"], row["acceptor_msp"])
            ]
            return StatementRows(
                window_id=window_id,
                msp_id=msp_id,
                statement=found,
                owed_to_us=[row for row in rows if row.acceptor_msp == msp_id],
                owed_to_others=[row for row in rows if row.issuer_msp == msp_id],
                block_number=position.block_number,
            )

    def matrix(
        self,
        window_id: int,
        *,
        issuer_msp: str | None = None,
        acceptor_msp: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Listing[PairSettled]:
        """What each issuer owes each acceptor for a window, as far as it is netted, by issuer and acceptor."""
        filters: Filters = {"window_id": window_id, "issuer_msp": issuer_msp, "acceptor_msp": acceptor_msp}
        after = tuple((decode_cursor("matrix", filters, cursor, str) or "").split("/"))
        with self.reading() as (session, position):
            found = (
                PairSettled(**row)
                for row in matrix_rows(session, window_id, issuer_msp)
                if (row["issuer_msp"], row["acceptor_msp"]) > after and acceptor_msp in (None, row["acceptor_msp"])
            )
            rows, more = page(itertools.islice(found, limit + 1), limit)
            last = f"{rows[-1].issuer_msp}/{rows[-1].acceptor_msp}" if more else None
            following = encode_cursor("matrix", filters, last) if last else None
            return Listing(items=rows, next=following, block_number=position.block_number)

    def entries(
        self,
        window_id: int,
        *,
        issuer_msp: str | None = None,
        acceptor_msp: str | None = None,
        msp_id: str | None = None,
        other_msp: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Listing[WindowEntry]:
        """The redemptions and refunds that make a window's figures, newest first; of one pair they add up to its
        position, but for what disputes moved. Of `msp_id`, on either side, those with other merchants alone; `other_msp` is on the other side of
        it."""
        filters: Filters = {
            "window_id": window_id,
            "issuer_msp": issuer_msp,
            "acceptor_msp": acceptor_msp,
            "msp_id": msp_id,
            "other_msp": other_msp,
        }
        entry, operation, redemption = ProjectedRedemptionEntry, ProjectedOperation, ProjectedRedemption
        wanted = (
            select(entry, operation, redemption.redemption_id, redemption.order_ref)
            .join(operation, operation.number == entry.operation_number)
            .join(redemption, redemption.operation_number == entry.redemption_number)
            .where(entry.window_id == window_id)
        )
        for column, value in ((entry.issuer_msp, issuer_msp), (entry.acceptor_msp, acceptor_msp)):
            if value is not None:
                wanted = wanted.where(column == value)
        for one in (msp_id, other_msp):
            if one is not None:
                sides = or_(entry.issuer_msp == one, entry.acceptor_msp == one)
                wanted = wanted.where(sides, entry.issuer_msp != entry.acceptor_msp)
        before = decode_pair("entries", filters, cursor)
        if before is not None:
            number, class_id = before
            wanted = wanted.where(
                (entry.operation_number < number) | ((entry.operation_number == number) & (entry.class_id < class_id))
            )
        with self.reading() as (session, position):
            ordered = wanted.order_by(entry.operation_number.desc(), entry.class_id.desc()).limit(limit + 1)
            rows, more = page(session.execute(ordered), limit)
            items = [
                WindowEntry(
                    operation=link_of(made),
                    redemption_id=redemption_id,
                    order_ref=order_ref,
                    window_id=row.window_id,
                    issuer_msp=row.issuer_msp,
                    acceptor_msp=row.acceptor_msp,
                    class_id=row.class_id,
                    points=row.points,
                    value_millionths=row.value_millionths,
                )
                for row, made, redemption_id, order_ref in rows
            ]
            last = rows[-1][0] if more else None
            following = encode_cursor("entries", filters, f"{last.operation_number}.{last.class_id}") if last else None
            return Listing(items=items, next=following, block_number=position.block_number)


def window_in(session: Session, window_id: int) -> Any:
    """One window, as `Settlement.window` tells it. Raises GatewayError OBJECT_UNKNOWN."""
    return _shown(_window_row(session, window_id))


def _window_row(session: Session, window_id: int) -> ProjectedDocument:
    found = session.get(ProjectedDocument, keys.window(window_id))
    if found is None:
        found = session.get(ProjectedDocument, keys.CURRENT_WINDOW)
        if found is None or json.loads(found.value)["window_id"] != window_id:
            raise unknown(f"window {window_id}")
    return found


def _shown(row: ProjectedDocument) -> Any:
    content = json.loads(row.value)
    return content if "status" in content else open_window(content)


def matrix_rows(session: Session, window_id: int, issuer_msp: str | None = None) -> Iterator[dict[str, Any]]:
    """The rows of a window's matrix, of one issuer or all, by issuer and acceptor; an issuer's at a time."""
    key = ProjectedDocument.key
    wanted = select(key, ProjectedDocument.value).order_by(key)
    if issuer_msp is None:
        prefix = keys.matrix(window_id, "")
        wanted = wanted.where(key >= prefix, key < after_prefix(prefix))
    else:
        wanted = wanted.where(key == keys.matrix(window_id, issuer_msp))
    for found in session.execute(wanted.execution_options(yield_per=1)):
        yield from json.loads(found.value)["rows"]


def window_positions(session: Session, window_id: int) -> list[PairPosition]:
    """What each issuer came to owe each acceptor in a window, over all lanes, by issuer and acceptor."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for key, text in documents(session, f"position/{window_id:08d}/"):
        _, _, issuer, acceptor, _ = key.split("/")
        sums = found.setdefault((issuer, acceptor), dict(NO_POSITION))
        for name, value in json.loads(text).items():
            sums[name] += value
    return [
        PairPosition(
            window_id=window_id,
            issuer_msp=issuer,
            acceptor_msp=acceptor,
            value_millionths=outweighing(sums),
            **sums,
        )
        for (issuer, acceptor), sums in found.items()
    ]
