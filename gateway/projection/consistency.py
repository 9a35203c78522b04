"""Whether the projection's tables say the same as its documents: lots, postings, flows, redemptions, holds, members, issuances."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from chaincode.spec.balances import LOT_FIELDS, lots_of
from chaincode.spec.canonical import Json
from chaincode.spec.counters import FLOWS
from chaincode.spec.redemptions import redemption_of
from gateway.projection.snapshots import position_of
from gateway.projection.writing import documents
from gateway.store.models.projection import (
    ProjectedClassFlow,
    ProjectedEntry,
    ProjectedHold,
    ProjectedIssuance,
    ProjectedLot,
    ProjectedMember,
    ProjectedOperation,
    ProjectedPosting,
    ProjectedRedemption,
    ProjectedRedemptionEntry,
)
from gateway.typed_codes import plain_code

Figures = Mapping[tuple[Any, ...], Any]
_REDEMPTION = ("member", "acceptor_msp", "order_ref", "order_code", "window_id")
_HOLD = ("member", "acceptor_msp", "status", "expires_at", "order_code")


def table_differences(session: Session) -> list[str]:
    """The first difference of each table, in words; none when all agree."""
    lots = _lots(session)
    checks: dict[str, Callable[[], tuple[Figures, Figures]]] = {
        "lots": lambda: (_lot_rows(session), lots),
        "postings": lambda: (_sums(session, ProjectedPosting), _held_sums(lots, 3)),
        "entries": lambda: (_sums(session, ProjectedEntry), _held_sums(lots, 2)),
        "class_flows": lambda: (_flow_rows(session), _flows(session)),
        "redemption_entries": lambda: (_redeemed(session), _positions(session)),
        "redemptions": lambda: (
            _rows(session, ProjectedRedemption, "redemption_id", *_REDEMPTION),
            _named(session, "redemption/", "redemption_id", *_REDEMPTION, shape=_paid),
        ),
        "holds": lambda: (
            _rows(session, ProjectedHold, "hold_id", *_HOLD),
            _named(session, "hold/", "hold_id", *_HOLD, shape=lambda document, _: _with_code(document)),
        ),
        "members": lambda: (
            _rows(session, ProjectedMember, "address", "home_msp", "status", "enrolled_on"),
            _named(session, "member/", "address", "home_msp", "status", "enrolled_on"),
        ),
        "issuances": lambda: (
            _rows(session, ProjectedIssuance, "class_id", "lot_id"),
            {tuple(key.split("/", 2)[1:]): () for key, _ in documents(session, "issuance/")},
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


def _lots(session: Session) -> dict[tuple[Any, ...], Any]:
    return {
        (*key.split("/", 2)[1:], lot["lot_id"]): tuple(lot[name] for name in LOT_FIELDS)
        for key, text in documents(session, "balance/")
        for lot in lots_of(json.loads(text))
    }


def _lot_rows(session: Session) -> Figures:
    table = ProjectedLot.__table__.c
    rows = session.execute(select(table.class_id, table.account, *(table[name] for name in LOT_FIELDS)))
    return {(row[0], row[1], row.lot_id): tuple(row[2:]) for row in rows}


def _held_sums(lots: Figures, parts: int) -> Figures:
    """Points and held points by (class, account) or (class, account, lot)."""
    points: Counter[tuple[Any, ...]] = Counter()
    held: Counter[tuple[Any, ...]] = Counter()
    for place, (_, lot_points, lot_held, *_) in lots.items():
        points[place[:parts]] += lot_points
        held[place[:parts]] += lot_held
    return {place: (points[place], held[place]) for place in points}


def _sums(session: Session, model: type[ProjectedPosting] | type[ProjectedEntry]) -> Figures:
    """What the changes add up to, where that is not nothing."""
    table = model.__table__.c
    names = [table.class_id, table.account] + ([table.lot_id] if model is ProjectedPosting else [])
    points, held = func.sum(table.points), func.sum(table.held)
    rows = session.execute(select(*names, points, held).group_by(*names).having((points != 0) | (held != 0)))
    return {tuple(row[:-2]): (int(row[-2]), int(row[-1])) for row in rows}


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
    return {tuple(row[:3]): (int(row[3]), int(row[4])) for row in rows}


def _positions(session: Session) -> Figures:
    found: dict[tuple[Any, ...], tuple[int, int]] = {}
    for key, text in documents(session, "position/"):
        _, window, issuer, acceptor, _ = key.split("/")
        position, place = json.loads(text), (int(window), issuer, acceptor)
        redeemed, refunded = found.get(place, (0, 0))
        found[place] = (redeemed + position["redeemed_millionths"], refunded + position["refunded_millionths"])
    return found


def _rows(session: Session, model: Any, *names: str) -> Figures:
    rows: Iterable[Any] = session.execute(select(*(model.__table__.c[name] for name in names)))
    if model is ProjectedIssuance:
        return {tuple(row): () for row in rows}
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
