"""Carries operations to the ledger for callers in other threads.

What is told as done can be read: a receipt is given out only when this gateway's tables hold its block, so that the
next request, of whatever kind, sees what it tells of. Nothing is written down while the caller waits: when the commit
is seen in time, the ledger's own receipt is the record, and a caller that gets no answer asks again with the same
request_id. Only where the caller is told 202 is the operation kept first, so that the gateway brings it to its end also
over a kill.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import structlog

from chaincode.spec.kernel.context import Role
from chaincode.spec.operations import OPERATIONS
from gateway.core.errors import GatewayError
from gateway.core.event_loop import EventLoop
from gateway.ledger.errors import TOO_LARGE, EndorseFailed, LedgerError, Rejected, SubmitFailed
from gateway.ledger.port import Ledger, Operation, Receipt
from gateway.ledger.scheduling import Busy, DeadlinePassed, Scheduler
from gateway.projection.projection import Projection
from gateway.submissions.outcomes import Committed, Pending
from gateway.submissions.submission_store import SubmissionStore

log = structlog.get_logger()

RETRY_SECONDS = 300
"""How long one carrier of a kept operation has it for itself; longer than the scheduler's patience."""
CHECK_SECONDS = 2.0
RETRY_UNAVAILABLE_SECONDS = 5
ROWS_PER_CHECK = 200
MARKS_TIME = frozenset({"CutWindow"})
"""Operations whose time later ones are held to, whoever submits them."""
CLOCK_AHEAD_SECONDS_MAX = 30
READABLE_SECONDS_MAX = 60.0
"""How long a receipt is held back for the tables. A single caller is told 202 long before; past it the receipt is given
out all the same, since it is true."""
TOLD_SECONDS_MAX = 5.0
EXPIRED_MARGIN_SECONDS = 120
"""So long after `valid_until` no transaction that was made before it can still be on its way."""


def identity_for(operation: Operation, identities: Sequence[str]) -> str:
    """Which of the gateway's identities may submit the operation: `gateway`, unless its rule asks for an admin and
    there is one."""
    module = OPERATIONS.get(str(operation.get("op")))
    if module is not None and module.ROLES and Role.GATEWAY not in module.ROLES:
        for role in module.ROLES:
            if role.value in identities:
                return role.value
    return "gateway"


async def _organisations(ledger: Ledger) -> set[str]:
    """The MSP ids of the channel's organisations; none on an embedded ledger, which has no channel."""
    found = (await ledger.authorities()).organisations
    return {one.msp_id for one in found if one.part == "application"}


async def _merchants(ledger: Ledger) -> set[str]:
    """The MSP ids of all merchants that joined."""
    found: set[str] = set()
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        page = await ledger.evaluate("ListMerchants", {"after": page["next"]} if page["next"] else {})
        found |= {row["document"]["msp_id"] for row in page["rows"] if row["document"]["invited_until"] is None}
    return found


class Submissions:
    """Submits single operations, for threads. Safe for many callers at once."""

    def __init__(
        self,
        runtime: EventLoop,
        keeping: SubmissionStore,
        projection: Projection,
        *,
        wait_seconds: float,
        waiting_max: int,
        clock: Callable[[], int],
        dated: bool = False,
    ) -> None:
        """`dated`: transactions get the clock's time, as a replay's gateway needs that lives in another one; else their
        sending's."""
        self._runtime = runtime
        self.keeping = keeping
        self._projection = projection
        self.wait_seconds = wait_seconds
        """How long callers wait for an outcome who do not say."""
        self._waiting = threading.BoundedSemaphore(waiting_max)
        self._clock = clock
        self._dated = dated
        self._scheduler: Scheduler | None = None
        self._ledgers: Mapping[str, Ledger] = {}
        self._carried: set[str] = set()
        self._newest_block = -1

    def attach(self, scheduler: Scheduler, ledgers: Mapping[str, Ledger]) -> None:
        """Gives the way to the ledger: the scheduler of the identity `gateway`, and the ledger of each identity."""
        self._scheduler, self._ledgers = scheduler, ledgers

    @property
    def scheduler(self) -> Scheduler:
        """The scheduler. Raises GatewayError LEDGER_UNAVAILABLE before the gateway has started."""
        if self._scheduler is None:
            raise GatewayError("LEDGER_UNAVAILABLE", "the gateway is starting", retry_after_seconds=1)
        return self._scheduler

    @property
    def identities(self) -> tuple[str, ...]:
        """The identities that the gateway can submit as."""
        return tuple(self._ledgers)

    def carry_out(
        self, operation: Operation, *, timestamp: int | None = None, wait_seconds: float | None = None
    ) -> Committed | Pending:
        """Submits one operation and waits until it is committed and can be read; for threads.

        Gives Committed, or Pending when it takes longer than `wait_seconds` (the setting, when left out), when too many
        wait already, or when the network is away with the outcome unknown. Raises Rejected when a rule refuses it,
        GatewayError BUSY, DEADLINE_PASSED or LEDGER_UNAVAILABLE when nothing happened.
        """
        identity = identity_for(operation, self.identities)
        answer = self._runtime.submit(self.send(operation, identity=identity, timestamp=timestamp))
        if self._waiting.acquire(blocking=False):
            try:
                concurrent.futures.wait([answer], self.wait_seconds if wait_seconds is None else wait_seconds)
            finally:
                self._waiting.release()
        if not answer.done():
            submission_id = self._keep(operation, identity, timestamp, due=False)
            self._runtime.submit(self._follow(submission_id, operation, _result_of(answer)))
            return Pending(submission_id)
        try:
            return Committed(answer.result())
        except LedgerError as error:
            if not nothing_happened(error):
                return Pending(self._keep(operation, identity, timestamp, due=True))
            raise refusal_of(error) from None

    async def send(
        self, operation: Operation, *, identity: str = "gateway", bulk: bool = False, timestamp: int | None = None
    ) -> Receipt:
        """Submits one operation inside the runtime's loop; its receipt, once it can be read. Raises the ledger's
        errors."""
        if operation["op"] in MARKS_TIME and timestamp is None and not self._dated:
            await self._check_clock()
        timestamp = self._clock() if timestamp is None and self._dated else timestamp
        if identity == "gateway":
            receipt = await self.scheduler.submit(operation, bulk=bulk, timestamp=timestamp)
        else:
            result = await self._ledgers[identity].submit_many([operation], timestamp=timestamp)
            receipt = Receipt(result.receipts[0].checked().document, result.block_number)
        if not await self._readable(receipt):
            log.warning("receipt_not_readable", request_id=receipt.request_id, block=receipt.block_number)
        return receipt

    async def _check_clock(self) -> None:
        """Raises GatewayError CLOCK_AHEAD when this machine's clock runs ahead of most peers' clocks by more than
        CLOCK_AHEAD_SECONDS_MAX."""
        ahead = await self._ledgers["gateway"].runs_ahead(CLOCK_AHEAD_SECONDS_MAX)
        names = [name for name, found in ahead.items() if found]
        if 2 * len(names) > len(ahead):
            detail = (
                f"this machine's clock is more than {CLOCK_AHEAD_SECONDS_MAX} s ahead of {', '.join(names)}; with a window that begins so late every"
                " redemption would be refused until their clocks reach it. Set the clock (NTP) and ask again"
            )
            raise GatewayError("CLOCK_AHEAD", detail)

    async def _readable(self, receipt: Receipt) -> bool:
        """Whether the tables come to hold the operation in time: seen by its block, or, where the ledger does not say
        in which one it was carried out before, by itself."""
        watch = self._projection.watch
        if receipt.block_number is not None and not receipt.repeated:
            self._newest_block = max(self._newest_block, receipt.block_number)
            return await watch.reached(receipt.block_number, READABLE_SECONDS_MAX)
        name = str(receipt.document["authoriser"]), receipt.request_id, str(receipt.document["tx_id"])
        seen = watch.block_number
        while not await asyncio.to_thread(self._projection.log.holds, *name):
            if not await watch.reached(seen + 1, READABLE_SECONDS_MAX):
                return False
            seen = watch.block_number
        return True

    async def told(self) -> None:
        """Returns when all that was committed so far can be read, or soon."""
        await self._projection.watch.reached(self._newest_block, TOLD_SECONDS_MAX)

    def admit(self, operation: Operation) -> None:
        """To be called before an operation is sent, or kept for a second person. Raises GatewayError
        ORGANISATION_UNKNOWN for a merchant that is to be registered and has no organisation on the channel (it could
        never join, accept a statement or leave), and for a class that is to be accepted by one that is none."""
        args = operation["args"]
        if operation["op"] == "RegisterMerchant":
            known = self._asked(_organisations)
            wanted, where = [args["msp_id"]], "organisation on the channel"
        elif args.get("accepted_by"):
            known = self._asked(_merchants)
            wanted, where = args["accepted_by"], "merchant of the consortium"
        else:
            return
        missing = sorted(set(wanted) - known)
        if known and missing:
            detail = f"no {where}: {', '.join(missing)}; there are {', '.join(sorted(known))}"
            raise GatewayError("ORGANISATION_UNKNOWN", detail[:500])

    def _asked(self, ask: Callable[[Ledger], Coroutine[Any, Any, set[str]]]) -> set[str]:
        """What the ledger says. Raises GatewayError LEDGER_UNAVAILABLE, Rejected."""
        ledger = self._ledgers.get("gateway")
        if ledger is None:
            raise GatewayError("LEDGER_UNAVAILABLE", "the gateway is starting", retry_after_seconds=1)
        try:
            return self._runtime.call(ask(ledger))
        except LedgerError as error:
            raise refusal_of(error) from None

    def dry_run(self, operation: Operation, *, timestamp: int | None = None) -> Receipt:
        """What the ledger would answer now; nothing changes. Raises Rejected, GatewayError LEDGER_UNAVAILABLE."""
        ledger = self._ledgers.get(identity_for(operation, self.identities))
        if ledger is None:
            raise GatewayError("LEDGER_UNAVAILABLE", "the gateway is starting", retry_after_seconds=1)
        timestamp = self._clock() if timestamp is None and self._dated else timestamp
        try:
            receipt = self._runtime.call(ledger.dry_run([operation], timestamp=timestamp))[0]
        except LedgerError as error:
            raise refusal_of(error) from None
        return receipt.checked()

    async def try_many(self, operations: Sequence[Operation], timestamp: int | None = None) -> tuple[Receipt, ...]:
        """A dry run of several operations, one after the other, inside the runtime's loop. Raises the ledger's
        errors."""
        return await self._ledgers["gateway"].dry_run(operations, timestamp=timestamp) if operations else ()

    async def run(self) -> None:
        """Carries kept operations to their end, for ever; those of a gateway that was killed too."""
        await asyncio.to_thread(self.keeping.make_due)
        carried: set[asyncio.Task[None]] = set()
        while True:
            for row in await asyncio.to_thread(self.keeping.take_due, RETRY_SECONDS, ROWS_PER_CHECK):
                if row.submission_id in self._carried:
                    continue
                answer = self.send(row.operation, identity=row.identity, bulk=True, timestamp=row.timestamp)
                task = asyncio.create_task(self._follow(row.submission_id, row.operation, answer))
                carried.add(task)
                task.add_done_callback(carried.discard)
            await asyncio.sleep(CHECK_SECONDS)

    def _keep(self, operation: Operation, identity: str, timestamp: int | None, *, due: bool) -> str:
        return self.keeping.keep(operation, identity, timestamp, 0 if due else RETRY_SECONDS)

    async def _follow(self, submission_id: str, operation: Operation, answer: Coroutine[Any, Any, Receipt]) -> None:
        """Writes down how a kept operation ends; one whose outcome is still not known stays pending, and is carried
        again later."""
        self._carried.add(submission_id)
        try:
            await asyncio.to_thread(self.keeping.committed, submission_id, await answer)
        except Rejected as error:
            if self._is_final(error, int(operation["valid_until"])):
                await asyncio.to_thread(self.keeping.refused, submission_id, error.code, error.detail)
            else:
                log.warning("submission_pending", submission=submission_id, problem=str(error))
        except (LedgerError, GatewayError) as error:
            if error.code == TOO_LARGE:
                await asyncio.to_thread(self.keeping.refused, submission_id, error.code, error.detail)
            else:
                log.warning("submission_pending", submission=submission_id, problem=str(error))
        except Exception as error:
            log.exception("submission_failed", submission=submission_id, kind=type(error).__name__)
        finally:
            self._carried.discard(submission_id)

    def _is_final(self, error: Rejected, valid_until: int) -> bool:
        """Whether a refusal can be told: an earlier transaction with the same request that is still on its way could be
        accepted after a refusal because of the time."""
        return error.code != "REQUEST_EXPIRED" or self._clock() > valid_until + EXPIRED_MARGIN_SECONDS


async def _result_of(answer: concurrent.futures.Future[Receipt]) -> Receipt:
    return await asyncio.wrap_future(answer)


def nothing_happened(error: LedgerError) -> bool:
    """Whether the error says for certain that the ledger is unchanged and will stay so."""
    return isinstance(error, Rejected | Busy | DeadlinePassed | EndorseFailed | SubmitFailed)


def refusal_of(error: LedgerError) -> Exception:
    """A ledger error after which nothing has happened, as the gateway tells it."""
    match error:
        case Rejected():
            return error
        case Busy():
            return GatewayError("BUSY", error.detail, retry_after_seconds=error.retry_after_seconds)
        case DeadlinePassed():
            return GatewayError("DEADLINE_PASSED", error.detail, retry_after_seconds=1)
    return unavailable(error)


def unavailable(error: LedgerError) -> GatewayError:
    """Why the ledger cannot be reached, by the code that names what is in the way where that is known."""
    match error.code:
        case "TIMESTAMP_REFUSED":
            detail = f"this machine's clock lies outside the peers' time window: {error.detail}"
            return GatewayError("CLOCK_OUT_OF_WINDOW", detail, retry_after_seconds=RETRY_UNAVAILABLE_SECONDS)
        case code if code == TOO_LARGE:
            return GatewayError(error.code, error.detail)
        case "CHAINCODE_UNAVAILABLE" | "ORDERER_UNAVAILABLE":
            return GatewayError(error.code, error.detail, retry_after_seconds=RETRY_UNAVAILABLE_SECONDS)
    detail = error.detail if error.code == "LEDGER_UNAVAILABLE" else f"{error.code}: {error.detail}"
    return GatewayError("LEDGER_UNAVAILABLE", detail, retry_after_seconds=RETRY_UNAVAILABLE_SECONDS)
