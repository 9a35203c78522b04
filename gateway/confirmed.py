"""The way to the ledger for services that want a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gateway.ledger.errors import Rejected
from gateway.people.approvals import StillPending, Submit
from gateway.submissions.completing import complete
from gateway.submissions.outcomes import Committed, receipt_document

if TYPE_CHECKING:
    from gateway.application import Gateway


def submit_through(gateway: Gateway) -> Submit:
    """Carries an operation out and gives its receipt, or `{code, detail}` of the ledger's refusal. Raises StillPending when its end is not known yet,
    GatewayError when nothing happened."""

    def submit(operation: Mapping[str, Any]) -> Mapping[str, Any]:
        entry = {key: value for key, value in operation.items() if key != "valid_until"}
        try:
            outcome = gateway.submissions.carry_out(
                complete(entry, None, gateway.clock(), gateway.settings.ledger.valid_seconds)
            )
        except Rejected as refusal:
            return {"code": refusal.code, "detail": refusal.detail, "request_id": operation["request_id"]}
        if isinstance(outcome, Committed):
            return receipt_document(outcome.receipt)
        raise StillPending(outcome.submission_id)

    return submit
