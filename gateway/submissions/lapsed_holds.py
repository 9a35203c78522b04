"""Releases reservations whose time is over, so that a member's points and an issuer's limit do not wait for somebody to
think of it.

Each gateway sees to the holds at its own merchant, a party of theirs, as soon as their time is over; to those of its
members at other merchants when anyone may release them (`DATE_MARGIN_SECONDS`), so that they do not depend on that
merchant's gateway.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from chaincode.spec.kernel.limits import DATE_MARGIN_SECONDS
from gateway.core.errors import GatewayError
from gateway.ledger.errors import LedgerError, Rejected
from gateway.ledger.port import Operation, Receipt
from gateway.projection.queries.accounts import Accounts
from gateway.submissions.normalise import complete

log = structlog.get_logger()

ROUND_SECONDS = 60
HOLDS_PER_ROUND = 500


class LapsedHolds:
    """Finds and releases them. `send` carries an operation of the organisation's to its end; `clock` is that by which
    transactions are dated."""

    def __init__(
        self,
        accounts: Accounts,
        send: Callable[[Operation], Awaitable[Receipt]],
        *,
        msp_id: str,
        valid_seconds: int,
        clock: Callable[[], int],
    ) -> None:
        self._accounts = accounts
        self._send = send
        self._msp_id = msp_id
        self._valid_seconds = valid_seconds
        self._clock = clock

    async def run(self) -> None:
        """Releases them round after round, for ever; what fails is tried again in the next round."""
        while True:
            try:
                await self.release()
            except (GatewayError, SQLAlchemyError) as error:
                log.warning("lapsed_holds_not_known", kind=type(error).__name__)
            await asyncio.sleep(ROUND_SECONDS)

    async def release(self) -> int:
        """Releases those that have lapsed by now; gives how many. Raises GatewayError PROJECTION_REBUILDING."""
        now = self._clock()
        found = await asyncio.to_thread(
            self._accounts.lapsed_holds, self._msp_id, now, now - DATE_MARGIN_SECONDS, HOLDS_PER_ROUND
        )
        return sum(await asyncio.gather(*(self._release(hold_id) for hold_id in found)))

    async def _release(self, hold_id: str) -> bool:
        # The id follows from the hold's, so that one whose outcome was lost is asked for again, not done anew.
        request_id = f"lapsed-{hashlib.sha256(hold_id.encode()).hexdigest()[:32]}"
        entry = {"op": "Release", "args": {"hold_id": hold_id}, "request_id": request_id}
        try:
            await self._send(complete(entry, None, self._clock(), self._valid_seconds))
        except Rejected as refusal:
            # Its member or another gateway was first, or it was captured in its last second.
            log.info("lapsed_hold_refused", hold=hold_id, problem=str(refusal))
            return False
        except LedgerError as error:
            log.warning("lapsed_hold_not_released", hold=hold_id, problem=str(error))
            return False
        log.info("lapsed_hold_released", hold=hold_id)
        return True
