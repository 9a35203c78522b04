"""What the gateway adds to the operations on point classes and rates of exchange."""

from __future__ import annotations

from gateway.operations.record import Deed, OperationRecord
from gateway.security.access_rules import books
from gateway.security.principals import Role, Scope

RECORDS = (
    OperationRecord(
        "DefineClass", books(Role.MARKETING, scopes=[Scope.ISSUE]), event="class.defined", approval=Deed.CLASSES
    ),
    OperationRecord(
        "UpdateClass", books(Role.MARKETING, scopes=[Scope.ISSUE]), event="class.updated", approval=Deed.CLASSES
    ),
    OperationRecord("SetRate", books(Role.MARKETING, scopes=[Scope.ISSUE]), event="rate.set", approval=Deed.RATES),
)
