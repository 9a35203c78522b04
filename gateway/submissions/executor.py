"""The way to the ledger for services that want a receipt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.ledger.errors import Rejected
from gateway.submissions.normalise import complete
from gateway.submissions.outcomes import Committed, receipt_document
from gateway.submissions.service import Submissions

Submit = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Carries an operation out and gives its receipt's document; adds `valid_until`. Raises when the outcome is not
known."""


class StillPending(Exception):
    """Raised by a Submit when the operation is on its way and its end is not known."""


def submit_through(submissions: Submissions, clock: Callable[[], int], valid_seconds: int) -> Submit:
    """Carries an operation out and gives its receipt, or `{code, detail}` of the ledger's refusal. Raises StillPending
    when its end is not known yet, GatewayError when nothing happened."""

    def submit(operation: Mapping[str, Any]) -> Mapping[str, Any]:
        entry = {key: value for key, value in operation.items() if key != "valid_until"}
        try:
            outcome = submissions.carry_out(complete(entry, None, clock(), valid_seconds))
        except Rejected as refusal:
            return {"code": refusal.code, "detail": refusal.detail, "request_id": operation["request_id"]}
        if isinstance(outcome, Committed):
            return receipt_document(outcome.receipt)
        raise StillPending(outcome.submission_id)

    return submit
