"""What stands beside each operation that staff and programs ask for: the second person before it, the audit log around it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gateway.access.audit import AuditLog
from gateway.access.principals import Principal, Staff
from gateway.errors import GatewayError
from gateway.people.approvals import Approvals, Rehearse, body_hash
from gateway.store.models.staff import Approval

SENT = "SENT"


class ApprovalRequired(GatewayError):
    """APPROVAL_REQUIRED: nothing happened yet. `approval` says where it waits."""

    def __init__(self, approval: Approval) -> None:
        super().__init__("APPROVAL_REQUIRED", f"{approval.approval_id} is {approval.status}")
        self.approval = approval


class Oversight:
    """Asks for the second person, and writes down what staff did."""

    def __init__(self, approvals: Approvals, audit: AuditLog) -> None:
        self._approvals = approvals
        self._audit = audit

    def before(
        self,
        principal: Principal,
        operation: Mapping[str, Any],
        rehearse: Rehearse = lambda operation: None,
        reason: str | None = None,
    ) -> None:
        """To be called before an operation is sent; not for a dry run. Raises ApprovalRequired, and as `Approvals.ask`.
        What staff send is in the audit log before it is sent, with the `reason` that they gave (a code), so that nothing
        happens that is not there."""
        approval = self._approvals.ask(principal, operation, rehearse)
        if approval is not None:
            raise ApprovalRequired(approval)
        self._write(principal, operation, SENT, {} if reason is None else {"reason": reason})

    def after(self, principal: Principal, operation: Mapping[str, Any], outcome: str) -> None:
        """To be called with the ledger's code, or the gateway's, or PENDING."""
        self._write(principal, operation, outcome)

    def _write(
        self,
        principal: Principal,
        operation: Mapping[str, Any],
        outcome: str,
        details: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        if isinstance(principal, Staff):
            self._audit.record(
                principal,
                operation["op"],
                object_of(operation),
                outcome=outcome,
                request_id=operation["request_id"],
                details={"body_hash": body_hash(operation), **details},
            )


def object_of(operation: Mapping[str, Any]) -> str:
    """What an operation is about: the first of its arguments that names one thing."""
    args = operation["args"]
    for name in ("redemption_id", "hold_id", "address", "account", "issuance_id", "msp_id", "class_id", "issuer_msp"):
        if isinstance(args.get(name), str):
            return str(args[name])
    return str(args.get("window_id", operation["request_id"]))
