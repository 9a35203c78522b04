"""What the gateway adds to the operations on members."""

from __future__ import annotations

from gateway.operations.record import OperationRecord
from gateway.security.access_rules import books, relayed
from gateway.security.principals import Role, Scope

RECORDS = (
    OperationRecord("EnrollMember", books(Role.CASHIER, scopes=[Scope.COUNTER]), event="member.enrolled"),
    OperationRecord("SetMemberStatus", books(), event="member.status_changed"),
    OperationRecord("RebindMember", books(), event="member.rebind_asked"),
    OperationRecord("ConfirmRebind", books(), event="member.rebind_confirmed"),
    OperationRecord("ObjectRebind", relayed(Scope.COUNTER, Scope.RELAY), event="member.rebind_ended"),
    OperationRecord("CompleteRebind", relayed(Scope.COUNTER, Scope.RELAY), event="member.rebound"),
    OperationRecord("MoveHome", relayed(Scope.COUNTER), event="member.moved"),
)
