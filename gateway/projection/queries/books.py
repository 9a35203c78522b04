"""What the books are made of: sums over all that happened up to a block or a day, and what came about one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlalchemy.orm import Session

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.counters import FLOWS
from chaincode.spec.kernel.state import View, after_prefix
from gateway.core.errors import GatewayError
from gateway.projection.fold.postings import EXPIRED, ISSUED, REVERSED
from gateway.projection.models import (
    NEVER,
    ProjectedBucket,
    ProjectedDocument,
    ProjectedEntry,
    ProjectedOperation,
    ProjectedPosting,
    ProjectedRedemption,
    ProjectedRedemptionEntry,
)
from gateway.projection.queries.reader import Reader, document, number_of
from gateway.projection.queries.totals import seconds_of


@dataclass(frozen=True)
class Until:
    """How far the books are read: to the end of a block or of a day of the consortium's; without either, to the end."""

    block_number: int | None = None
    day: str | None = None


@dataclass(frozen=True)
class PairPart:
    """What was redeemed (positive) and given back (negative) of one class at one acceptor in a window. `redemptions`
    and `refunds` count operations."""

    issuer_msp: str
    acceptor_msp: str
    class_id: str
    redeemed_points: int
    refunded_points: int
    redeemed_millionths: int
    refunded_millionths: int
    redemptions: int
    refunds: int


@dataclass(frozen=True)
class Lot:
    """What became of a class's points with one last day (`expires_day`, NEVER for none), and what is left of them."""

    class_id: str
    expires_day: int
    issued: int
    reversed: int
    expired: int
    points: int


@dataclass(frozen=True)
class Booking:
    """What one operation did to the books: `flows` of a class by name, and what it redeemed (positive) or gave back
    (negative) for an issuer at an acceptor, in points and millionths."""

    number: int
    block_number: int
    transaction_id: str
    at: int
    op: str
    flows: dict[str, dict[str, int]] = field(default_factory=dict)
    redeemed: list[tuple[str, str, str, int, int]] = field(default_factory=list)
    """By class, issuer and acceptor."""


class ProjectedState:
    """The ledger's state as its own rules read it (`chaincode.spec.kernel.state.StateReader`), in one snapshot."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, key: str) -> bytes | None:
        """The value of a key, or None."""
        return self.get_many([key])[key]

    def get_many(self, keys: list[str]) -> dict[str, bytes | None]:
        """The values of keys, each of which is in the answer."""
        table = ProjectedDocument.__table__.c
        found = self._session.execute(select(table.key, table.value).where(table.key.in_(keys)))
        return {**dict.fromkeys(keys), **{key: value.encode() for key, value in found}}

    def range(self, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        """Keys from `start` up to but not including `end`, in order."""
        table = ProjectedDocument.__table__.c
        wanted = select(table.key, table.value).where(table.key >= start, table.key < end).order_by(table.key)
        for key, value in self._session.execute(wanted):
            yield key, value.encode()


class LoadedState:
    """Documents that were loaded at once, for rules that ask for many of them one by one."""

    def __init__(self, documents: dict[str, bytes]) -> None:
        self._documents = documents

    def get(self, key: str) -> bytes | None:
        """The value of a key, or None."""
        return self._documents.get(key)

    def get_many(self, keys: list[str]) -> dict[str, bytes | None]:
        """The values of keys, each of which is in the answer."""
        return {key: self._documents.get(key) for key in keys}

    def range(self, start: str, end: str) -> Iterator[tuple[str, bytes]]:
        """Keys from `start` up to but not including `end`, in order."""
        return ((key, self._documents[key]) for key in sorted(self._documents) if start <= key < end)


class Books(Reader):
    """Sums for reports. All raise GatewayError PROJECTION_REBUILDING; those with a day REQUEST_MALFORMED."""

    @contextmanager
    def opened(self) -> Iterator[OpenBooks]:
        """The books in one snapshot, so that every figure of a report is of the same moment."""
        with self.reading() as (session, position):
            yield OpenBooks(session, position.block_number, self.today(session))


class OpenBooks:
    """The books as they were at one moment: up to `block_number`; `today` is the consortium's day."""

    def __init__(self, session: Session, block_number: int, today: str) -> None:
        self.session = session
        self.block_number = block_number
        self.today = today
        self._state = ProjectedState(session)
        self.view = View(self._state)

    def document(self, key: str) -> Json:
        """A document of the ledger's state, or None."""
        return document(self.session, key)

    def documents(self, prefix: str) -> list[Json]:
        """The documents whose keys begin so, by key."""
        return [found for _, found in self.view.range(prefix)]

    def loaded(self, *prefixes: str) -> View:
        """A view of the documents whose keys begin with one of these, and of no others."""
        ranges = (self._state.range(prefix, after_prefix(prefix)) for prefix in prefixes)
        return View(LoadedState({key: value for found in ranges for key, value in found}))

    def consortium(self) -> Json:
        """The consortium. Raises GatewayError OBJECT_UNKNOWN before it is open."""
        found = self.document(keys.CONSORTIUM)
        if found is None:
            raise GatewayError("OBJECT_UNKNOWN", "the consortium is not open yet")
        return found

    def pair_parts(self, window_id: int) -> list[PairPart]:
        """What a window's entries come to, by issuer, acceptor and class; own points at their issuer are left out."""
        entry = ProjectedRedemptionEntry
        came, went = entry.points > 0, entry.points < 0
        rows = self.session.execute(
            select(
                entry.issuer_msp,
                entry.acceptor_msp,
                entry.class_id,
                _sum_where(came, entry.points),
                _sum_where(went, entry.points),
                _sum_where(came, entry.value_millionths),
                _sum_where(went, entry.value_millionths),
                _sum_where(came, literal(1)),
                _sum_where(went, literal(1)),
            )
            .where(entry.window_id == window_id, entry.issuer_msp != entry.acceptor_msp)
            .group_by(entry.issuer_msp, entry.acceptor_msp, entry.class_id)
            .order_by(entry.issuer_msp, entry.acceptor_msp, entry.class_id)
        )
        return [PairPart(*row[:3], *(int(one) for one in row[3:])) for row in rows]

    def flows(self, until: Until) -> dict[str, dict[str, int]]:
        """What came and went of each class from the beginning (`counters.FLOWS`), from the postings themselves."""
        posting, bucket, entry, redeemed = ProjectedPosting, ProjectedBucket, ProjectedEntry, ProjectedRedemptionEntry
        found: dict[str, dict[str, int]] = {}

        def add(class_id: str, **flows: int) -> None:
            row = found.setdefault(class_id, dict.fromkeys(FLOWS, 0))
            for name, points in flows.items():
                row[name] += int(points)

        kinds = select(bucket.class_id, posting.kind, func.sum(posting.points)).join(
            bucket, bucket.bucket_id == posting.bucket_id
        )
        kinds = kinds.where(posting.kind.in_((ISSUED, EXPIRED, REVERSED)))
        kinds = self._until(kinds, posting.operation_number, until).group_by(bucket.class_id, posting.kind)
        for class_id, kind, points in self.session.execute(kinds):
            add(class_id, **{kind.lower(): abs(points)})
        # What a claw-back did not find counts as reversed and indebted, what pays it as issued and repaid.
        debts = select(
            entry.class_id, _sum_where(entry.debt > 0, entry.debt), _sum_where(entry.debt < 0, entry.debt)
        ).where(entry.debt != 0)
        for class_id, more, less in self.session.execute(
            self._until(debts, entry.operation_number, until).group_by(entry.class_id)
        ):
            add(class_id, reversed=more, indebted=more, issued=-less, repaid=-less)
        own, came = redeemed.issuer_msp == redeemed.acceptor_msp, redeemed.points > 0
        spent = select(
            redeemed.class_id,
            _sum_where(came & own, redeemed.points),
            _sum_where(came & ~own, redeemed.points),
            _sum_where(redeemed.points < 0, redeemed.points),
        )
        for class_id, here, elsewhere, back in self.session.execute(
            self._until(spent, redeemed.operation_number, until).group_by(redeemed.class_id)
        ):
            add(class_id, redeemed_own=here, redeemed_elsewhere=elsewhere, restored=-back)
        return found

    def lots(self, until: Until) -> list[Lot]:
        """What became of the points of each class by their last day, and what is left, by class and day."""
        posting, bucket = ProjectedPosting, ProjectedBucket
        wanted = select(
            bucket.class_id,
            bucket.expires_day,
            _sum_where(posting.kind == ISSUED, posting.points),
            -_sum_where(posting.kind == REVERSED, posting.points),
            -_sum_where(posting.kind == EXPIRED, posting.points),
            func.sum(posting.points),
        ).join(bucket, bucket.bucket_id == posting.bucket_id)
        rows = self.session.execute(
            self._until(wanted, posting.operation_number, until)
            .group_by(bucket.class_id, bucket.expires_day)
            .order_by(bucket.class_id, bucket.expires_day)
        )
        return [Lot(row[0], *(int(one) for one in row[1:])) for row in rows]

    def run_off(self, until: Until) -> list[tuple[str, int, int, int]]:
        """By how many points what is left of a class's points with a last day changed, day by day of the consortium's:
        class, last day, day, points. Points without a last day are left out."""
        posting, bucket, operation = ProjectedPosting, ProjectedBucket, ProjectedOperation
        offsets = self.consortium()["time_zone"]["offsets"]
        east = (
            case(*((operation.at >= begins, seconds) for begins, seconds in reversed(offsets[1:])), else_=offsets[0][1])
            if len(offsets) > 1
            else literal(offsets[0][1])
        )
        day = (operation.at + east) // SECONDS_PER_DAY
        wanted = (
            select(bucket.class_id, bucket.expires_day, day, func.sum(posting.points))
            .join(bucket, bucket.bucket_id == posting.bucket_id)
            .join(operation, operation.number == posting.operation_number)
            .where(bucket.expires_day < NEVER)
            .group_by(bucket.class_id, bucket.expires_day, day)
        )
        rows = self.session.execute(self._bounded(wanted, until))
        return [(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows if row[3]]

    def entries(self, window_id: int, msp_id: str) -> list[tuple[Any, Any, str, str]]:
        """A window's entries between a merchant and others, oldest first: entry, operation, redemption, order."""
        entry, operation, redemption = ProjectedRedemptionEntry, ProjectedOperation, ProjectedRedemption
        wanted = (
            select(entry, operation, redemption.redemption_id, redemption.order_ref)
            .join(operation, operation.number == entry.operation_number)
            .join(redemption, redemption.operation_number == entry.redemption_number)
            .where(entry.window_id == window_id, entry.issuer_msp != entry.acceptor_msp)
            .where((entry.issuer_msp == msp_id) | (entry.acceptor_msp == msp_id))
            .order_by(entry.operation_number, entry.class_id)
        )
        return [(row[0], row[1], row[2], row[3]) for row in self.session.execute(wanted)]

    def bookings(self, msp_id: str, class_ids: list[str]) -> list[Booking]:
        """Every operation that changed the books of a merchant whose classes these are, in the ledger's order."""
        found: dict[int, Booking] = {}
        operation = ProjectedOperation
        columns = (operation.number, operation.block_number, operation.transaction_id, operation.at, operation.op)

        def of(row: Any) -> Booking:
            return found.setdefault(row[0], Booking(*row[:5]))

        posting, bucket = ProjectedPosting, ProjectedBucket
        kinds = (
            select(*columns, bucket.class_id, posting.kind, func.sum(posting.points))
            .join(posting, posting.operation_number == operation.number)
            .join(bucket, bucket.bucket_id == posting.bucket_id)
            .where(bucket.class_id.in_(class_ids), posting.kind.in_((ISSUED, EXPIRED, REVERSED)))
            .group_by(*columns, bucket.class_id, posting.kind)
        )
        for row in self.session.execute(kinds):
            of(row).flows.setdefault(row[5], {})[row[6].lower()] = abs(int(row[7]))
        redeemed = ProjectedRedemptionEntry
        spent = (
            select(
                *columns,
                redeemed.class_id,
                redeemed.issuer_msp,
                redeemed.acceptor_msp,
                redeemed.points,
                redeemed.value_millionths,
            )
            .join(redeemed, redeemed.operation_number == operation.number)
            .where((redeemed.issuer_msp == msp_id) | (redeemed.acceptor_msp == msp_id))
            .order_by(operation.number, redeemed.class_id)
        )
        for one in self.session.execute(spent):
            of(one).redeemed.append((one[5], one[6], one[7], int(one[8]), int(one[9])))
        return [found[number] for number in sorted(found)]

    def operations(self, *ops: str) -> list[ProjectedOperation]:
        """The operations of these kinds, in the ledger's order."""
        wanted = select(ProjectedOperation).where(ProjectedOperation.op.in_(ops)).order_by(ProjectedOperation.number)
        return list(self.session.scalars(wanted))

    def _until(self, wanted: Any, number: Any, until: Until) -> Any:
        """The question, about no more than what happened so far; `number`: the column of the operation."""
        if until.block_number is None and until.day is None:
            return wanted
        return self._bounded(wanted.join(ProjectedOperation, ProjectedOperation.number == number), until)

    def _bounded(self, wanted: Any, until: Until) -> Any:
        """The same, where operations are joined already. Raises GatewayError REQUEST_MALFORMED."""
        operation = ProjectedOperation
        if until.block_number is not None:
            wanted = wanted.where(operation.block_number <= until.block_number)
        if until.day is not None:
            number_of("day", until.day)
            _, last = seconds_of(until.day, self.consortium()["time_zone"])
            wanted = wanted.where(operation.at <= last)
        return wanted


def _sum_where(condition: ColumnElement[bool], value: Any) -> Any:
    return func.coalesce(func.sum(case((condition, value), else_=0)), 0)
