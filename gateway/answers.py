"""What the services about people ask of the ledger, answered from the projection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.errors import GatewayError
from gateway.people.services import LedgerAnswers
from gateway.projection.projection import Projection


def ledger_answers(projection: Projection) -> LedgerAnswers:
    """The answers. What the projection does not know is None, which asks for a second person."""

    def points_of(address: str) -> int:
        return sum(balance.points for balance in projection.accounts.balances(address).balances)

    def redemption_points(redemption_id: str) -> int | None:
        try:
            redemption = projection.accounts.redemption(redemption_id).redemption
        except GatewayError as error:
            if error.code == "OBJECT_UNKNOWN":
                return None
            raise
        return int(redemption["points"]) - int(redemption["refunded"])

    def payment_minor(operation: Mapping[str, Any]) -> int | None:
        args = operation["args"]
        try:
            window = projection.settlement.window(args["window_id"]).document
        except GatewayError as error:
            if error.code == "OBJECT_UNKNOWN":
                return None
            raise
        sides = [name for name in ("payee_msp", "payer_msp") if name in args]
        amounts = [
            int(payment["amount_minor"])
            for payment in window.get("payments") or ()
            if all(payment[side] == args[side] for side in sides)
        ]
        return max(amounts, default=None)

    def recipients_of(authoriser: str, request_id: str) -> frozenset[str]:
        try:
            operation = projection.log.receipt(authoriser, request_id).operation
        except GatewayError as error:
            if error.code == "OBJECT_UNKNOWN":
                return frozenset()
            raise
        if operation.op == "Transfer":
            return frozenset(str(one["address"]) for one in operation.args["recipients"])
        return frozenset({str(operation.args["recipient"])}) if operation.op == "TransferFrom" else frozenset()

    return LedgerAnswers(points_of, redemption_points, payment_minor, recipients_of)
