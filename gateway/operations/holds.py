"""What the gateway adds to the operations on holds."""

from __future__ import annotations

from gateway.operations.record import OVER_A_LIMIT, OperationRecord
from gateway.security.access_rules import books, relayed
from gateway.security.principals import Role, Scope

RECORDS = (
    OperationRecord("Hold", relayed(Scope.COUNTER, Scope.RELAY), event="hold.created"),
    OperationRecord(
        "Capture", books(Role.CASHIER, scopes=[Scope.COUNTER]), event="hold.captured", approval=OVER_A_LIMIT
    ),
    OperationRecord("Release", relayed(Scope.COUNTER, Scope.RELAY), event="hold.released"),
)
