"""Questions about an account: balances, history, redemptions, holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, bindparam, literal_column, select
from sqlalchemy.orm import Session

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import date_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.nouns.hold import hold_shown
from gateway.core.cursors import decode_cursor, encode_cursor
from gateway.core.typed_codes import plain_code
from gateway.projection.fold.operations import reference_of
from gateway.projection.models import (
    ProjectedBucket,
    ProjectedDebt,
    ProjectedDocument,
    ProjectedEntry,
    ProjectedHold,
    ProjectedMember,
    ProjectedOperation,
    ProjectedRedemption,
)
from gateway.projection.queries.reader import (
    Filters,
    Reader,
    document,
    last_date,
    link_of,
    number_of,
    page,
    place_of,
    unknown,
)
from gateway.projection.queries.redemptions import newest_redemption, operations_on, redemptions_told
from gateway.projection.queries.schemas import (
    AccountBalance,
    AccountBalances,
    BucketDocument,
    HistoryEntry,
    HoldDetail,
    Listing,
    NounListing,
    PendingDocument,
    RedemptionDetail,
)

_BUCKET, _DEBT = ProjectedBucket.__table__.c, ProjectedDebt.__table__.c
_BUCKETS = (
    select(_BUCKET.class_id, _BUCKET.expires_day, _BUCKET.available_day, _BUCKET.points, _BUCKET.held)
    .where(_BUCKET.account == bindparam("account"), _BUCKET.points > literal_column("0"))
    .order_by(_BUCKET.class_id, _BUCKET.available_day, _BUCKET.expires_day)
)
_DEBTS = select(_DEBT.class_id, _DEBT.points).where(_DEBT.account == bindparam("account"))
Held = tuple[int, int, int, int]
"""(last day, day from which on it is available, points, held)."""


class Accounts(Reader):
    """Questions about accounts. All raise GatewayError PROJECTION_REBUILDING; lists CURSOR_INVALID; single things
    OBJECT_UNKNOWN; of a day that is none REQUEST_MALFORMED."""

    def balances(self, account: str, day: str | None = None) -> AccountBalances:
        """The account's points by class, with their buckets in draw order, as they stand on `day` (today when left
        out)."""
        with self.reading() as (session, position):
            on = day or self.today(session)
            today = number_of("day", on)
            found: dict[str, list[Held]] = {}
            for class_id, *bucket in session.execute(_BUCKETS, {"account": account}):
                found.setdefault(class_id, []).append(tuple(bucket))
            debts: dict[str, int] = dict(session.execute(_DEBTS, {"account": account}).all())
            balances = [
                _balance(session, class_id, found.get(class_id, []), debts.get(class_id, 0), today)
                for class_id in sorted(found.keys() | debts.keys())
            ]
            return AccountBalances(
                account=account,
                day=on,
                balances=balances,
                value_millionths=sum(balance.value_millionths for balance in balances),
                block_number=position.block_number,
            )

    def history(
        self,
        *,
        account: str | None = None,
        class_id: str | None = None,
        op: str | None = None,
        submitter_msp: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Listing[HistoryEntry]:
        """What happened to accounts, newest first: to one account, of one class, by one operation, or through one
        organisation's gateway."""
        filters: Filters = {"account": account, "class_id": class_id, "op": op, "submitter_msp": submitter_msp}
        entry, operation = ProjectedEntry, ProjectedOperation
        # A page ends with an operation: the cursor names the last one, and its rows are never divided.
        wanted = select(operation.number).join(entry, entry.operation_number == operation.number).distinct()
        for column, value in (
            (entry.account, account),
            (entry.class_id, class_id),
            (operation.op, op),
            (operation.submitter_msp, submitter_msp),
        ):
            if value is not None:
                wanted = wanted.where(column == value)
        before = decode_cursor("history", filters, cursor, int)
        if before is not None:
            wanted = wanted.where(operation.number < before, entry.operation_number < before)
        with self.reading() as (session, position):
            numbers, more = page(session.scalars(wanted.order_by(operation.number.desc()).limit(limit + 1)), limit)
            rows = (
                select(entry, operation)
                .join(operation, entry.operation_number == operation.number)
                .where(entry.operation_number.in_(numbers))
                .order_by(operation.number.desc(), entry.account, entry.class_id)
            )
            if account is not None:
                rows = rows.where(entry.account == account)
            if class_id is not None:
                rows = rows.where(entry.class_id == class_id)
            items = [_history_entry(*row) for row in session.execute(rows)]
            following = encode_cursor("history", filters, numbers[-1]) if more else None
            return Listing(items=items, next=following, block_number=position.block_number)

    def redemption(self, redemption_id: str) -> RedemptionDetail:
        """A redemption, the newest of its id, with the operations that made and refunded it."""
        with self.reading() as (session, position):
            number = newest_redemption(session, redemption_id)
            (found,) = redemptions_told(session, [number])
            links = [link_of(row) for row in operations_on(session, number)]
            return RedemptionDetail(redemption=found, operations=links, block_number=position.block_number)

    def redemptions(
        self,
        *,
        member: str | None = None,
        acceptor_msp: str | None = None,
        order_ref: str | None = None,
        window_id: int | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> NounListing:
        """Redemptions as the ledger has them, or had them before they were swept, newest first: of a member, at an
        acceptor, for an order (however its number is typed), in a window."""
        filters: Filters = {
            "member": member,
            "acceptor_msp": acceptor_msp,
            "order_code": None if order_ref is None else plain_code(order_ref),
            "window_id": window_id,
        }

        def told(session: Session, rows: list[Any]) -> list[Json]:
            return redemptions_told(session, [row.operation_number for row in rows])

        found = select(ProjectedRedemption.operation_number)
        return self._nouns("redemptions", found, ProjectedRedemption, filters, cursor, limit, told)

    def hold(self, hold_id: str) -> HoldDetail:
        """A hold with the operation that made it."""
        with self.reading() as (session, position):
            found = document(session, keys.hold(hold_id))
            outline = session.get(ProjectedHold, hold_id)
            if found is None or outline is None:
                raise unknown(hold_id)
            operation = session.get_one(ProjectedOperation, outline.operation_number)
            return HoldDetail(hold=hold_shown(found), operation=link_of(operation), block_number=position.block_number)

    def holds(
        self,
        *,
        member: str | None = None,
        acceptor_msp: str | None = None,
        status: str | None = None,
        order_ref: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> NounListing:
        """Holds as the ledger has them, newest first: of a member, at an acceptor, in a status, for an order (however
        its number is typed)."""
        filters: Filters = {
            "member": member,
            "acceptor_msp": acceptor_msp,
            "status": status,
            "order_code": None if order_ref is None else plain_code(order_ref),
        }
        found = select(ProjectedHold.operation_number, ProjectedHold.hold_id, ProjectedDocument.value).join(
            ProjectedDocument, ProjectedDocument.key == keys.hold("") + ProjectedHold.hold_id
        )

        def told(_: Session, rows: list[Any]) -> list[Json]:
            return [hold_shown(json.loads(row.value)) for row in rows]

        return self._nouns("holds", found, ProjectedHold, filters, cursor, limit, told)

    def lapsed_holds(self, msp_id: str, now: int, others_before: int, limit: int) -> list[str]:
        """Ids of open holds that the merchant may release, those that ended first before others: at itself whose time
        was over before `now`, and of its members elsewhere whose time was over before `others_before`."""
        hold = ProjectedHold.__table__.c
        at_home = select(ProjectedMember.address).where(ProjectedMember.home_msp == msp_id)
        mine = (hold.acceptor_msp == msp_id) & (hold.expires_at < now)
        members = hold.member.in_(at_home) & (hold.expires_at < others_before)
        wanted = select(hold.hold_id).where(hold.status == "RESERVED", hold.expires_at < now, mine | members)
        with self.reading() as (session, _):
            return list(session.scalars(wanted.order_by(hold.expires_at, hold.hold_id).limit(limit)))

    def _nouns(
        self,
        name: str,
        wanted: Select[*tuple[Any, ...]],
        model: type[ProjectedRedemption] | type[ProjectedHold],
        filters: Filters,
        cursor: str | None,
        limit: int,
        told: Callable[[Session, list[Any]], list[Json]],
    ) -> NounListing:
        """A page of what is `wanted`, whose rows have their operation's number, as it is `told`."""
        number = model.operation_number
        for column, value in filters.items():
            if value is not None:
                wanted = wanted.where(model.__table__.c[column] == value)
        before = decode_cursor(name, filters, cursor, int)
        if before is not None:
            wanted = wanted.where(number < before)
        with self.reading() as (session, position):
            rows, more = page(session.execute(wanted.order_by(number.desc()).limit(limit + 1)), limit)
            following = encode_cursor(name, filters, rows[-1].operation_number) if more else None
            return NounListing(items=told(session, rows), next=following, block_number=position.block_number)


def _balance(session: Session, class_id: str, found: list[Held], debt: int, today: int) -> AccountBalance:
    """Sums as the ledger's own `GetBalance` makes them: each point once, held counts first; what is available by now is
    in its bucket."""
    point_class = document(session, keys.point_class(class_id))
    buckets: dict[int, list[int]] = {}
    pending = []
    for expires, available, points, held in found:
        if available > today:
            pending.append((available, expires, points))
            continue
        bucket = buckets.setdefault(expires, [0, 0])
        bucket[0] += points
        bucket[1] += held
    waiting = sum(points for _, _, points in pending)
    expired = {expires: bucket for expires, bucket in buckets.items() if expires < today}
    points = sum(bucket[0] for bucket in buckets.values()) + waiting
    held = sum(bucket[1] for bucket in buckets.values())
    lost = sum(bucket[0] - bucket[1] for bucket in expired.values())
    worth = points - sum(bucket[0] for bucket in expired.values())
    return AccountBalance(
        class_id=class_id,
        issuer_msp=point_class["issuer_msp"],
        points=points,
        spendable=points - waiting - held - lost,
        held=held,
        pending=waiting,
        expired=lost,
        debt=debt,
        value_millionths=worth * point_class["unit_value_millionths"],
        buckets=[
            BucketDocument(expires_on=last_date(expires), points=points, held=held)
            for expires, (points, held) in sorted(buckets.items())
        ],
        pending_buckets=[
            PendingDocument(available_on=date_of(available), expires_on=last_date(expires), points=points)
            for available, expires, points in sorted(pending)
        ],
    )


def _history_entry(entry: ProjectedEntry, operation: ProjectedOperation) -> HistoryEntry:
    args, result = operation.args, operation.result
    redemption, hold = result.get("redemption") or {}, result.get("hold") or {}
    return HistoryEntry(
        cursor=place_of(operation),
        block_number=operation.block_number,
        transaction_id=operation.transaction_id,
        at=operation.at,
        op=operation.op,
        authoriser=operation.authoriser,
        submitter_msp=operation.submitter_msp,
        request_id=operation.request_id,
        account=entry.account,
        class_id=entry.class_id,
        points=entry.points,
        held=entry.held,
        debt=entry.debt,
        counterparties=entry.counterparties,
        reference=reference_of(args, result),
        redemption_id=redemption.get("redemption_id") or result.get("redemption_id"),
        hold_id=hold.get("hold_id") or result.get("hold_id"),
    )
