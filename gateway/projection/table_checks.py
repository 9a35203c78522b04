"""Whether the projection's tables say the same as its documents: buckets, debts, postings, flows, redemptions, holds,
members, issuances."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.counters import FLOWS
from chaincode.spec.kernel.redemptions import redemption_of
from gateway.core.typed_codes import plain_code
from gateway.projection.fold.postings import ISSUED
from gateway.projection.fold.snapshots import position_of
from gateway.projection.fold.table_writer import documents
from gateway.projection.models import (
    NEVER,
    ProjectedBucket,
    ProjectedClassFlow,
    ProjectedDebt,
    ProjectedEntry,
    ProjectedHold,
    ProjectedMember,
    ProjectedOperation,
    ProjectedPosting,
    ProjectedRedemption,
    ProjectedRedemptionEntry,
)

Figures = Mapping[tuple[Any, ...], Any]
_REDEMPTION = ("member", "acceptor_msp", "order_ref", "order_code", "window_id")
_HOLD = ("member", "acceptor_msp", "status", "expires_at", "order_code")


def table_differences(session: Session) -> list[str]:
    """The first difference of each table, in words; none when all agree."""
    buckets, debts = _balances(session)
    checks: dict[str, Callable[[], tuple[Figures, Figures]]] = {
        "buckets": lambda: (_bucket_rows(session), buckets),
        "debts": lambda: (_debt_rows(session), debts),
        "postings": lambda: (_posted(session), buckets),
        "entries": lambda: (_entered(session), _sums(buckets, debts)),
        "points in buckets": lambda: (_numbered(session), _counted(session)),
        "class_flows": lambda: (_flow_rows(session), _flows(session)),
        "redemption_entries": lambda: (_redeemed(session), _positions(session)),
        "redemptions": lambda: (
            _standing(session, _newest(session, *_REDEMPTION), "redemption/"),
            _named(session, "redemption/", "redemption_id", *_REDEMPTION, shape=_paid),
        ),
        "points of redemptions": lambda: (
            _standing(session, _spent(session), "redemption/"),
            _named(session, "redemption/", "redemption_id", "points", "refunded", shape=redemption_of),
        ),
        "holds": lambda: (
            _standing(session, _rows(session, ProjectedHold, "hold_id", *_HOLD), "hold/"),
            _named(session, "hold/", "hold_id", *_HOLD, shape=lambda document, _: _with_code(document)),
        ),
        "members": lambda: (
            _rows(session, ProjectedMember, "address", "home_msp", "status", "enrolled_on"),
            _named(session, "member/", "address", "home_msp", "status", "enrolled_on"),
        ),
        "issuances": lambda: (
            _issued_rows(session),
            _issued(session),
        ),
        "operations": lambda: (_operations(session), {("operations",): position_of(session).operations}),
    }
    return [told for name, check in checks.items() for told in _first(name, *check())]


def _first(name: str, found: Figures, expected: Figures) -> list[str]:
    for place in sorted(set(found) | set(expected)):
        if found.get(place) != expected.get(place):
            shown = " ".join(str(part) for part in place)
            return [f"{name} {shown}: the table has {found.get(place)}, the documents say {expected.get(place)}"]
    return []


def _balances(session: Session) -> tuple[Figures, Figures]:
    """Points and held points by (class, account, last day, available day), and debts by (class, account)."""
    buckets: dict[tuple[Any, ...], Any] = {}
    debts: dict[tuple[Any, ...], int] = {}
    for key, text in documents(session, "balance/"):
        name = tuple(key.split("/", 2)[1:])
        stored, pending, debt, *_ = json.loads(text)
        for expires, points, held in stored:
            buckets[*name, NEVER if expires is None else expires, 0] = (points, held)
        for available, expires, points in pending:
            buckets[*name, NEVER if expires is None else expires, available] = (points, 0)
        if debt:
            debts[name] = debt
    return buckets, debts


_PLACE = (
    ProjectedBucket.class_id,
    ProjectedBucket.account,
    ProjectedBucket.expires_day,
    ProjectedBucket.available_day,
)


def _bucket_rows(session: Session) -> Figures:
    rows = session.execute(
        select(*_PLACE, ProjectedBucket.points, ProjectedBucket.held).where(ProjectedBucket.points > 0)
    )
    return {tuple(row[:4]): tuple(row[4:]) for row in rows}


def _debt_rows(session: Session) -> Figures:
    rows = session.execute(select(ProjectedDebt.class_id, ProjectedDebt.account, ProjectedDebt.points))
    return {tuple(row[:2]): row[2] for row in rows}


def _posted(session: Session) -> Figures:
    """What the postings add up to, where that is not nothing."""
    points, held = func.sum(ProjectedPosting.points), func.sum(ProjectedPosting.held)
    rows = session.execute(
        select(*_PLACE, points, held)
        .join(ProjectedBucket, ProjectedBucket.bucket_id == ProjectedPosting.bucket_id)
        .group_by(*_PLACE)
        .having((points != 0) | (held != 0))
    )
    return {tuple(row[:4]): (int(row[4]), int(row[5])) for row in rows}


def _entered(session: Session) -> Figures:
    """What the entries add up to, where that is not nothing."""
    table = ProjectedEntry
    sums = [func.sum(table.points), func.sum(table.held), func.sum(table.debt)]
    rows = session.execute(
        select(table.class_id, table.account, *sums)
        .group_by(table.class_id, table.account)
        .having((sums[0] != 0) | (sums[1] != 0) | (sums[2] != 0))
    )
    return {tuple(row[:2]): tuple(int(number) for number in row[2:]) for row in rows}


def _sums(buckets: Figures, debts: Figures) -> Figures:
    """Points, held points and debt by (class, account)."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for place, (points, held) in buckets.items():
        sums = found.setdefault(place[:2], [0, 0, 0])
        sums[0] += points
        sums[1] += held
    for name, debt in debts.items():
        found.setdefault(name, [0, 0, 0])[2] = debt
    return {name: tuple(sums) for name, sums in found.items()}


def _numbered(session: Session) -> Figures:
    """Up to which number points came into and went from each bucket, by its postings."""
    table = ProjectedPosting
    came = func.sum(case((table.points > 0, table.points), else_=0))
    went = func.sum(case((table.points < 0, -table.points), else_=0))
    came_to = func.max(case((table.points > 0, table.begins + table.points), else_=0))
    went_to = func.max(case((table.points < 0, table.begins - table.points), else_=0))
    rows = session.execute(select(table.bucket_id, came, came_to, went, went_to).group_by(table.bucket_id))
    return {(row[0],): tuple(int(number) for number in row[1:]) for row in rows}


def _counted(session: Session) -> Figures:
    """The same by the buckets."""
    rows = session.execute(select(ProjectedBucket.bucket_id, ProjectedBucket.came, ProjectedBucket.points))
    return {(number,): (came, came, came - points, came - points) for number, came, points in rows}


def _issued_rows(session: Session) -> Figures:
    """The points that came with the issuances of each class, and how many those are, by the postings."""
    posting = ProjectedPosting
    rows = session.execute(
        select(ProjectedBucket.class_id, func.sum(posting.points))
        .join(posting, posting.bucket_id == ProjectedBucket.bucket_id)
        .where(posting.kind == ISSUED)
        .group_by(ProjectedBucket.class_id)
    )
    return {(class_id,): int(points) for class_id, points in rows}


def _issued(session: Session) -> Figures:
    """The points of all issuances of each class, less what paid debts, by its flow counters."""
    found: Counter[tuple[str]] = Counter()
    for (class_id, _), flows in _flows(session).items():
        found[class_id,] += flows[FLOWS.index("issued")] - flows[FLOWS.index("repaid")]
    return +found


def _flow_rows(session: Session) -> Figures:
    table = ProjectedClassFlow.__table__.c
    sums = [func.sum(table[flow]) for flow in FLOWS]
    rows = session.execute(select(table.class_id, table.msp_id, *sums).group_by(table.class_id, table.msp_id))
    return {tuple(row[:2]): tuple(int(number) for number in row[2:]) for row in rows}


def _flows(session: Session) -> Figures:
    found: dict[tuple[str, ...], Counter[str]] = {}
    for key, text in documents(session, "supply/"):
        found.setdefault(tuple(key.split("/")[1:3]), Counter()).update(json.loads(text))
    return {place: tuple(counters[flow] for flow in FLOWS) for place, counters in found.items()}


def _redeemed(session: Session) -> Figures:
    table = ProjectedRedemptionEntry.__table__.c
    names = (table.window_id, table.issuer_msp, table.acceptor_msp)
    value = table.value_millionths
    rows = session.execute(
        select(*names, func.sum(case((value > 0, value), else_=0)), func.sum(case((value < 0, -value), else_=0)))
        .where(table.issuer_msp != table.acceptor_msp)
        .group_by(*names)
    )
    return {tuple(row[:3]): (int(row[3]), int(row[4])) for row in rows if row[3] or row[4]}


def _positions(session: Session) -> Figures:
    found: dict[tuple[Any, ...], tuple[int, int]] = {}
    for key, text in documents(session, "position/"):
        _, window, issuer, acceptor, _ = key.split("/")
        position, place = json.loads(text), (int(window), issuer, acceptor)
        redeemed, refunded = found.get(place, (0, 0))
        found[place] = (redeemed + position["redeemed_millionths"], refunded + position["refunded_millionths"])
    return {place: sums for place, sums in found.items() if any(sums)}


def _standing(session: Session, rows: Figures, prefix: str) -> Figures:
    """Those rows whose documents were not swept."""
    standing = {key.removeprefix(prefix) for key, _ in documents(session, prefix)}
    return {name: values for name, values in rows.items() if name[0] in standing}


def _newest(session: Session, *names: str) -> Figures:
    """Redemptions by their ids; the newest, where an id came again after a sweep."""
    table = ProjectedRedemption.__table__.c
    wanted = select(table.redemption_id, *(table[name] for name in names)).order_by(table.operation_number)
    rows: Iterable[Any] = session.execute(wanted)
    return {(row[0],): tuple(row[1:]) for row in rows}


def _spent(session: Session) -> Figures:
    """The points of each redemption and what of them came back, by the entries of its operations."""
    table, entry = ProjectedRedemption.__table__.c, ProjectedRedemptionEntry.__table__.c
    points = entry.points
    rows = session.execute(
        select(
            table.redemption_id,
            func.sum(case((points > 0, points), else_=0)),
            func.sum(case((points < 0, -points), else_=0)),
        )
        .join_from(
            ProjectedRedemption.__table__,
            ProjectedRedemptionEntry.__table__,
            entry.redemption_number == table.operation_number,
        )
        .group_by(table.redemption_id, table.operation_number)
        .order_by(table.operation_number)
    )
    return {(row[0],): (int(row[1]), int(row[2])) for row in rows}


def _rows(session: Session, model: Any, *names: str) -> Figures:
    rows: Iterable[Any] = session.execute(select(*(model.__table__.c[name] for name in names)))
    return {(row[0],): tuple(row[1:]) for row in rows}


def _named(
    session: Session,
    prefix: str,
    *names: str,
    shape: Callable[[Json, str], Json] = lambda document, name: document,
) -> Figures:
    found = (shape(json.loads(text), key.removeprefix(prefix)) for key, text in documents(session, prefix))
    return {(document[names[0]],): tuple(document[name] for name in names[1:]) for document in found}


def _paid(document: Json, redemption_id: str) -> Json:
    return _with_code(redemption_of(document, redemption_id))


def _with_code(document: Json) -> Json:
    return {**document, "order_code": plain_code(document["order_ref"])}


def _operations(session: Session) -> Figures:
    number = ProjectedOperation.number
    count, highest = session.execute(select(func.count(), func.max(number)).select_from(ProjectedOperation)).one()
    return {("operations",): int(count) if (highest or 0) == count else f"{count}, the last is {highest}"}
