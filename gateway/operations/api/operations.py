"""One endpoint for each operation of the ledger, made from the rules' declaration of it: `POST /operations/redeem`.

201 brings the ledger's receipt, once the transaction is committed on the organisation's own peer. 202 brings an address
that ends in the receipt. Any other status means that nothing happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask

from chaincode.spec.kernel.context import Authority
from chaincode.spec.kernel.operation import Operation
from chaincode.spec.kernel.signatures import address_of
from chaincode.spec.operations import OPERATIONS
from gateway.core.errors import GatewayError
from gateway.ledger.errors import LedgerError
from gateway.operations.api.captures import require_shown
from gateway.operations.api.freezing import SAID, required_reason
from gateway.operations.api.nouns import BOOLEAN, INTEGER, NOUNS, RESULTS, TEXT, maybe
from gateway.operations.api.requests import (
    HEADERS,
    RUN_QUERY,
    build,
    camel,
    kebab,
    request_schema,
    timestamp_of,
    wait_of,
)
from gateway.security.guard import Owner
from gateway.submissions.outcomes import Committed, Pending, receipt_document
from gateway.web.endpoints import PREFIX, Answer, Call, Subject, View
from gateway.web.shapes import Schema

subject = Subject("operations", "Operations: what changes the ledger")

ACCEPTED = Schema(
    "SubmissionAccepted",
    {
        "type": "object",
        "properties": {
            "request_id": TEXT,
            "submission_id": TEXT,
            "status": {"const": "PENDING"},
            "href": {"type": "string", "description": "Ask here for the end of it."},
        },
        "required": ["href", "request_id", "status", "submission_id"],
        "additionalProperties": False,
    },
    {},
)


def receipt_schema(name: str, result: Any) -> Schema:
    """The schema of an accepted operation's receipt."""
    return Schema(
        f"{name}Receipt",
        {
            "type": "object",
            "properties": {
                "authoriser": {**TEXT, "description": "The MSP id or address that the request_id belongs to."},
                "block_number": {**maybe(INTEGER), "description": "Null for a repetition and a dry run."},
                "code": {"const": "OK"},
                "now": {**INTEGER, "description": "The transaction's time in Unix seconds."},
                "op": {"const": name},
                "repeated": {**BOOLEAN, "description": "Whether this request was carried out before."},
                "request_id": TEXT,
                "result": result,
                "tx_id": TEXT,
            },
            "required": [
                "authoriser",
                "block_number",
                "code",
                "now",
                "op",
                "repeated",
                "request_id",
                "result",
                "tx_id",
            ],
        },
        NOUNS,
    )


def law_of(operation: Operation) -> tuple[str, str]:
    """Summary and description, from the rule's own docstring."""
    head, _, rest = (operation.__doc__ or "").partition("\n\n")
    summary = " ".join(head.partition(": ")[2].split())
    return summary[:1].upper() + summary[1:], " ".join(rest.split())


def owner_of(call: Call[Any], name: str, member: Authority) -> Owner:
    """Whose operation it is: the signing member's, else the organisation's."""
    authorization = call.body.get("authorization")
    if authorization is not None and member is not Authority.ORGANISATION:
        return Owner(address=address_of(authorization["public_key"]))
    return Owner(msp_id=call.gateway.msp_id)


def carry_out(call: Call[Any], operation: Mapping[str, Any], *, dry_run: bool, reason: str | None = None) -> Answer:
    """Submits an operation, or asks what would come of it, and gives the answer; the audit log keeps the `reason`."""
    timestamp = timestamp_of(call)
    flask.g.request_id = operation["request_id"]
    call.gateway.submissions.admit(operation)
    if dry_run:
        return Answer(200, receipt_document(call.gateway.submissions.dry_run(operation, timestamp=timestamp)))
    outcome = overseen(call, operation, timestamp, reason)
    if isinstance(outcome, Committed):
        document = receipt_document(outcome.receipt)
        flask.g.transaction_id = document["tx_id"]
        return Answer(201, document)
    href = f"{PREFIX}/submissions/{outcome.submission_id}"
    accepted = {
        "href": href,
        "request_id": operation["request_id"],
        "status": "PENDING",
        "submission_id": outcome.submission_id,
    }
    return Answer(202, accepted, {"Location": href, "Retry-After": "1"})


def overseen(
    call: Call[Any], operation: Mapping[str, Any], timestamp: int | None, reason: str | None = None
) -> Committed | Pending:
    """Submits an operation under the eyes of approvals and audit log. Raises ApprovalRequired, and as
    `Submissions.carry_out`."""
    oversight = call.gateway.people.oversight
    submissions = call.gateway.submissions
    oversight.before(call.principal, operation, lambda one: submissions.dry_run(one, timestamp=timestamp), reason)
    try:
        outcome = submissions.carry_out(operation, timestamp=timestamp, wait_seconds=wait_of(call))
    except (GatewayError, LedgerError) as error:
        oversight.after(call.principal, operation, error.code)
        raise
    oversight.after(call.principal, operation, "OK" if isinstance(outcome, Committed) else "PENDING")
    return outcome


def _declare(name: str, operation: Operation) -> None:
    summary, description = law_of(operation)
    receipt = receipt_schema(name, RESULTS[name])

    def view(call: Call[Any]) -> Answer:
        operation = build(call, name)
        require_shown(call, operation, call.body.get("order_ref"))
        reason = required_reason(call, operation, call.body.get(SAID))
        return carry_out(call, operation, dry_run=call.query.get("dry_run", False), reason=reason)

    subject.post(
        f"/operations/{kebab(name)}",
        name=camel(name),
        summary=summary,
        description=description,
        body=request_schema(operation),
        query=RUN_QUERY,
        headers=HEADERS,
        answers={200: receipt, 201: receipt, 202: ACCEPTED},
        codes=(
            *operation.REFUSES,
            "APPROVAL_REQUIRED",
            "ORGANISATION_UNKNOWN",
            "TRY_LATER",
            *(["CODE_REFUSED"] if name == "Capture" else []),
            *(["NOT_SAME_PERSON"] if name == "MergeAccounts" else []),
            *(["REASON_REQUIRED"] if name == "SetMemberStatus" else []),
        ),
        owner=lambda call: owner_of(call, name, operation.AUTHORITY),
    )(_named(view, name))


def _named(view: View, name: str) -> View:
    view.__name__ = camel(name)
    return view


for _name, _operation in OPERATIONS.items():
    _declare(_name, _operation)
