"""Files of old cards: loaded by finance with their control totals, confirmed by a second person, brought to the ledger in parts."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from chaincode.spec.limits import ENTRIES_PER_IMPORT_MAX, INTEGER_MAX
from gateway.access.audit import AuditLog
from gateway.access.principals import Principal
from gateway.errors import GatewayError
from gateway.people.legacy import CONFIRMED, DONE, LOADED, ImportedCards
from gateway.people.legacy_file import CardRow, Fault, read_cards
from gateway.store.base import new_id
from gateway.store.engine import Store
from gateway.store.models.people import LegacyCard, LegacyImport

INSERT_ROWS = 1000


def parts_of(cards: int) -> int:
    """How many operations bring so many cards to the ledger."""
    return -(-cards // ENTRIES_PER_IMPORT_MAX)


class LegacyFileRefused(GatewayError):
    """LEGACY_FILE_INVALID, with the faults by line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("LEGACY_FILE_INVALID", f"line {faults[0].line}: {faults[0].detail}")
        self.faults = [{"pointer": f"/lines/{fault.line}", "detail": fault.detail} for fault in faults]


class LegacyImports:
    """Loads files of old cards and makes the operations that bring them to the ledger."""

    def __init__(
        self,
        store: Store,
        cards: ImportedCards,
        audit: AuditLog,
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        self._store = store
        self._cards = cards
        self._audit = audit
        self._clock = clock

    def load(
        self, principal: Principal, class_id: str, text: str, *, control_count: int, control_total_points: int
    ) -> LegacyImport:
        """Loads a file, whole or not at all. Raises LegacyFileRefused, and GatewayError CONTROL_TOTAL_DIFFERENT, LEGACY_FILE_KNOWN (the same file, or a card of
        this class in another one)."""
        rows, faults = read_cards(text)
        if faults:
            raise LegacyFileRefused(faults)
        total = sum(row.points for row in rows)
        if total > INTEGER_MAX:
            raise GatewayError("CONTROL_TOTAL_DIFFERENT", "the points add up to more than the ledger can hold")
        if (len(rows), total) != (control_count, control_total_points):
            raise GatewayError(
                "CONTROL_TOTAL_DIFFERENT",
                f"the file has {len(rows)} cards with {total} points, said were {control_count} with {control_total_points}",
            )
        made = LegacyImport(
            import_id=new_id("imp"),
            class_id=class_id,
            rows=len(rows),
            points=total,
            file_hash=hashlib.sha256(f"{class_id}\n{text}".encode()).hexdigest(),
            status=LOADED,
            created_by=principal.id,
            created_at=self._clock(),
        )
        records = [self._record(made, row) for row in rows]
        try:
            with self._store.writing() as session:
                session.add(made)
                session.flush()
                for start in range(0, len(records), INSERT_ROWS):
                    session.execute(insert(LegacyCard), records[start : start + INSERT_ROWS])
                details = {"class_id": class_id, "points": total, "rows": len(rows)}
                self._audit.append(session, principal, "loadLegacyFile", made.import_id, details=details)
        except IntegrityError:
            raise GatewayError(
                "LEGACY_FILE_KNOWN", "this file, or one of its cards for this class, was loaded before"
            ) from None
        return made

    def _record(self, made: LegacyImport, row: CardRow) -> dict[str, Any]:
        reference_hash = self._cards.reference_hash(row.reference)
        return {
            "reference_hash": reference_hash,
            "class_id": made.class_id,
            "import_id": made.import_id,
            "line": row.line,
            "points": row.points,
            "expires_on": row.expires_on,
            "proof_salt": row.salt,
            "proof_hash": self._cards.proof_hash(reference_hash, row.proof_sha256),
        }

    def get(self, import_id: str) -> LegacyImport:
        """The import. Raises GatewayError OBJECT_UNKNOWN."""
        with self._store.reading() as session:
            found = session.get(LegacyImport, import_id)
        if found is None:
            raise GatewayError("OBJECT_UNKNOWN", "there is no such import")
        return found

    def list(self) -> Sequence[LegacyImport]:
        """All imports, newest first."""
        with self._store.reading() as session:
            return session.scalars(
                select(LegacyImport).order_by(LegacyImport.created_at.desc(), LegacyImport.import_id)
            ).all()

    def operations(self, import_id: str) -> Iterator[dict[str, Any]]:
        """ImportBalances for the whole file, ENTRIES_PER_IMPORT_MAX cards each, with request ids `<import_id>-<number>`: sent again, nothing is imported twice.
        `valid_until` is the sender's to add."""
        made = self.get(import_id)
        after, number = -1, 0
        while True:
            with self._store.reading() as session:
                rows = session.scalars(
                    select(LegacyCard)
                    .where(LegacyCard.import_id == import_id, LegacyCard.line > after)
                    .order_by(LegacyCard.line)
                    .limit(ENTRIES_PER_IMPORT_MAX)
                ).all()
            if not rows:
                return
            yield {
                "op": "ImportBalances",
                "args": {
                    "class_id": made.class_id,
                    "control_total_points": sum(row.points for row in rows),
                    "entries": [
                        {"expires_on": row.expires_on, "points": row.points, "reference_hash": row.reference_hash}
                        if row.expires_on
                        else {"points": row.points, "reference_hash": row.reference_hash}
                        for row in rows
                    ],
                },
                "request_id": f"{import_id}-{number:05d}",
            }
            after, number = rows[-1].line, number + 1

    def carry_out(
        self, principal: Principal, import_id: str, submit: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    ) -> LegacyImport:
        """Submits the operations in order and marks the import DONE; taken up again after any break, since each request counts once. Whoever loaded the file does
        not confirm it. Raises GatewayError SAME_PERSON, LEGACY_IMPORT_REFUSED with the ledger's code."""
        made = self.get(import_id)
        if made.status == LOADED and principal.id == made.created_by:
            raise GatewayError("SAME_PERSON", "a second person confirms an import")
        with self._store.writing() as session:
            changed = session.execute(
                update(LegacyImport)
                .where(LegacyImport.import_id == import_id, LegacyImport.status == LOADED)
                .values(status=CONFIRMED)
            )
            if changed.rowcount:  # type: ignore[attr-defined]
                self._audit.append(session, principal, "confirmLegacyImport", import_id)
        for operation in self.operations(import_id):
            receipt = submit(operation)
            if receipt["code"] != "OK":
                raise GatewayError("LEGACY_IMPORT_REFUSED", f"{receipt['code']}: {receipt.get('detail', '')}"[:300])
        with self._store.writing() as session:
            row = session.get(LegacyImport, import_id)
            assert row is not None
            row.status = DONE
            return row
