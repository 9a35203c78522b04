"""The kept operations in the store."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from chaincode.spec.kernel.authorisation import content_hash
from chaincode.spec.kernel.signatures import address_of
from gateway.core.errors import GatewayError
from gateway.ledger.port import Operation, Receipt
from gateway.store.base import new_id
from gateway.store.engine import Store
from gateway.submissions.models import SubmissionRow
from gateway.submissions.outcomes import State, Submission

DETAIL_CHARACTERS_MAX = 1024
KEPT_SECONDS = 8 * 86_400
"""How long the end of an operation can be asked for: longer than an operation can be sent."""


def authoriser_of(operation: Operation, msp_id: str) -> str:
    """Whose request_id it is: the signing member's address, else the organisation."""
    authorization = operation.get("authorization")
    return address_of(authorization["public_key"]) if authorization else msp_id


class SubmissionStore:
    """Keeps operations whose outcome nobody knows yet, and how they ended."""

    def __init__(self, store: Store, msp_id: str, clock: Callable[[], int]) -> None:
        self._store = store
        self._msp_id = msp_id
        self._clock = clock

    def keep(self, operation: Operation, identity: str, timestamp: int | None, retry_seconds: int) -> str:
        """Writes the operation down; gives its submission's id. The same request (authoriser, request_id and content)
        has one submission; another content under the same request_id has its own, so that its refusal is not told as
        the first one's."""
        try:
            return self._keep(operation, identity, timestamp, retry_seconds)
        except IntegrityError:  # the same request was kept at this very moment
            return self._keep(operation, identity, timestamp, retry_seconds)

    def _keep(self, operation: Operation, identity: str, timestamp: int | None, retry_seconds: int) -> str:
        authoriser, request_id = authoriser_of(operation, self._msp_id), str(operation["request_id"])
        now, content = self._clock(), content_hash(operation)
        with self._store.writing() as session:
            found = session.scalar(
                select(SubmissionRow)
                .where(
                    SubmissionRow.authoriser == authoriser,
                    SubmissionRow.request_id == request_id,
                    SubmissionRow.content_hash == content,
                )
                .with_for_update()
            )
            if found is not None:
                if found.state != State.PENDING:
                    found.state, found.code, found.detail, found.ended_at = State.PENDING, None, None, None
                    found.operation, found.identity, found.timestamp = dict(operation), identity, timestamp
                found.due_at = now + retry_seconds
                return found.submission_id
            row = SubmissionRow(
                submission_id=new_id("sub"),
                authoriser=authoriser,
                request_id=request_id,
                content_hash=content,
                operation=dict(operation),
                identity=identity,
                timestamp=timestamp,
                state=State.PENDING,
                created_at=now,
                due_at=now + retry_seconds,
            )
            session.add(row)
            return row.submission_id

    def committed(self, submission_id: str, receipt: Receipt) -> None:
        """It stands on the ledger."""
        self._end(
            submission_id, state=State.COMMITTED, receipt=dict(receipt.document), block_number=receipt.block_number
        )

    def refused(self, submission_id: str, code: str, detail: str) -> None:
        """A rule said no, for ever."""
        self._end(submission_id, state=State.REFUSED, code=code, detail=detail[:DETAIL_CHARACTERS_MAX])

    def _end(self, submission_id: str, **values: object) -> None:
        with self._store.writing() as session:
            session.execute(
                update(SubmissionRow)
                .where(SubmissionRow.submission_id == submission_id, SubmissionRow.state == State.PENDING)
                .values(ended_at=self._clock(), **values)
            )

    def find(self, submission_id: str) -> Submission:
        """The submission. Raises GatewayError SUBMISSION_UNKNOWN."""
        with self._store.reading() as session:
            row = session.get(SubmissionRow, submission_id)
            if row is None:
                raise GatewayError("SUBMISSION_UNKNOWN", submission_id[:40])
            return Submission(
                submission_id=row.submission_id,
                request_id=row.request_id,
                state=State(row.state),
                created_at=row.created_at,
                receipt=row.receipt,
                block_number=row.block_number,
                code=row.code,
                detail=row.detail,
            )

    def owner(self, submission_id: str) -> str:
        """Whose operation it is: an address or an MSP id. Raises GatewayError SUBMISSION_UNKNOWN."""
        with self._store.reading() as session:
            row = session.get(SubmissionRow, submission_id)
            if row is None:
                raise GatewayError("SUBMISSION_UNKNOWN", submission_id[:40])
            return row.authoriser

    def take_due(self, retry_seconds: int, rows_max: int) -> list[SubmissionRow]:
        """Pending operations that nobody is carrying, taken by the caller for `retry_seconds`."""
        now = self._clock()
        with self._store.writing() as session:
            rows = list(
                session.scalars(
                    select(SubmissionRow)
                    .where(SubmissionRow.state == State.PENDING, SubmissionRow.due_at <= now)
                    .order_by(SubmissionRow.due_at, SubmissionRow.created_at)
                    .limit(rows_max)
                    .with_for_update(skip_locked=True)
                )
            )
            for row in rows:
                row.due_at = now + retry_seconds
            return rows

    def is_pending(self, authoriser: str, request_id: str) -> bool:
        """Whether an operation under this request_id is kept whose end nobody knows yet."""
        wanted = select(SubmissionRow.submission_id).where(
            SubmissionRow.authoriser == authoriser,
            SubmissionRow.request_id == request_id,
            SubmissionRow.state == State.PENDING,
        )
        with self._store.reading() as session:
            return session.execute(wanted.limit(1)).first() is not None

    def make_due(self) -> None:
        """Makes all that is pending due now: after a start, nobody of this gateway carries it."""
        with self._store.writing() as session:
            session.execute(
                update(SubmissionRow).where(SubmissionRow.state == State.PENDING).values(due_at=self._clock())
            )

    def pending(self) -> tuple[int, int]:
        """How many are pending, and for how many seconds the oldest of them is."""
        wanted = select(func.count(), func.min(SubmissionRow.created_at)).where(SubmissionRow.state == State.PENDING)
        with self._store.reading() as session:
            count, oldest = session.execute(wanted).one()
        return int(count), max(0, self._clock() - oldest) if count else 0

    def forget_old(self) -> None:
        """Deletes what ended long ago."""
        with self._store.writing() as session:
            session.execute(delete(SubmissionRow).where(SubmissionRow.ended_at < self._clock() - KEPT_SECONDS))
