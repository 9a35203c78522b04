"""Sweeps from the ledger what need not be remembered any more, so that its state does not grow with what has happened.

Each gateway sees to what concerns its own organisation as soon as its time is over: memory in balances of its own
classes, holds and redemptions at its merchant, its own disputes, receipts of its own and its members'. What nobody has
swept a day later, any gateway sweeps.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.limits import ITEMS_PER_SWEEP_MAX
from gateway.core.errors import GatewayError
from gateway.ledger.errors import LedgerError, Rejected
from gateway.ledger.port import Operation, Receipt
from gateway.projection.queries.sweeping import Sweeping
from gateway.submissions.normalise import complete

log = structlog.get_logger()

ROUND_SECONDS = 600
MARGIN_SECONDS = 900
"""The submitter's clock and the peers' may differ so much."""
OTHERS_SECONDS = 86_400
SEEN_PER_ROUND = 5_000


class Sweeps:
    """Finds and sweeps it. `send` carries an operation of the organisation's to its end; `clock` is that by which
    transactions are dated."""

    def __init__(
        self,
        sweeping: Sweeping,
        send: Callable[[Operation], Awaitable[Receipt]],
        *,
        msp_id: str,
        valid_seconds: int,
        clock: Callable[[], int],
    ) -> None:
        self._sweeping = sweeping
        self._send = send
        self._msp_id = msp_id
        self._valid_seconds = valid_seconds
        self._clock = clock
        self._refused: set[str] = set()

    async def run(self) -> None:
        """Sweeps round after round, for ever; what fails is tried again in the next round."""
        while True:
            try:
                while await self.sweep():
                    pass
            except (GatewayError, SQLAlchemyError, LedgerError) as error:
                log.warning("not_swept", kind=type(error).__name__)
            await asyncio.sleep(ROUND_SECONDS)

    async def sweep(self) -> int:
        """Sweeps as much as one operation may; gives how much the ledger deleted. Raises GatewayError
        PROJECTION_REBUILDING, LedgerError."""
        now = self._clock()
        due = await asyncio.to_thread(
            self._sweeping.due, self._msp_id, now - MARGIN_SECONDS, now - OTHERS_SECONDS, SEEN_PER_ROUND
        )
        keys = [key for key in due if key not in self._refused][:ITEMS_PER_SWEEP_MAX]
        return await self._sweep(keys, now) if keys else 0

    async def _sweep(self, keys: list[str], now: int) -> int:
        """Sweeps what stands under these keys. What the ledger refuses is divided, until it is known which of them it
        was; that is left alone from then on."""
        request_id = f"sweep-{now:011d}-{secrets.token_hex(6)}"
        entry = {"op": "Sweep", "args": named(keys), "request_id": request_id}
        try:
            receipt = (await self._send(complete(entry, None, now, self._valid_seconds))).checked()
        except Rejected as refusal:
            if len(keys) == 1:
                log.warning("not_swept", key=keys[0], problem=str(refusal))
                self._refused.add(keys[0])
                return 0
            middle = len(keys) // 2
            return await self._sweep(keys[:middle], now) + await self._sweep(keys[middle:], now)
        log.info("swept", asked=len(keys), deleted=receipt.result["deleted"])
        return int(receipt.result["deleted"])


def named(keys: Iterable[str]) -> dict[str, list[Json]]:
    """The arguments of a Sweep of what stands under these keys."""
    found: dict[str, list[Json]] = {}
    for key in keys:
        noun, *parts = key.split("/")
        match noun:
            case "balance":
                found.setdefault("balances", []).append({"account": parts[1], "class_id": parts[0]})
            case "dispute":
                found.setdefault("disputes", []).append({"issuer_msp": parts[2], "redemption_id": "/".join(parts[:2])})
            case "hold":
                found.setdefault("holds", []).append("/".join(parts))
            case "memory":
                about, authoriser, request_id = "/".join(parts[:3]), parts[3], parts[4]
                found.setdefault("memories", []).append(
                    {"about": about, "authoriser": authoriser, "request_id": request_id}
                )
            case "proposal":
                found.setdefault("proposals", []).append("/".join(parts))
            case "receipt":
                found.setdefault("receipts", []).append({"authoriser": parts[1], "request_id": parts[0]})
            case "redemption":
                found.setdefault("redemptions", []).append("/".join(parts))
    return found
