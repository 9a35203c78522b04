"""The way to the ledger for services that want a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gateway.ledger.errors import Rejected
from gateway.people.approvals import StillPending, Submit
from gateway.submissions.outcomes import Committed
from gateway.web.ledger.operations import receipt_document
from gateway.web.ledger.requests import complete

if TYPE_CHECKING:
    from gateway.application import Gateway


def submit_through(gateway: Gateway) -> Submit:
    """Carries an operation out and gives its receipt, or `{code, detail}` of the ledger's refusal. Raises StillPending when its end is not known yet,
    GatewayError when nothing happened."""

    def submit(operation: Mapping[str, Any]) -> Mapping[str, Any]:
        entry = {key: value for key, value in operation.items() if key != "valid_until"}
        try:
            outcome = gateway.submissions.carry_out(complete(gateway, entry))
        except Rejected as refusal:
            return {"code": refusal.code, "detail": refusal.detail, "request_id": operation["request_id"]}
        if isinstance(outcome, Committed):
            return receipt_document(outcome.receipt)
        raise StillPending(outcome.submission_id)

    return submit
