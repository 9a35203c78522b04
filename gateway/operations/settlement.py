"""What the gateway adds to the operations on settlement."""

from __future__ import annotations

from gateway.operations.record import Deed, OperationRecord
from gateway.security.access_rules import books
from gateway.security.principals import Role, Scope

RECORDS = (
    OperationRecord(
        "CutWindow", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="window.cut", approval=Deed.WINDOWS
    ),
    OperationRecord(
        "DeclareDefault",
        books(Role.FINANCE, scopes=[Scope.FINANCE]),
        event="default.declared",
        approval=Deed.MERCHANTS,
    ),
    OperationRecord(
        "SetAcceptanceFee", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="fee.set", approval=Deed.LIMITS
    ),
    OperationRecord("CloseWindow", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="window.closed"),
    OperationRecord("AcceptStatement", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="statement.accepted"),
    OperationRecord(
        "RecordPayment", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="payment.recorded", approval=Deed.PAYMENTS
    ),
    OperationRecord(
        "ConfirmPayment", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="payment.confirmed", approval=Deed.PAYMENTS
    ),
    OperationRecord(
        "RejectPayment", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="payment.rejected", approval=Deed.PAYMENTS
    ),
    OperationRecord(
        "RetractPayment", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="payment.retracted", approval=Deed.PAYMENTS
    ),
    OperationRecord(
        "CorrectPayment", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="payment.corrected", approval=Deed.PAYMENTS
    ),
    OperationRecord("ConfirmUnanswered", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="payment.unanswered"),
    OperationRecord("OpenDispute", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="dispute.opened"),
    OperationRecord("AnswerDispute", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="dispute.answered"),
    OperationRecord("EscalateDispute", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="dispute.escalated"),
    OperationRecord("WithdrawDispute", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="dispute.withdrawn"),
    OperationRecord("VoteDispute", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="dispute.voted"),
    OperationRecord("ResolveDispute", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="dispute.resolved"),
)
