"""Second persons: what waits for one, confirmed or rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from gateway.core.cursors import decode_pair, encode_cursor
from gateway.identity.api.common import ID_PATTERN, of_merchant, require_fresh, staff_of
from gateway.oversight.models import Approval
from gateway.staff.schemas import ApprovalFact, ApprovalShown, Rejection
from gateway.submissions.executor import StillPending
from gateway.web.endpoints import Answer, Call, Page, PageQuery, Subject

subject = Subject("approvals", "Approvals: the second person")

APPROVAL_ID = {"approval_id": ID_PATTERN}
DECISION_CODES = ("SAME_PERSON", "APPROVAL_ROLE", "APPROVAL_ENDED", "LOGIN_TOO_OLD")


class ApprovalQuery(PageQuery):
    """Which approvals."""

    status: Literal["PENDING", "CONFIRMED", "REJECTED", "EXPIRED", "DONE", "REFUSED"] | None = Field(
        default=None, description="Only those."
    )


def to_response(call: Call[Any], row: Approval) -> ApprovalShown:
    """An approval as staff see it."""
    return to_responses(call, [row])[0]


def to_responses(call: Call[Any], rows: Sequence[Approval]) -> list[ApprovalShown]:
    """Approvals as staff see them."""
    approvals = call.gateway.people.approvals
    names = approvals.names(rows)
    facts = [approvals.facts(row) for row in rows]
    members = approvals.members(fact["value"] for found in facts for fact in found if fact["kind"] == "member")
    return [
        _shown(row, names, [{**fact, "said": members.get(str(fact["value"]))} for fact in found])
        for row, found in zip(rows, facts, strict=True)
    ]


def _shown(row: Approval, names: Mapping[str, str], facts: Sequence[Mapping[str, Any]]) -> ApprovalShown:
    return ApprovalShown(
        approval_id=row.approval_id,
        action=row.action,
        operation=row.operation,
        body_hash=row.body_hash,
        amount=row.amount,
        limit=row.limit_amount,
        facts=[ApprovalFact.model_validate(fact) for fact in facts],
        status=row.status,
        requested_by=row.requested_by,
        requested_by_name=names.get(row.requested_by),
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        decided_by=row.decided_by,
        decided_by_name=names.get(row.decided_by or ""),
        decided_at=row.decided_at,
        reason=row.reason,
        receipt=row.receipt,
    )


@subject.get(
    "/approvals",
    name="listApprovals",
    summary="What waits or waited for a second person",
    query=ApprovalQuery,
    answers={200: Page[ApprovalShown]},
    codes=["CURSOR_INVALID"],
    owner=of_merchant,
)
def list_approvals(call: Call[None]) -> Answer:
    """Newest first. Finance, auditors and admins see all of them, the others what they asked for."""
    query = call.query
    filters = {"status": query.status}
    before = decode_pair("approvals", filters, query.cursor)
    rows = call.gateway.people.approvals.list(
        viewer=staff_of(call), status=query.status, before=before, limit=query.limit + 1
    )
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    key = last and f"{last.requested_at}.{last.approval_id}"
    following = encode_cursor("approvals", filters, key) if key else None
    return Answer(200, Page[ApprovalShown](items=to_responses(call, rows[: query.limit]), next=following))


@subject.get(
    "/approvals/{approval_id}",
    name="getApproval",
    summary="One request for a second person",
    answers={200: ApprovalShown},
    owner=of_merchant,
    path_patterns=APPROVAL_ID,
)
def get_approval(call: Call[None]) -> Answer:
    """And what came of it."""
    return Answer(200, to_response(call, call.gateway.people.approvals.get(call.path["approval_id"], staff_of(call))))


@subject.post(
    "/approvals/{approval_id}/confirm",
    name="confirmApproval",
    summary="Confirms what somebody else asked for, and carries it out",
    answers={200: ApprovalShown, 202: ApprovalShown},
    codes=DECISION_CODES,
    owner=of_merchant,
    path_patterns=APPROVAL_ID,
)
def confirm_approval(call: Call[None]) -> Answer:
    """Once. 202: it is on its way, and the gateway brings it to its end. The log-in must be fresh."""
    require_fresh(call)
    approvals, approval_id = call.gateway.people.approvals, call.path["approval_id"]
    try:
        return Answer(200, to_response(call, approvals.confirm(staff_of(call), approval_id, call.gateway.submit)))
    except StillPending:
        return Answer(202, to_response(call, approvals.get(approval_id)), {"Retry-After": "1"})


@subject.post(
    "/approvals/{approval_id}/reject",
    name="rejectApproval",
    summary="Rejects a request, or takes one's own back",
    body=Rejection,
    answers={200: ApprovalShown},
    codes=[*DECISION_CODES, "REASON_REQUIRED"],
    owner=of_merchant,
    path_patterns=APPROVAL_ID,
)
def reject_approval(call: Call[Rejection]) -> Answer:
    """Nothing happens then. Whoever asked is shown the reason; one's own request needs none."""
    row = call.gateway.people.approvals.reject(staff_of(call), call.path["approval_id"], call.body.reason)
    return Answer(200, to_response(call, row))
