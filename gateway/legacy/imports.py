"""Files of old cards: loaded by finance with their control totals, confirmed by a second person, brought to the ledger
in parts."""

from __future__ import annotations

import datetime
import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import date_of, day_number, day_of, expiry
from chaincode.spec.kernel.limits import ENTRIES_PER_IMPORT_MAX, INTEGER_MAX
from gateway.core.errors import GatewayError
from gateway.legacy.claims import CONFIRMED, DONE, LOADED, WITHDRAWN, ImportedCards
from gateway.legacy.files import FAULTS_MAX, CardRow, Fault, Words, read_cards
from gateway.legacy.models import LegacyCard, LegacyImport
from gateway.projection.lookups import Document
from gateway.security.audit import AuditLog
from gateway.security.principals import Principal
from gateway.store.base import new_id
from gateway.store.engine import Store

INSERT_ROWS = 1000
PartState = Literal["WRITTEN", "PENDING", "NOT_WRITTEN"]
"""Of a part: on the ledger, on its way there, or neither."""


def parts_of(cards: int) -> int:
    """How many operations bring so many cards to the ledger."""
    return -(-cards // ENTRIES_PER_IMPORT_MAX)


class LegacyFileRefused(GatewayError):
    """LEGACY_FILE_INVALID or LEGACY_FILE_KNOWN, with each fault's place in the request (`/lines/3`, `/class_id`) in
    each language."""

    def __init__(self, code: str, faults: Sequence[tuple[str, Words]]) -> None:
        self.faults = faults
        super().__init__(code, self.told("en"))

    def told(self, language: str) -> str:
        """The first fault, in a language."""
        return self.errors(language)[0]["detail"] + ("" if len(self.faults) == 1 else " …")

    def errors(self, language: str) -> list[dict[str, str]]:
        """For the problem document."""
        place = ("en", "zh").index(language)
        return [{"pointer": pointer, "detail": words[place]} for pointer, words in self.faults]


class LegacyImports:
    """Loads files of old cards and makes the operations that bring them to the ledger."""

    def __init__(
        self,
        store: Store,
        cards: ImportedCards,
        audit: AuditLog,
        document: Document,
        msp_id: str,
        *,
        clock: Callable[[], int] = lambda: int(time.time()),
    ) -> None:
        """`document` is the ledger's state; only classes of `msp_id` are taken."""
        self._store = store
        self._cards = cards
        self._audit = audit
        self._document = document
        self._msp_id = msp_id
        self._clock = clock
        self._lock = threading.Lock()
        self._writing: Counter[str] = Counter()

    def load(
        self,
        principal: Principal,
        class_id: str,
        text: str,
        *,
        control_count: int,
        control_total_points: int,
        file_name: str | None = None,
    ) -> LegacyImport:
        """Loads a file, whole or not at all. Raises LegacyFileRefused with all faults of class, days and lines
        (LEGACY_FILE_INVALID), or with the lines of the cards that another file has for this class (LEGACY_FILE_KNOWN);
        GatewayError CONTROL_TOTAL_DIFFERENT."""
        rows, faults = read_cards(text)
        lines = sorted([*faults, *self._ended(class_id, rows)], key=lambda fault: fault.line)
        told = [*self._wrong_class(class_id), *((f"/lines/{fault.line}", fault.words) for fault in lines)]
        if told:
            raise LegacyFileRefused("LEGACY_FILE_INVALID", told[:FAULTS_MAX])
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
            file_name=file_name,
            status=LOADED,
            created_by=principal.id,
            created_at=self._clock(),
        )
        records = [self._record(made, row) for row in rows]
        try:
            with self._store.writing() as session:
                self._refuse_known(session, records)
                session.add(made)
                session.flush()
                for start in range(0, len(records), INSERT_ROWS):
                    session.execute(insert(LegacyCard), records[start : start + INSERT_ROWS])
                details = {"class_id": class_id, "points": total, "rows": len(rows)}
                self._audit.append(session, principal, "loadLegacyFile", made.import_id, details=details)
        except IntegrityError:
            words = ("this file is being loaded by somebody else", "此文件正由他人载入")
            raise LegacyFileRefused("LEGACY_FILE_KNOWN", [("/file", words)]) from None
        return made

    def _wrong_class(self, class_id: str) -> list[tuple[str, Words]]:
        found = self._document(keys.point_class(class_id))
        if found is None:
            words = ("there is no class of points of this id", "没有这个积分种类")
        elif found["issuer_msp"] != self._msp_id:
            words = (f"the class is {found['issuer_msp']}'s", f"这是 {found['issuer_msp']} 的积分种类")
        elif found["status"] != "ACTIVE":
            words = ("the class is stopped; nothing is issued in it", "该积分种类已停用，不能发放")
        else:
            return []
        return [("/class_id", words)]

    def _ended(self, class_id: str, rows: Sequence[CardRow]) -> Iterator[Fault]:
        """The cards whose last day is past, which the ledger would refuse."""
        consortium = self._document(keys.CONSORTIUM)
        today = day_of(self._clock(), consortium["time_zone"]) if consortium else ""
        found = self._document(keys.point_class(class_id)) or {}
        by_class = date_of(expiry(day_number(today), found["validity"])) if found and today else None
        for row in rows:
            last = row.expires_on or by_class
            if last is not None and last < today:
                words = (
                    f"the last day {last} is past (today is {today})",
                    f"有效期至 {last}，已经过期（今天是 {today}）",
                )
                yield Fault(row.line, words)

    def _refuse_known(self, session: Session, records: Sequence[Mapping[str, Any]]) -> None:
        known: list[tuple[str, Words]] = []
        for start in range(0, len(records), INSERT_ROWS):
            some = {one["reference_hash"]: one["line"] for one in records[start : start + INSERT_ROWS]}
            rows = session.execute(
                select(LegacyCard, LegacyImport)
                .join(LegacyImport, LegacyCard.import_id == LegacyImport.import_id)
                .where(LegacyCard.class_id == records[0]["class_id"], LegacyCard.reference_hash.in_(some))
            ).all()
            for card, before in rows:
                file = before.file_name or before.import_id
                day = datetime.datetime.fromtimestamp(before.created_at, datetime.UTC).date()
                words = (
                    f"the card stands in line {card.line} of {file}, loaded on {day}",
                    f"此卡已在 {day} 载入的文件“{file}”第 {card.line} 行",
                )
                known.append((f"/lines/{some[card.reference_hash]}", words))
            if len(known) >= FAULTS_MAX:
                break
        if known:
            known.sort(key=lambda one: int(one[0].rpartition("/")[2]))
            raise LegacyFileRefused("LEGACY_FILE_KNOWN", known[:FAULTS_MAX])

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
        """ImportBalances for the whole file, ENTRIES_PER_IMPORT_MAX cards each, with request ids
        `<import_id>-<number>`: sent again, nothing is imported twice. `valid_until` is the sender's to add."""
        made = self.get(import_id)
        for request_id, rows in self._parts(import_id):
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
                "request_id": request_id,
            }

    def _parts(self, import_id: str) -> Iterator[tuple[str, Sequence[LegacyCard]]]:
        """Each part's request id and its cards."""
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
            yield f"{import_id}-{number:05d}", rows
            after, number = rows[-1].line, number + 1

    def carry_out(
        self, principal: Principal, import_id: str, submit: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    ) -> LegacyImport:
        """Submits the operations in order and marks the import DONE; taken up again after any break, since each request
        counts once. Whoever loaded the file does not confirm it. Raises GatewayError SAME_PERSON, LEGACY_IMPORT_ENDED
        (withdrawn), LEGACY_IMPORT_REFUSED with the ledger's code."""
        made = self.get(import_id)
        if made.status == LOADED and principal.id == made.created_by:
            raise GatewayError("SAME_PERSON", "a second person confirms an import")
        with self._written(import_id):
            with self._store.writing() as session:
                row = session.get(LegacyImport, import_id, with_for_update=True)
                assert row is not None
                if row.status == WITHDRAWN:
                    raise GatewayError("LEGACY_IMPORT_ENDED", "the import was withdrawn")
                if row.status == LOADED:
                    row.status = CONFIRMED
                    self._audit.append(session, principal, "confirmLegacyImport", import_id)
            for operation in self.operations(import_id):
                receipt = submit(operation)
                if receipt["code"] != "OK":
                    raise GatewayError("LEGACY_IMPORT_REFUSED", f"{receipt['code']}: {receipt.get('detail', '')}"[:300])
            return self._end(import_id, DONE)

    def withdraw(self, principal: Principal, import_id: str, state_of: Callable[[str], PartState]) -> LegacyImport:
        """Gives up what of the import does not stand on the ledger: those cards can be loaded again. Cards of parts
        that were written stay, and can be claimed. `state_of` tells of a part by its request id. Raises GatewayError
        LEGACY_IMPORT_ENDED (done or withdrawn before), LEGACY_IMPORT_RUNNING (a part is on its way)."""
        with self._lock:
            if self._writing[import_id]:
                raise GatewayError("LEGACY_IMPORT_RUNNING", "the import is being written")
            made = self.get(import_id)
            if made.status not in (LOADED, CONFIRMED):
                raise GatewayError("LEGACY_IMPORT_ENDED", f"the import is {made.status} already")
            parts = list(self._parts(import_id))
            states = [state_of(request_id) if made.status == CONFIRMED else "NOT_WRITTEN" for request_id, _ in parts]
            if "PENDING" in states:
                raise GatewayError("LEGACY_IMPORT_RUNNING", "the end of a part is not known yet")
            given_up = [rows for (_, rows), state in zip(parts, states, strict=True) if state == "NOT_WRITTEN"]
            with self._store.writing() as session:
                for rows in given_up:
                    session.execute(
                        delete(LegacyCard).where(
                            LegacyCard.import_id == import_id,
                            LegacyCard.line.between(rows[0].line, rows[-1].line),
                        )
                    )
                details = {
                    "cards": sum(map(len, given_up)),
                    "points": sum(row.points for rows in given_up for row in rows),
                }
                self._audit.append(session, principal, "withdrawLegacyImport", import_id, details=details)
            return self._end(import_id, WITHDRAWN)

    @contextmanager
    def _written(self, import_id: str) -> Iterator[None]:
        """While an import is written it cannot be withdrawn."""
        with self._lock:
            self._writing[import_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._writing[import_id] -= 1

    def _end(self, import_id: str, status: str) -> LegacyImport:
        with self._store.writing() as session:
            row = session.get(LegacyImport, import_id)
            assert row is not None
            row.status = status
            if status == WITHDRAWN:
                row.file_hash = import_id  # the same file may come again
            return row
