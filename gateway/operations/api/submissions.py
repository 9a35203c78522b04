"""What became of an operation whose caller was told 202."""

from __future__ import annotations

from typing import Any

from gateway.core.schemas import ApiSchema
from gateway.ledger.port import Receipt
from gateway.security.guard import Owner, owner_named
from gateway.submissions.outcomes import State, Submission, receipt_document
from gateway.web.endpoints import Answer, Call, Subject
from gateway.web.problems import PROBLEMS, problem

subject = Subject("submissions", "Submissions: operations that were answered with 202")


class SubmissionStatus(ApiSchema):
    """A submission. `receipt` is the ledger's when it is COMMITTED; `problem` says why when it is REFUSED."""

    submission_id: str
    request_id: str
    state: State
    created_at: int
    receipt: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None


def status_of(found: Submission) -> SubmissionStatus:
    """A kept operation as the API shows it."""
    receipt = None
    if found.receipt is not None:
        receipt = receipt_document(Receipt(found.receipt, found.block_number))
    refusal = None
    if found.code is not None:
        code = found.code if found.code in PROBLEMS else "INTERNAL_ERROR"
        refusal = problem(code, found.detail or "")
    return SubmissionStatus(
        submission_id=found.submission_id,
        request_id=found.request_id,
        state=found.state,
        created_at=found.created_at,
        receipt=receipt,
        problem=refusal,
    )


def owner_of(call: Call[Any]) -> Owner:
    """Whose operation it is."""
    return owner_named(call.gateway.submissions.keeping.owner(call.path["submission_id"]))


@subject.get(
    "/submissions/{submission_id}",
    name="getSubmission",
    summary="What became of an operation",
    answers={200: SubmissionStatus},
    codes=["SUBMISSION_UNKNOWN"],
    owner=owner_of,
    path_patterns={"submission_id": {"type": "string", "maxLength": 32}},
)
def get_submission(call: Call[None]) -> Answer:
    """While it is PENDING the answer says when to ask again."""
    found = call.gateway.submissions.keeping.find(call.path["submission_id"])
    headers = {"Retry-After": "1"} if found.state is State.PENDING else {}
    return Answer(200, status_of(found), headers)
