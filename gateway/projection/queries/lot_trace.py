"""Where points came from and where they went: back from a bucket or a redemption to the issuances that fed it, and
forward from an issuance, with the blocks that prove each step.

In a bucket points are first in, first out, and so every point has a number in it: the tables say which numbers a
posting brought and which it took. What went with numbers 40 to 59 is what came with them, wherever that was from; a
transfer brings what it took, in its order. So a way is found step by step from indexes, at a cost of its length,
whatever else the chain holds; nothing is kept a point. (`chaincode.spec.lineage` says the law; a test holds this
against it.)
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnClause, ColumnElement, ScalarSelect, exists, func, literal_column, select
from sqlalchemy.orm import Session

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import date_of
from chaincode.spec.kernel.fields import LEGACY_PREFIX
from gateway.core.cursors import decode_cursor, encode_cursor
from gateway.core.schemas import FixedSchema
from gateway.projection.fold.operations import parse_place
from gateway.projection.fold.postings import DRAWN, EXPIRED, ISSUED, JOINED, MOVED, RETURNED, REVERSED
from gateway.projection.models import (
    NEVER,
    ProjectedBucket,
    ProjectedEntry,
    ProjectedOperation,
    ProjectedPosting,
    ProjectedRedemptionEntry,
)
from gateway.projection.queries.reader import Filters, Reader, document, last_date, link_of, number_of, unknown
from gateway.projection.queries.redemptions import newest_redemption
from gateway.projection.queries.schemas import OperationLink

STEPS_MAX = 200
"""The most operations that one answer tells."""
CAME = frozenset({ISSUED, MOVED, RETURNED})
WENT = frozenset({MOVED, DRAWN, EXPIRED, REVERSED})
_NOTHING: ColumnClause[int] = literal_column("0")
"""As text of the statement: only so does SQLite see that a partial index serves it."""


class OriginMove(FixedSchema):
    """One change of one bucket, as the ledger's event has it."""

    posting: int = Field(description="Its place among the operation's postings, from 0.")
    class_id: str
    account: str
    expires_on: str | None
    available_on: str | None = Field(description="Of points that could not be spent yet: from which day on.")
    points: int
    held: int


class OriginStep(FixedSchema):
    """One operation on the way, with those of its postings that are part of it."""

    operation: OperationLink
    authoriser: str
    submitter_msp: str
    moves: list[OriginMove]


class OriginEnd(FixedSchema):
    """One posting."""

    cursor: str = Field(description="The operation's.")
    posting: int


class OriginLink(FixedSchema):
    """What joins two postings: so many points of `to` are those of `source`. Points that went are those that had come;
    those that came by a transfer are those that went by it."""

    source: OriginEnd
    to: OriginEnd
    points: int


class OriginParcel(FixedSchema):
    """Points of one issuance that lie next to each other."""

    class_id: str
    issuance_id: str
    issued_by: OperationLink
    points: int


class Lineage(FixedSchema):
    """A way of points through the ledger, oldest step first."""

    steps: list[OriginStep]
    links: list[OriginLink]
    complete: bool = Field(description=f"Whether this is all of it: at most {STEPS_MAX} operations are told.")
    block_number: int


class BucketOrigin(Lineage):
    """Which issuances fed the points of a bucket, those that go first first."""

    account: str
    class_id: str
    expires_on: str | None
    available_on: str | None
    points: int = Field(description="How many there are.")
    parcels: list[OriginParcel]
    next: str | None = Field(
        default=None, description="The cursor of the points that are not told yet; null at the end."
    )


class RedemptionOrigin(Lineage):
    """Which issuances fed a redemption, draw after draw, also what has come back since."""

    redemption_id: str
    points: int
    parcels: list[OriginParcel]


class MovementOrigin(Lineage):
    """Which issuances fed the points that an operation took from an account, or brought to it where it took none."""

    account: str
    operation: OperationLink
    went: bool = Field(description="Whether they went.")
    points: int = Field(description="How many, in smallest units of all classes.")
    parcels: list[OriginParcel]


class IssuanceHolder(FixedSchema):
    """Points of an issuance in a bucket now."""

    account: str
    expires_on: str | None
    available_on: str | None
    points: int


class IssuanceSpending(FixedSchema):
    """Points of an issuance in a redemption, without what has come back."""

    redemption_id: str
    points: int


class IssuanceTrace(Lineage):
    """Where the points of an issuance went: points = debt_paid + what is held + redeemed + expired + reversed, where it
    is complete."""

    class_id: str
    issuance_id: str
    issuance: dict[str, Any] = Field(
        description="What the ledger told of it, with its `account` and how many points were clawed back of it (`reversed`), in debt or not."
    )
    issued_by: OperationLink
    debt_paid: int
    held: list[IssuanceHolder]
    redeemed: list[IssuanceSpending]
    expired: int
    reversed: int = Field(description="Clawed back, by whichever claw-back: first in, first out.")


class Origins(Reader):
    """Questions about the way of points. All raise GatewayError PROJECTION_REBUILDING, CURSOR_INVALID; single things
    OBJECT_UNKNOWN."""

    def of_bucket(
        self,
        account: str,
        class_id: str,
        *,
        expires_on: str | None = None,
        available_on: str | None = None,
        cursor: str | None = None,
    ) -> BucketOrigin:
        """The issuances of an account's points of a class with a last day (null: never), and the operations that
        brought them. What can be spent by today is in its bucket, also where nobody has touched the balance since."""
        filters: Filters = {
            "account": account,
            "class_id": class_id,
            "expires_on": expires_on,
            "available_on": available_on,
        }
        after = decode_cursor("origin", filters, cursor, int) or 0
        with self.reading() as (session, position):
            buckets = self._buckets(session, account, class_id, expires_on, available_on)
            if not buckets:
                raise unknown(f"{account} {class_id} {expires_on or 'never'}")
            way = _Way(session)
            # What waits will be numbered behind what is in the bucket when it joins it: so a cursor holds over that.
            begins = buckets[0].came - buckets[0].points
            first = max(begins, after)
            for bucket in buckets:
                skipped = max(first - begins, 0)
                begins += bucket.points
                if skipped < bucket.points and not way.back(
                    bucket.bucket_id, bucket.came - bucket.points + skipped, bucket.came
                ):
                    break
            following = encode_cursor("origin", filters, first + way.told) if not way.complete and way.told else None
            return BucketOrigin(
                account=account,
                class_id=class_id,
                expires_on=expires_on,
                available_on=available_on,
                points=sum(bucket.points for bucket in buckets),
                parcels=way.parcels(),
                next=following,
                block_number=position.block_number,
                **way.lineage(),
            )

    def _buckets(
        self, session: Session, account: str, class_id: str, expires_on: str | None, available_on: str | None
    ) -> Sequence[ProjectedBucket]:
        """The bucket with a last day, and behind it what waits to join it and may by today; or what waits for one
        day."""
        bucket = ProjectedBucket
        wanted = select(bucket).where(
            bucket.account == account,
            bucket.class_id == class_id,
            bucket.expires_day == (NEVER if expires_on is None else number_of("expires_on", expires_on)),
        )
        if available_on is not None:
            return session.scalars(wanted.where(bucket.available_day == number_of("available_on", available_on))).all()
        today = number_of("day", self.today(session))
        due = (bucket.available_day <= today) & (bucket.points > 0)
        return session.scalars(wanted.where((bucket.available_day == 0) | due).order_by(bucket.available_day)).all()

    def of_redemption(self, redemption_id: str) -> RedemptionOrigin:
        """The issuances that fed a redemption, and the operations that brought their points to its member."""
        with self.reading() as (session, position):
            number = newest_redemption(session, redemption_id)
            way = _Way(session)
            drawn = way.postings(number, DRAWN)
            for row in drawn:
                if not way.back(row.bucket_id, row.begins, row.begins - row.points, row):
                    break
            return RedemptionOrigin(
                redemption_id=redemption_id,
                points=-sum(row.points for row in drawn),
                parcels=way.parcels(),
                block_number=position.block_number,
                **way.lineage(),
            )

    def of_movement(self, account: str, cursor: str) -> MovementOrigin:
        """The issuances of the points that the operation at a place took from an account, or brought to it, and the
        operations that brought them before. What only became available, was reserved or expired meanwhile is not
        told."""
        place = parse_place(cursor)
        operation, posting, bucket = ProjectedOperation, ProjectedPosting, ProjectedBucket
        with self.reading() as (session, position):
            made = session.scalar(
                select(operation).where(
                    operation.block_number == place.block_number,
                    operation.transaction_index == place.transaction_index,
                    operation.operation_index == place.index,
                )
            )
            rows = session.scalars(
                select(posting)
                .join(bucket, bucket.bucket_id == posting.bucket_id)
                .where(posting.operation_number == (0 if made is None else made.number), bucket.account == account)
                .where(posting.points != 0, posting.kind.in_(CAME | WENT))
                .order_by(posting.place)
            ).all()
            if made is None or not rows:
                raise unknown(f"{account} {cursor}")
            went = [row for row in rows if row.points < 0 and row.kind != EXPIRED]
            went = went or [row for row in rows if row.points < 0 and made.op == "Expire"]
            way = _Way(session)
            for row in went or [row for row in rows if row.points > 0]:
                if not way.back(row.bucket_id, row.begins, row.begins + abs(row.points), row if went else None):
                    break
            return MovementOrigin(
                account=account,
                operation=link_of(made),
                went=bool(went),
                points=sum(abs(row.points) for row in went or rows if went or row.points > 0),
                parcels=way.parcels(),
                block_number=position.block_number,
                **way.lineage(),
            )

    def of_issuance(self, class_id: str, issuance_id: str) -> IssuanceTrace:
        """Where an issuance's points are and how they went."""
        with self.reading() as (session, position):
            issued, issuance = _issued_by(session, class_id, issuance_id)
            way = _Way(session)
            came = [row for row in way.postings(issued.number, ISSUED) if row.issuance_id == issuance_id]
            for row in came:
                way.forward(row)
            buckets = {bucket: way.bucket(bucket) for bucket in way.held}
            return IssuanceTrace(
                class_id=class_id,
                issuance_id=issuance_id,
                issuance=issuance,
                issued_by=link_of(issued),
                debt_paid=issuance["points"] - sum(row.points for row in came),
                held=[
                    IssuanceHolder(
                        account=buckets[bucket].account,
                        expires_on=last_date(buckets[bucket].expires_day),
                        available_on=date_of(buckets[bucket].available_day or None),
                        points=points,
                    )
                    for bucket, points in sorted(way.held.items(), key=lambda one: (-one[1], one[0]))
                ],
                redeemed=[
                    IssuanceSpending(redemption_id=name, points=points) for name, points in sorted(way.redeemed.items())
                ],
                expired=way.gone[EXPIRED],
                reversed=way.gone[REVERSED],
                block_number=position.block_number,
                **way.lineage(),
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


def _issued_by(session: Session, class_id: str, issuance_id: str) -> tuple[ProjectedOperation, dict[str, Any]]:
    """The operation that made an issuance, the newest one where there are several, and what it told of it. An
    issuance's id begins with the request's, and for a member's exchange with the address before it; a request id may
    have served before, for another thing."""
    request = issuance_id.rpartition(".")[0]
    authoriser, _, request_id = request.rpartition("/")
    point_class = document(session, keys.point_class(class_id))
    if point_class is None:
        raise unknown(class_id)
    authoriser = authoriser or str(point_class["issuer_msp"])
    operation = ProjectedOperation
    rows = session.scalars(
        select(operation)
        .where(operation.authoriser == authoriser, operation.request_id == request_id)
        .order_by(operation.number.desc())
    )
    for row in rows:
        made = row.result.get("issuances") or [row.result.get("issuance")]
        found = next((one for one in made if one and one["issuance_id"] == issuance_id), None)
        if found is not None and row.args.get("to_class_id", row.args.get("class_id")) == class_id:
            account = _issued_to(row, made.index(found))
            return row, {**found, "account": account, "reversed": _clawed(session, row, account, class_id, issuance_id)}
    raise unknown(f"{class_id} {issuance_id}")


def _clawed(session: Session, issued: ProjectedOperation, account: str, class_id: str, issuance_id: str) -> int:
    """How many points were clawed back of an issuance, by the claw-backs after it that name it."""
    entry, operation = ProjectedEntry, ProjectedOperation
    rows = session.scalars(
        select(operation)
        .join(entry, entry.operation_number == operation.number)
        .where(entry.account == account, entry.class_id == class_id, operation.number > issued.number)
        .where(operation.op == "ReverseIssue")
    )
    return sum(row.args["points"] for row in rows if row.args["issuance_id"] == issuance_id)


def _issued_to(row: ProjectedOperation, index: int) -> str:
    """The account that got an operation's issuance of this number."""
    if "entries" in row.args:
        return f"{LEGACY_PREFIX}{row.args['entries'][index]['reference_hash']}"
    return str(row.args.get("address", row.authoriser))


class _Enough(Exception):
    """More operations than one answer tells."""


Posting = tuple[int, int]
"""(operation's number, place)."""
Path = tuple["ProjectedPosting", "Path | None"]
"""A posting, and what led to it."""


@dataclass
class _Way:
    """What is gathered of a way: the postings by operation, what joins them, and where the points begin or end. A point
    is told with all of its way, or not at all."""

    session: Session
    rows: dict[Posting, ProjectedPosting] = field(default_factory=dict)
    links: Counter[tuple[Posting, Posting]] = field(default_factory=Counter)
    origins: list[tuple[ProjectedPosting, int]] = field(default_factory=list)
    told: int = 0
    """The points whose way is told."""
    complete: bool = True
    held: Counter[int] = field(default_factory=Counter)
    """By bucket."""
    redeemed: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    _operations: set[int] = field(default_factory=set)
    _buckets: dict[int, ProjectedBucket] = field(default_factory=dict)

    def back(self, bucket_id: int, first: int, last: int, to: ProjectedPosting | None = None) -> bool:
        """Follows the points `first` up to, but not with, `last` of a bucket, which went by `to` if they did, back to
        their issuances. False where that becomes too long: then it is told up to some point."""
        try:
            self._back(bucket_id, first, last, None if to is None else (to, None), False)
        except _Enough:
            self.complete = False
        return self.complete

    def forward(self, row: ProjectedPosting) -> None:
        """Follows the points that came by a posting to where they are."""
        try:
            self._forward((row, None), row.begins, row.begins + row.points)
        except _Enough:
            self.complete = False

    def _back(self, bucket_id: int, first: int, last: int, path: Path | None, backwards: bool) -> None:
        for row in self._came(bucket_id, first, last, backwards):
            begin, end = max(first, row.begins), min(last, row.begins + row.points)
            way: Path = (row, path)
            if row.kind == ISSUED:
                self._tell(way, end - begin, backwards=True)
                self.origins.append((row, end - begin))
            elif row.kind == RETURNED:
                drawn, begins, ends = self._drawn_for(row, begin - row.begins, end - row.begins)
                self._back(drawn.bucket_id, begins, ends, (drawn, way), not backwards)
            else:
                left = self._posting(row.operation_number, row.source_place)
                shift = left.begins - row.begins
                self._back(left.bucket_id, begin + shift, end + shift, (left, way), backwards)

    def _forward(self, path: Path, first: int, last: int) -> None:
        bucket = self.bucket(path[0].bucket_id)
        here = max(first, bucket.came - bucket.points)
        if here < last:
            self._tell(path, last - here)
            self.held[bucket.bucket_id] += last - here
        for row in self._went(bucket.bucket_id, first, last):
            begin, end = max(first, row.begins), min(last, row.begins - row.points)
            way: Path = (row, path)
            if row.kind in (MOVED, JOINED):
                target = self._arrival(row)
                shift = target.begins - row.begins
                self._forward((target, way), begin + shift, end + shift)
            elif row.kind == DRAWN:
                self._spent(way, begin, end)
            else:
                self._tell(way, end - begin)
                self.gone[row.kind] += end - begin

    def _tell(self, path: Path, points: int, *, backwards: bool = False) -> None:
        """Adds a way of points that is known from end to end; backwards, its first posting is the one that the points
        came by last."""
        rows = []
        step: Path | None = path
        while step is not None:
            row, step = step
            rows.append(row)
        if not backwards:
            rows.reverse()
        operations = self._operations | {row.operation_number for row in rows}
        if len(operations) > STEPS_MAX:
            raise _Enough
        self._operations = operations
        self.rows.update({(row.operation_number, row.place): row for row in rows})
        for source, to in itertools.pairwise(rows):
            self.links[(source.operation_number, source.place), (to.operation_number, to.place)] += points
        self.told += points

    def _spent(self, path: Path, first: int, last: int) -> None:
        """Points of a draw: those that came back, and the rest."""
        drawn = path[0]
        redemption_id = self._operation(drawn.operation_number).result["redemption"]["redemption_id"]
        rest = last - first
        for row, begins, ends in self._returns(drawn):
            begin, end = max(first, begins), min(last, ends)
            if begin < end:
                # The last of a draw comes back first.
                self._forward((row, path), row.begins + ends - end, row.begins + ends - begin)
                rest -= end - begin
        if rest:
            self._tell(path, rest)
            self.redeemed[redemption_id] += rest

    def _returns(self, drawn: ProjectedPosting) -> Iterator[tuple[ProjectedPosting, int, int]]:
        """What came back of a draw, in its order: the posting, and which of the bucket's points it had drawn."""
        bucket = self.bucket(drawn.bucket_id)
        entry = ProjectedRedemptionEntry
        numbers = self.session.scalars(
            select(entry.operation_number)
            .where(entry.redemption_number == drawn.operation_number, entry.class_id == bucket.class_id)
            .where(entry.operation_number != drawn.operation_number)
            .order_by(entry.operation_number)
        )
        ends = drawn.begins - drawn.points
        for number in numbers.all():
            parts = [one for one in self._operation(number).result["returned"] if one["class_id"] == bucket.class_id]
            rows = [
                row for row in self.postings(number, RETURNED) if self.bucket(row.bucket_id).class_id == bucket.class_id
            ]
            for part, row in zip(parts, rows, strict=True):
                if part["drawn_expires_on"] == last_date(bucket.expires_day):
                    yield row, ends - row.points, ends
                    ends -= row.points

    def _drawn_for(self, row: ProjectedPosting, first: int, last: int) -> tuple[ProjectedPosting, int, int]:
        """Of the points `first` up to `last` that a refund brought: the draw, and which of its bucket's points they
        were."""
        entry = ProjectedRedemptionEntry
        wanted = select(entry.redemption_number).where(entry.operation_number == row.operation_number).limit(1)
        for drawn in self.postings(self.session.scalars(wanted).one(), DRAWN):
            for returned, _, ends in self._returns(drawn):
                if returned is row:
                    return drawn, ends - last, ends - first
        raise LookupError(f"operation {row.operation_number}: it gives back what was not drawn")

    def _came(self, bucket_id: int, first: int, last: int, backwards: bool) -> Iterator[ProjectedPosting]:
        posting = ProjectedPosting
        came = (posting.bucket_id == bucket_id) & (posting.points > _NOTHING)
        order = posting.begins.desc() if backwards else posting.begins
        wanted = select(posting).where(came, posting.begins >= _last_before(came, first), posting.begins < last)
        return self._some(wanted.order_by(order))

    def _went(self, bucket_id: int, first: int, last: int) -> Iterator[ProjectedPosting]:
        posting = ProjectedPosting
        went = (posting.bucket_id == bucket_id) & (posting.points < _NOTHING)
        begin = func.coalesce(_last_before(went, first), 0)
        wanted = select(posting).where(went, posting.begins >= begin, posting.begins < last)
        rows = self._some(wanted.order_by(posting.begins))
        return (row for row in rows if row.begins - row.points > first)

    def _some(self, wanted: Any) -> Iterator[ProjectedPosting]:
        """As many rows as an answer may tell; one more is too many."""
        rows = self.session.scalars(wanted.limit(STEPS_MAX + 1)).all()
        yield from itertools.islice(rows, STEPS_MAX)
        if len(rows) > STEPS_MAX:
            raise _Enough

    def _arrival(self, left: ProjectedPosting) -> ProjectedPosting:
        """The posting by which points that left a bucket came into another."""
        posting = ProjectedPosting
        wanted = select(posting).where(
            posting.operation_number == left.operation_number, posting.source_place == left.place
        )
        return self.session.scalars(wanted).one()

    def _posting(self, number: int, place: int | None) -> ProjectedPosting:
        return self.session.get_one(ProjectedPosting, (number, place))

    def _operation(self, number: int) -> ProjectedOperation:
        return self.session.get_one(ProjectedOperation, number)

    def postings(self, number: int, kind: str) -> list[ProjectedPosting]:
        """The operation's postings of a kind, in its order."""
        posting = ProjectedPosting
        wanted = select(posting).where(posting.operation_number == number, posting.kind == kind, posting.points != 0)
        return list(self.session.scalars(wanted.order_by(posting.place)))

    def bucket(self, bucket_id: int) -> ProjectedBucket:
        """The bucket of this number."""
        if bucket_id not in self._buckets:
            self._buckets[bucket_id] = self.session.get_one(ProjectedBucket, bucket_id)
        return self._buckets[bucket_id]

    def parcels(self) -> list[OriginParcel]:
        """Where the points began: neighbours of one issuance are one."""
        numbers = {row.operation_number for row, _ in self.origins}
        found = self.session.scalars(select(ProjectedOperation).where(ProjectedOperation.number.in_(numbers)))
        made = {row.number: link_of(row) for row in found}
        told: list[OriginParcel] = []
        for row, points in self.origins:
            class_id = self.bucket(row.bucket_id).class_id
            if told and (told[-1].class_id, told[-1].issuance_id) == (class_id, row.issuance_id):
                points += told.pop().points
            assert row.issuance_id is not None
            told.append(
                OriginParcel(
                    class_id=class_id,
                    issuance_id=row.issuance_id,
                    issued_by=made[row.operation_number],
                    points=points,
                )
            )
        return told

    def lineage(self) -> dict[str, Any]:
        """The steps and what joins them."""
        moves: dict[int, list[OriginMove]] = {}
        for _, row in sorted(self.rows.items()):
            bucket = self.bucket(row.bucket_id)
            moves.setdefault(row.operation_number, []).append(
                OriginMove(
                    posting=row.place,
                    class_id=bucket.class_id,
                    account=bucket.account,
                    expires_on=last_date(bucket.expires_day),
                    available_on=date_of(bucket.available_day or None),
                    points=row.points,
                    held=row.held,
                )
            )
        operation = ProjectedOperation
        made = self.session.scalars(select(operation).where(operation.number.in_(moves)).order_by(operation.number))
        rows = {row.number: row for row in made}
        cursors = {number: link_of(row).cursor for number, row in rows.items()}

        def end(name: Posting) -> OriginEnd:
            return OriginEnd(cursor=cursors[name[0]], posting=name[1])

        return {
            "steps": [
                OriginStep(
                    operation=link_of(row),
                    authoriser=row.authoriser,
                    submitter_msp=row.submitter_msp,
                    moves=moves[number],
                )
                for number, row in rows.items()
            ],
            "links": [
                OriginLink(source=end(source), to=end(to), points=points)
                for (source, to), points in sorted(self.links.items())
            ],
            "complete": self.complete,
        }


def _last_before(which: ColumnElement[bool], first: int) -> ScalarSelect[int]:
    """Where the posting begins that `first` lies in or behind."""
    begins = ProjectedPosting.begins
    return select(begins).where(which, begins <= first).order_by(begins.desc()).limit(1).scalar_subquery()
