"""This merchant's members as a list: name, balance, the day they joined, their last visit; searched, sorted, in
pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, UnaryExpression, case, func, literal_column, or_, select
from sqlalchemy.orm import Session

from chaincode.spec.kernel.calendar import day_number
from gateway.identity.models import Person
from gateway.identity.schemas import MemberListed, MembersPage
from gateway.members.models import LinkedAddress
from gateway.projection.fold.table_writer import documents
from gateway.projection.models import ProjectedBucket, ProjectedEntry, ProjectedMember, ProjectedOperation
from gateway.projection.queries.reader import Reader, named

VISITS = ("Accrue", "Redeem", "Capture", "Refund")
"""What a member comes to a till for."""
Order = Literal["joined", "name", "balance", "visit"]


class Directory(Reader):
    """Lists members with what the ledger says of their accounts. Raises GatewayError PROJECTION_REBUILDING."""

    def members(
        self,
        msp_id: str,
        *,
        search: str | None = None,
        status: str | None = None,
        order: Order = "joined",
        descending: bool = True,
        page: int = 1,
        limit: int = 50,
    ) -> MembersPage:
        """One page of the accounts that are enrolled at `msp_id`. `search` is part of a name, the beginning of an
        address, or its two ends; a balance is the value of what is not expired, in millionths."""
        member, person = ProjectedMember, Person
        wanted = (
            select(member.address)
            .outerjoin(LinkedAddress, LinkedAddress.address == member.address)
            .outerjoin(person, person.person_id == LinkedAddress.person_id)
            .where(member.home_msp == msp_id)
        )
        if status is not None:
            wanted = wanted.where(member.status == status)
        if search:
            ends = search.lower() if "…" in search else f"{search.lower()}…"
            in_name = func.lower(person.name).contains(search.lower(), autoescape=True)
            wanted = wanted.where(or_(in_name, named(member.address, ends)))
        with self.reading() as (session, position):
            total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
            balance, visit = self._balance(session), _last_visit(msp_id)
            columns: Mapping[str, ColumnElement[Any]] = {
                "joined": member.enrolled_on,  # type: ignore[dict-item]
                "name": func.lower(person.name),
                "balance": balance,
                "visit": visit,
            }
            shown = wanted.add_columns(person.name, member.status, member.enrolled_on, balance, visit)
            rows = _ordered(shown, columns[order], descending).limit(limit).offset((page - 1) * limit)
            items = [
                MemberListed(
                    address=address,
                    name=name,
                    status=state,
                    joined_on=joined_on,
                    value_millionths=int(value),
                    last_visit_at=visited_at,
                )
                for address, name, state, joined_on, value, visited_at in session.execute(rows)
            ]
            return MembersPage(items=items, total=total, block_number=position.block_number)

    def _balance(self, session: Session) -> ColumnElement[int]:
        """The value of an account's points that are not expired."""
        bucket = ProjectedBucket
        classes = [json.loads(text) for _, text in documents(session, "class/")]
        values = {one["class_id"]: one["unit_value_millionths"] for one in classes}
        unit = case(values, value=bucket.class_id, else_=0) if values else 0
        valid = bucket.expires_day >= day_number(self.today(session))
        worth = func.coalesce(func.sum(bucket.points * unit), 0)
        here = (bucket.account == ProjectedMember.address) & (bucket.points > literal_column("0"))
        return select(worth).where(here, valid).scalar_subquery()


def _last_visit(msp_id: str) -> ColumnElement[int]:
    """When an account last did something at one of the merchant's tills."""
    entry, operation = ProjectedEntry, ProjectedOperation
    return (
        select(func.max(operation.at))
        .join(entry, entry.operation_number == operation.number)
        .where(entry.account == ProjectedMember.address)
        .where(operation.submitter_msp == msp_id, operation.op.in_(VISITS))
        .scalar_subquery()
    )


def _ordered(wanted: Select[Any], column: ColumnElement[Any], descending: bool) -> Select[Any]:
    way: UnaryExpression[Any] = column.desc() if descending else column.asc()
    return wanted.order_by(way.nulls_last(), ProjectedMember.address)
