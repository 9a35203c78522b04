"""The audit log, for auditors and admins."""

from __future__ import annotations

from pydantic import Field

from gateway.core.cursors import decode_cursor, encode_cursor
from gateway.core.errors import GatewayError
from gateway.core.schemas import ApiSchema
from gateway.identity.api.common import of_merchant
from gateway.security.audit import Head
from gateway.staff.schemas import AuditHeadShown, AuditRow, AuditVerified
from gateway.web.endpoints import Answer, Call, Page, PageQuery, Subject
from gateway.web.reading import Names

subject = Subject("audit", "Audit log: what staff and programs did")


class AuditQuery(PageQuery):
    """Which rows. Of several values of one parameter, any."""

    actor: Names | None = Field(default=None, description="Only what these did.")
    action: Names | None = Field(default=None, description="Only these.")


class VerificationQuery(ApiSchema):
    """A head given out before, to be held against the log; both or none."""

    sequence: int | None = Field(default=None, ge=1, le=2**53 - 1)
    hash: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


@subject.get(
    "/audit",
    name="listAudit",
    summary="Rows of the audit log",
    query=AuditQuery,
    answers={200: Page[AuditRow]},
    codes=["CURSOR_INVALID"],
    owner=of_merchant,
)
def list_audit(call: Call[None]) -> Answer:
    """Newest first."""
    query = call.query
    filters = {"actor": query.actor, "action": query.action}
    before = decode_cursor("audit", filters, query.cursor, int)
    rows = call.gateway.people.audit.rows(
        before=before,
        limit=query.limit + 1,
        actors=query.actor,
        actions=query.action,
    )
    following = encode_cursor("audit", filters, rows[query.limit - 1].sequence) if len(rows) > query.limit else None
    items = [AuditRow.model_validate(row) for row in rows[: query.limit]]
    return Answer(200, Page[AuditRow](items=items, next=following))


@subject.get(
    "/audit/head",
    name="getAuditHead",
    summary="The newest row's number and hash",
    answers={200: AuditHeadShown},
    owner=of_merchant,
)
def get_audit_head(call: Call[None]) -> Answer:
    """To be kept where this gateway's operator cannot write: rows taken off the end are noticed by it alone."""
    head = call.gateway.people.audit.head()
    return Answer(200, AuditHeadShown(sequence=head.sequence, hash=head.hash))


@subject.get(
    "/audit/verification",
    name="verifyAudit",
    summary="Whether the chain of the audit log holds",
    query=VerificationQuery,
    answers={200: AuditVerified},
    owner=of_merchant,
)
def verify_audit(call: Call[None]) -> Answer:
    """Reads every row, and names the first that does not hold."""
    query = call.query
    if (query.sequence is None) != (query.hash is None):
        raise GatewayError("REQUEST_MALFORMED", "sequence and hash go together")
    kept = [] if query.sequence is None else [Head(query.sequence, query.hash)]
    found = call.gateway.people.audit.verify(kept)
    return Answer(
        200,
        AuditVerified(
            rows=found.rows,
            head=AuditHeadShown(sequence=found.head.sequence, hash=found.head.hash),
            broken_sequence=None if found.broken is None else found.broken.sequence,
            reason=None if found.broken is None else found.broken.reason,
        ),
    )
