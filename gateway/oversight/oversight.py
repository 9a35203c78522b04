"""What stands beside each operation that staff and programs ask for: the second person before it, the audit log around
it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.signatures import address_of
from gateway.core.errors import GatewayError
from gateway.members.wallets import Wallets
from gateway.oversight.approvals import Approvals, Rehearse, body_hash
from gateway.oversight.models import Approval
from gateway.projection.lookups import Document
from gateway.security.audit import AuditLog
from gateway.security.principals import Principal, Staff

SENT = "SENT"


class ApprovalRequired(GatewayError):
    """APPROVAL_REQUIRED: nothing happened yet. `approval` says where it waits."""

    def __init__(self, approval: Approval) -> None:
        super().__init__("APPROVAL_REQUIRED", f"{approval.approval_id} is {approval.status}")
        self.approval = approval


class Oversight:
    """Asks for the second person, and writes down what staff did."""

    def __init__(
        self, approvals: Approvals, audit: AuditLog, wallets: Wallets, document: Document, msp_id: str
    ) -> None:
        self._approvals = approvals
        self._audit = audit
        self._wallets = wallets
        self._document = document
        self._msp_id = msp_id

    def before(
        self,
        principal: Principal,
        operation: Mapping[str, Any],
        rehearse: Rehearse = lambda operation: None,
        reason: str | None = None,
    ) -> None:
        """To be called before an operation is sent; not for a dry run. Raises ApprovalRequired, GatewayError
        NOT_SAME_PERSON, and as `Approvals.ask`. What staff send is in the audit log before it is sent, with the
        `reason` that they gave (a code), so that nothing happens that is not there."""
        if operation["op"] == "MergeAccounts":
            self._require_same_person(operation)
        approval = self._approvals.ask(principal, operation, rehearse)
        if approval is not None:
            raise ApprovalRequired(approval)
        self._write(principal, operation, SENT, {} if reason is None else {"reason": reason})

    def _require_same_person(self, operation: Mapping[str, Any]) -> None:
        """Whose points cannot be sent on, or who owes some, moves them between own accounts alone: the issuer, which
        relays, vouches for that, so both must be linked to one person here. Raises GatewayError NOT_SAME_PERSON."""
        if operation.get("authorization") is None:
            return  # the ledger refuses it
        args, source = operation["args"], address_of(operation["authorization"]["public_key"])
        for class_id in args["class_ids"]:
            found = self._document(keys.point_class(class_id)) or {}
            _, _, debt, *_ = self._document(keys.balance(class_id, source)) or ([], [], 0)
            if found.get("issuer_msp") != self._msp_id or (found["transferable"] and not debt):
                continue
            person = self._wallets.person_of(source)
            if person is None or person != self._wallets.person_of(args["target"]):
                raise GatewayError(
                    "NOT_SAME_PERSON",
                    f"{class_id}: link {source} and {args['target']} to one member of {self._msp_id} first",
                )

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
