"""What the gateway adds to the operations on collateral."""

from __future__ import annotations

from gateway.operations.record import Deed, OperationRecord
from gateway.security.access_rules import books
from gateway.security.principals import Role, Scope

RECORDS = (
    OperationRecord(
        "DepositCollateral",
        books(Role.FINANCE, scopes=[Scope.FINANCE]),
        event="collateral.deposited",
        approval=Deed.PAYMENTS,
    ),
    OperationRecord(
        "WithdrawCollateral",
        books(Role.FINANCE, scopes=[Scope.FINANCE]),
        event="collateral.asked_back",
        approval=Deed.PAYMENTS,
    ),
    OperationRecord(
        "ReleaseCollateral",
        books(Role.FINANCE, scopes=[Scope.FINANCE]),
        event="collateral.answered",
        approval=Deed.PAYMENTS,
    ),
)
