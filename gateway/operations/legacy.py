"""What the gateway adds to the operations on an old system's points."""

from __future__ import annotations

from gateway.operations.record import OVER_A_LIMIT, Deed, OperationRecord
from gateway.security.access_rules import books, relayed
from gateway.security.principals import Role, Scope

RECORDS = (
    OperationRecord("DepositFromWallet", relayed(Scope.COUNTER), event="points.deposited"),
    OperationRecord(
        "ImportBalances", books(Role.FINANCE, scopes=[Scope.FINANCE]), event="balances.imported", approval=Deed.IMPORTS
    ),
    # Here the merchant vouches for the owner of an old card: members go through withdrawLegacyPoints, which asks for
    # their proof.
    OperationRecord("WithdrawToWallet", books(scopes=[Scope.FINANCE]), event="points.withdrawn", approval=OVER_A_LIMIT),
)
