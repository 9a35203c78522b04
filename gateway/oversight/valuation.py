"""What an operation is worth in money, in millionths of the settlement currency: points times what one is worth, not
their number."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.issuing import points_earned
from chaincode.spec.kernel.limits import INTEGER_MAX
from chaincode.spec.kernel.redemptions import redemption_of
from gateway.core.errors import GatewayError
from gateway.projection.lookups import Document, Documents

MILLION = 1_000_000
KEPT_SECONDS = 1.0
"""A till asks a hundred times a second, and classes and rates seldom change."""


class Worths:
    """Values operations by what the ledger's documents say."""

    def __init__(self, document: Document, documents: Documents) -> None:
        self._document = document
        self._documents = documents
        self._minor_unit = 0
        self._classes: dict[str, Mapping[str, Any]] = {}
        self._points: dict[str, int] = {}
        self._read_at = 0.0

    def operation(self, operation: Mapping[str, Any]) -> int | None:
        """What it moves; None where that cannot be said, and for an operation that moves no value."""
        args = operation["args"]
        match operation["op"]:
            case "Issue" | "ReverseIssue" | "WithdrawToWallet":
                value = self.points(args["class_id"], int(args["points"]))
            case "ImportBalances":
                value = self.points(args["class_id"], int(args["control_total_points"]))
            case "Accrue":
                value = self._accrual(args)
            case "Refund":
                value = self._refund(args)
            case "Capture":
                value = self._capture(args)
            case "SetLimits":
                caps = sum(int(part["cap_millionths"]) for part in args.get("limits") or ())
                value = max(int(args.get("posted_cover_millionths") or 0), caps)
            case "RefillLimit":
                value = max(int(args["cap_millionths"]), int(args["cover_millionths"]))
            case "RecordPayment" | "ConfirmPayment" | "RejectPayment" | "RetractPayment" | "CorrectPayment":
                value = self.payment(args)
            case _:
                return None
        return None if value is None else min(value, INTEGER_MAX)

    def points(self, class_id: str, points: int) -> int | None:
        """So many points of a class: what they pay, or what they can be exchanged for if that is more. None for an
        unknown class."""
        self._read(class_id)
        worth = self._points.get(class_id)
        return None if worth is None else points * worth

    def paid(self, class_id: str, points: int) -> int | None:
        """What so many points of a class pay at a till. None for an unknown class."""
        self._read(class_id)
        found = self._classes.get(class_id)
        return None if found is None else points * int(found["unit_value_millionths"])

    def earned(self, class_id: str, amount_minor: int) -> int | None:
        """The points that a purchase earns. None for an unknown class."""
        self._read(class_id)
        found = self._classes.get(class_id)
        if found is None:
            return None
        try:
            return points_earned(amount_minor, found["earn_rate"])
        except Refusal:  # more than the ledger counts
            return INTEGER_MAX

    def payment(self, args: Mapping[str, Any]) -> int | None:
        """What an operation on a window's payment moves: the amount that it names or what is recorded under its
        reference, else all that is due; the largest that it can be, as an operation may name one side only. None where
        there is no such payment."""
        payments = self._payments(args)
        if not payments:
            return None
        amounts = [*self._recorded(payments, args), int(args.get("amount_minor") or 0)]
        return (max(amounts) or max(int(payment["due_minor"]) for payment in payments)) * self.minor_unit()

    def recorded(self, args: Mapping[str, Any]) -> int | None:
        """What is recorded of a window's payment under a reference, and counts; None where nothing is."""
        amounts = self._recorded(self._payments(args), args)
        return max(amounts) * self.minor_unit() if amounts else None

    def _payments(self, args: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        window = self._document(keys.window(int(args["window_id"])))
        sides = [name for name in ("payee_msp", "payer_msp") if name in args]
        return [
            payment
            for payment in (window or {}).get("payments") or ()
            if all(payment[side] == args[side] for side in sides)
        ]

    @staticmethod
    def _recorded(payments: Iterable[Mapping[str, Any]], args: Mapping[str, Any]) -> list[int]:
        return [
            int(remittance["amount_minor"])
            for payment in payments
            for remittance in payment["remittances"]
            if remittance["reference"] == args.get("reference") and remittance["ended_at"] is None
        ]

    def minor_unit(self) -> int:
        """The settlement currency's smallest coin in millionths, which never changes; 0 before there is a
        consortium."""
        if not self._minor_unit and (consortium := self._document(keys.CONSORTIUM)) is not None:
            self._minor_unit = int(consortium["currency"]["minor_unit_millionths"])
        return self._minor_unit

    def _accrual(self, args: Mapping[str, Any]) -> int | None:
        earned = self.earned(args["class_id"], int(args["amount_minor"]))
        return None if earned is None else self.points(args["class_id"], earned)

    def _refund(self, args: Mapping[str, Any]) -> int | None:
        redemption_id = args["redemption_id"]
        found = redemption_of(self._document(keys.redemption(redemption_id)), redemption_id)
        if found is None:
            return None
        asked = args.get("points")
        back = found["points"] - found["refunded"] if asked is None else int(asked)
        parts = [(one["value_millionths"], one["points"], one["points"] - one["refunded"]) for one in found["draws"]]
        return _most(back, [(value * left // points, left) for value, points, left in parts if left])

    def _capture(self, args: Mapping[str, Any]) -> int | None:
        found = self._document(keys.hold(args["hold_id"]))
        if found is None:
            return None
        parts = [(self.points(one["class_id"], int(one["points"])), int(one["points"])) for one in found["amounts"]]
        known = [(value, points) for value, points in parts if value is not None]
        taken = int(found["points"] if args.get("points") is None else args["points"])
        return _most(taken, known) if len(known) == len(parts) else None

    def _read(self, class_id: str) -> None:
        """Classes and rates, anew when they were read a while ago, or when this class was not among them. While the
        projection is being rebuilt, a class that is known stays worth what it was: tills go on."""
        now = time.monotonic()
        known = class_id in self._classes
        if known and now - self._read_at < KEPT_SECONDS:
            return
        try:
            classes = {str(one["class_id"]): one for one in self._documents(keys.point_class(""))}
            rates = list(self._documents("rate/"))
        except GatewayError as error:
            if known and error.code == "PROJECTION_REBUILDING":
                return
            raise
        worths = {name: int(one["unit_value_millionths"]) for name, one in classes.items()}
        best = dict(worths)
        for rate in rates:
            given, got = rate["from_class_id"], rate["to_class_id"]
            if rate["active"] and given in best and got in worths:
                best[given] = max(best[given], -(-int(rate["numerator"]) * worths[got] // int(rate["denominator"])))
        self._classes, self._points, self._read_at = classes, best, now


def _most(points: int, parts: Iterable[tuple[int, int]]) -> int:
    """The most that so many of the points can be worth: those that are worth most first. `parts` are (value,
    points)."""
    value = 0
    for worth, count in sorted(parts, key=lambda part: part[0] / part[1], reverse=True):
        taken = min(points, count)
        value += -(-worth * taken // count)
        points -= taken
    return value
