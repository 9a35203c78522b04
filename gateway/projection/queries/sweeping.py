"""What of the ledger's memory of requests can be swept now."""

from __future__ import annotations

import json
from collections.abc import Set

from sqlalchemy import func, literal, select
from sqlalchemy.orm import aliased

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import encode
from chaincode.spec.kernel.redemptions import redemption_of
from chaincode.spec.kernel.state import after_prefix
from gateway.projection.fold.table_writer import documents
from gateway.projection.models import ProjectedDocument, ProjectedMember
from gateway.projection.queries.reader import Reader

REDEMPTIONS = keys.redemption("")
DISPUTES = "dispute/"


class Sweeping(Reader):
    """What can be swept now. Raises GatewayError PROJECTION_REBUILDING."""

    def due(self, msp_id: str, ended_before: int, others_before: int, limit: int) -> list[str]:
        """Keys of which a Sweep would delete something, those that ended first before others: of what ended before the
        one second what concerns the organisation, and of what ended before the other anything. At most `limit` are
        looked at; of redemptions, all of a day end together, others' are not, nor those about which a dispute is
        stored."""
        table, dispute = ProjectedDocument, aliased(ProjectedDocument)
        is_redemption = (table.key >= REDEMPTIONS) & (table.key < after_prefix(REDEMPTIONS))
        own = table.value.startswith(encode([msp_id]).decode().rstrip("]"), autoescape=True)
        about = literal(DISPUTES).concat(func.substr(table.key, len(REDEMPTIONS) + 1))
        disputed = (
            select(dispute.key).where(dispute.key > about.concat("/"), dispute.key < about.concat(after_prefix("/")))
        ).exists()
        found = (
            select(table.key, table.value, table.ends_at)
            .where(table.ends_at <= ended_before, (table.ends_at <= others_before) | ~is_redemption | own)
            .where(~is_redemption | ~disputed)
            .order_by(table.ends_at, table.key)
            .limit(limit)
        )
        with self.reading() as (session, _):
            rows = session.execute(found).all()
            authorisers = {row.key.rpartition("/")[2] for row in rows if row.key.startswith("receipt/")}
            member = ProjectedMember
            mine = select(member.address).where(member.home_msp == msp_id, member.address.in_(authorisers))
            speakers = {msp_id, *session.scalars(mine)}
            classes = {
                key.partition("/")[2]
                for key, text in documents(session, "class/")
                if json.loads(text)["issuer_msp"] == msp_id
            }
            return [
                row.key
                for row in rows
                if (row.ends_at or 0) <= others_before or _concerns(row.key, row.value, msp_id, classes, speakers)
            ]


def _concerns(key: str, text: str, msp_id: str, classes: Set[str], speakers: Set[str]) -> bool:
    """Whether what stands under a key is an organisation's to sweep, which issues these classes; `speakers` are itself
    and members of its."""
    noun, *parts = key.split("/")
    match noun:
        case "balance":
            return parts[0] in classes
        case "memory":
            return parts[0] == "balance" and parts[1] in classes
        case "dispute":
            return parts[2] == msp_id
        case "hold":
            return str(json.loads(text)["acceptor_msp"]) == msp_id
        case "proposal":
            return parts[2] == msp_id
        case "redemption":
            return str(redemption_of(json.loads(text), "")["acceptor_msp"]) == msp_id
    return parts[1] in speakers
