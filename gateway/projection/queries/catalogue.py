"""Questions about classes and members: supply and its course over time, who is enrolled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chaincode.spec.kernel import counters, keys
from chaincode.spec.kernel.counters import FLOWS
from gateway.core.cursors import decode_cursor, encode_cursor
from gateway.projection.fold.table_writer import documents
from gateway.projection.models import ProjectedClassFlow, ProjectedMember
from gateway.projection.queries.reader import Filters, Reader, document, page, unknown
from gateway.projection.queries.schemas import ClassFlow, ClassFlows, ClassSupply, Listing, MemberDocument


class Catalogue(Reader):
    """Questions about classes and members. All raise GatewayError PROJECTION_REBUILDING; single things
    OBJECT_UNKNOWN."""

    def classes(self) -> Listing[ClassSupply]:
        """All classes, with what each has issued, redeemed, expired and has outstanding."""
        with self.reading() as (session, position):
            found = [json.loads(text) for _, text in documents(session, keys.point_class(""))]
            flows = flows_until(session, None, None)
            items = [_supply(one, flows.get(one["class_id"], {}), position.block_number) for one in found]
            return Listing(items=items, block_number=position.block_number)

    def point_class(self, class_id: str) -> ClassSupply:
        """One class, with the same."""
        with self.reading() as (session, position):
            found = document(session, keys.point_class(class_id))
            if found is None:
                raise unknown(class_id)
            return _supply(found, flows_until(session, class_id, None).get(class_id, {}), position.block_number)

    def class_flows(self, class_id: str, first: str, last: str) -> ClassFlows:
        """What came and went from day `first` to day `last`, both included."""
        with self.reading() as (session, position):
            if document(session, keys.point_class(class_id)) is None:
                raise unknown(class_id)
            before = flows_until(session, class_id, first).get(class_id, dict.fromkeys(FLOWS, 0))
            opening = outstanding = counters.outstanding(before)
            table = ProjectedClassFlow.__table__.c
            rows = session.execute(
                select(table.day, *(func.sum(table[flow]).label(flow) for flow in FLOWS))
                .where(table.class_id == class_id, table.day >= first, table.day <= last)
                .group_by(table.day)
                .order_by(table.day)
            ).mappings()
            days = []
            for row in rows:
                flows = {flow: int(row[flow]) for flow in FLOWS}
                outstanding += counters.outstanding(flows)
                days.append(ClassFlow(day=row["day"], outstanding=outstanding, **flows))
            return ClassFlows(class_id=class_id, opening=opening, days=days, block_number=position.block_number)

    def members(
        self, *, home_msp: str | None = None, status: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Listing[MemberDocument]:
        """Enrolled accounts, by address."""
        filters: Filters = {"home_msp": home_msp, "status": status}
        wanted = select(ProjectedMember)
        for column, value in ((ProjectedMember.home_msp, home_msp), (ProjectedMember.status, status)):
            if value is not None:
                wanted = wanted.where(column == value)
        after = decode_cursor("members", filters, cursor, str)
        if after is not None:
            wanted = wanted.where(ProjectedMember.address > after)
        with self.reading() as (session, position):
            rows, more = page(session.scalars(wanted.order_by(ProjectedMember.address).limit(limit + 1)), limit)
            items = [MemberDocument.model_validate(row) for row in rows]
            following = encode_cursor("members", filters, rows[-1].address) if more else None
            return Listing(items=items, next=following, block_number=position.block_number)


def flows_until(session: Session, class_id: str | None, before: str | None) -> dict[str, dict[str, int]]:
    """What came and went, by class, before a day."""
    table = ProjectedClassFlow.__table__.c
    wanted = select(table.class_id, *(func.sum(table[flow]).label(flow) for flow in FLOWS)).group_by(table.class_id)
    if class_id is not None:
        wanted = wanted.where(table.class_id == class_id)
    if before is not None:
        wanted = wanted.where(table.day < before)
    return {row["class_id"]: {flow: int(row[flow]) for flow in FLOWS} for row in session.execute(wanted).mappings()}


def _supply(point_class: dict[str, Any], flows: Mapping[str, int], block_number: int) -> ClassSupply:
    return ClassSupply(
        point_class=point_class,
        outstanding=counters.outstanding(flows) if flows else 0,
        block_number=block_number,
        **{flow: flows.get(flow, 0) for flow in FLOWS},
    )
