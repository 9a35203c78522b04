"""What the gateway adds to the operations on the consortium, its merchants and what they may owe each other."""

from __future__ import annotations

from gateway.operations.record import Deed, OperationRecord
from gateway.security.access_rules import books
from gateway.security.principals import Role, Scope

RECORDS = (
    OperationRecord("OpenConsortium", books(), event="consortium.opened"),
    OperationRecord("RegisterMerchant", books(), event="merchant.invited", approval=Deed.MERCHANTS),
    OperationRecord("JoinConsortium", books(), event="merchant.joined"),
    OperationRecord("SetMerchantStatus", books(), event="merchant.status_changed", approval=Deed.MERCHANTS),
    OperationRecord("SetLimits", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="limit.set", approval=Deed.LIMITS),
    OperationRecord(
        "RefillLimit", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="limit.refilled", approval=Deed.LIMITS
    ),
    OperationRecord("Sweep", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="memory.swept"),
)
