"""What the gateway adds to the operations on points."""

from __future__ import annotations

from gateway.operations.record import OVER_A_LIMIT, OperationRecord
from gateway.security.access_rules import books, relayed
from gateway.security.principals import Role, Scope

RECORDS = (
    OperationRecord("Issue", books(Role.MARKETING, scopes=[Scope.ISSUE]), event="points.issued", approval=OVER_A_LIMIT),
    OperationRecord(
        "Accrue", books(Role.CASHIER, scopes=[Scope.COUNTER]), event="points.accrued", approval=OVER_A_LIMIT
    ),
    OperationRecord(
        "ReverseIssue", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="points.reversed", approval=OVER_A_LIMIT
    ),
    OperationRecord("Transfer", relayed(Scope.COUNTER, Scope.RELAY), event="points.transferred"),
    OperationRecord("Approve", relayed(Scope.COUNTER, Scope.RELAY), event="allowance.set"),
    OperationRecord("TransferFrom", relayed(Scope.COUNTER, Scope.RELAY), event="points.transferred"),
    OperationRecord("MergeAccounts", relayed(Scope.COUNTER, Scope.RELAY), event="accounts.merged"),
    # Relaying one of these is the merchant's consent to the order, so it takes a till, or a member of this gateway.
    OperationRecord("Redeem", relayed(Scope.COUNTER), event="redemption.created"),
    OperationRecord("Exchange", relayed(Scope.COUNTER), event="points.exchanged"),
    OperationRecord(
        "Refund", books(Role.CASHIER, scopes=[Scope.COUNTER]), event="redemption.refunded", approval=OVER_A_LIMIT
    ),
    OperationRecord("Expire", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="points.expired"),
)
