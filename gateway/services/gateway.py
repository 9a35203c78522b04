"""One gateway, put together: settings, store, runtime and the services that the views call. Without Flask."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gateway.access.guard import AccessGuard
from gateway.access.rate import RateLimiter, Rates
from gateway.access.standing import reach_of
from gateway.access.table import TABLE
from gateway.core.event_loop import EventLoop
from gateway.identity.delivery import open_sender
from gateway.ledger.errors import LedgerError
from gateway.ledger.port import Ledger
from gateway.ledger.scheduling import Bounds, Scheduler
from gateway.members.directory import Directory
from gateway.projection.fold.progress import FoldProgress
from gateway.projection.fold.projector import Projector
from gateway.projection.lookups import ledger_lookups
from gateway.projection.models import ProjectedMember
from gateway.projection.projection import Projection
from gateway.projection.queries.feed import Subscription
from gateway.security.access_rules import Reach
from gateway.security.cipher import Cipher, CipherError
from gateway.security.guard import Guard
from gateway.services.connection_watch import ConnectionWatch
from gateway.services.ledger_place import IDENTITIES, LedgerPlace
from gateway.services.people import LedgerMembership, People
from gateway.services.readiness import Readiness
from gateway.settings import GatewaySettings
from gateway.settlement.bank.desk import BankDesk
from gateway.store.engine import Store
from gateway.submissions.bulk import Bulk
from gateway.submissions.executor import submit_through
from gateway.submissions.lapsed_holds import LapsedHolds
from gateway.submissions.service import Submissions
from gateway.submissions.submission_store import SubmissionStore
from gateway.submissions.sweeps import Sweeps
from gateway.webhooks.owners import Disclosure
from gateway.webhooks.webhooks import PURPOSE, Webhooks
from network.errors import NetworkError

log = structlog.get_logger()


HOUSEKEEPING_SECONDS = 60
WAITING_SHARE = 2
"""Of so many threads one may wait for a block."""


class Gateway:
    """One gateway. Made quickly and without reaching for anything; `start` opens the ledger and begins the services."""

    def __init__(
        self,
        settings: GatewaySettings,
        place: LedgerPlace,
        *,
        guard: Guard | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self.settings = settings
        behind = settings.ledger.clock_behind_seconds if settings.ledger.replay else 0
        clock = clock or (lambda: int(time.time()) - behind)
        self.clock = clock
        self.store = Store(settings.store_url)
        self.runtime = EventLoop()
        self.place = place
        self.ledgers: dict[str, Ledger] = {}
        self.scheduler: Scheduler | None = None
        self.watch = FoldProgress(self.store)
        self.projection = Projection(self.store, self.watch, clock)
        self.directory = Directory(self.store, self.clock)
        self.submissions = Submissions(
            self.runtime,
            SubmissionStore(self.store, place.msp_id, clock),
            self.projection,
            wait_seconds=settings.http.commit_wait_seconds,
            waiting_max=settings.http.waiting_max,
            clock=clock,
            dated=bool(behind),
        )
        self.submit = submit_through(self.submissions, clock, settings.ledger.valid_seconds)
        self.lapsed_holds = LapsedHolds(
            self.projection.accounts,
            partial(self.submissions.send, bulk=True),
            msp_id=place.msp_id,
            valid_seconds=settings.ledger.valid_seconds,
            clock=clock,
        )
        self.sweeps = Sweeps(
            self.projection.sweeping,
            partial(self.submissions.send, bulk=True),
            msp_id=place.msp_id,
            valid_seconds=settings.ledger.valid_seconds,
            clock=clock,
        )
        self.bulk = Bulk(self.runtime, self.submissions, settings.http.bulk_in_flight)
        self.cipher = Cipher(settings.secret_keys())
        self.sender = open_sender(settings.people.sender, settings.folder)
        self.readiness = Readiness(self.store, self.runtime, self.watch, lambda: self.ledger)
        lookups = ledger_lookups(self.projection, place.msp_id)
        self.people = People(
            self.store,
            self.cipher,
            self.sender,
            LedgerMembership(place.msp_id, lambda: self.ledger.place),
            settings.people.model_copy(update={"passkeys": settings.passkeys}),
            lookups,
            clock=clock,
        )
        self.bank = BankDesk(settings.folder, place.msp_id, self.projection.settlement, lookups.document, clock)
        self.webhooks = Webhooks(
            self.store,
            self.cipher.bound(PURPOSE),
            settings.webhooks,
            place.msp_id,
            self.watch,
            clock=clock,
            owners=self.disclosure_to,
        )
        self.block_places = threading.BoundedSemaphore(max(1, settings.http.threads // WAITING_SHARE))
        """For requests that wait for a block, which anybody may ask for; further ones are answered at once."""
        self.stream_places = threading.BoundedSemaphore(settings.http.streams_max)
        self.streams: set[Subscription] = set()
        """Open streams of events, which a stop ends."""
        self.streams_of: Counter[str | None] = Counter()
        """How many each caller has, by its id."""
        self.stopping = False
        self.guard: Guard = guard or AccessGuard(
            self.store,
            self.people.api_keys,
            self.people.sessions,
            RateLimiter(Rates(**settings.rates.model_dump())),
            TABLE,
            msp_id=place.msp_id,
            is_our_member=self._is_our_member,
            public_url=settings.http.public_url,
        )

    @property
    def msp_id(self) -> str:
        """The organisation on the ledger."""
        return self.place.msp_id

    @property
    def ledger(self) -> Ledger:
        """The ledger as the identity `gateway`, while the gateway runs."""
        return self.ledgers["gateway"]

    def _is_our_member(self, address: str) -> bool:
        with self.store.reading() as session:
            found = session.get(ProjectedMember, address)
            return found is not None and found.home_msp == self.msp_id

    def disclosure_to(self, session: Session, owner: str) -> Disclosure:
        """What the owner of a webhook may be told: as far as it could ask for it now."""
        if reach_of(session, owner, "createWebhook", self.clock()) is Reach.NONE:
            return Disclosure.NOTHING
        return (
            Disclosure.ALL if reach_of(session, owner, "listOperations", self.clock()) is Reach.ANY else Disclosure.OWN
        )

    def start(self) -> None:
        """Opens the ledger and starts the services. Raises the ledger's and the store's errors."""
        self.store.check()
        self.runtime.start()
        try:
            projector = self.runtime.call(self._open())
            self.runtime.run("submissions", self.submissions.run)
            self.runtime.run("projector", projector.run)
            self.runtime.run("webhooks", self.webhooks.dispatcher.run)
            self.runtime.run("housekeeping", self._keep_house)
            self.runtime.run("lapsed_holds", self.lapsed_holds.run)
            self.runtime.run("sweeps", self.sweeps.run)
            if self.place.watch is not None:
                self.runtime.run("connection", partial(self._follow, self.place.watch))
        except BaseException:
            self.stop()
            raise
        log.info(
            "gateway_started", org=self.msp_id, adapter=self.settings.ledger.adapter, identities=list(self.ledgers)
        )

    def begin_stop(self) -> None:
        """Is ready no more, and ends the streams of events, which would hold the web server as long as it may wait;
        again does nothing."""
        self.stopping = True
        for subscription in list(self.streams):
            subscription.close()

    def stop(self) -> None:
        """Finishes what is in flight, as long as `http.graceful_seconds`; what does not finish is kept or can be asked
        for by its request_id."""
        self.begin_stop()
        if self.runtime.running:
            try:
                self.runtime.call(self._finish(), self.settings.http.graceful_seconds)
            except TimeoutError:
                log.warning("gateway_stopped_with_operations_in_flight")
            self.runtime.stop_services()
            self.runtime.call(self._close())
            self.runtime.stop()
        self.store.close()

    async def _open(self) -> Projector:
        for identity in IDENTITIES:
            try:
                self.ledgers[identity] = self.place.opener(identity)
            except KeyError:
                log.info("identity_missing", identity=identity)
        settings = self.settings.ledger
        bounds = Bounds(
            lanes=settings.lanes,
            first_shard=settings.first_shard,
            queued_max=settings.queued_max,
            patience_seconds=settings.patience_seconds,
        )
        self.scheduler = Scheduler(self.ledger, bounds)
        self.submissions.attach(self.scheduler, self.ledgers)
        return Projector(self.store, self.ledger, self.watch, listeners=[self.webhooks.outbox], clock=self.clock)

    async def _keep_house(self) -> None:
        """Ends and forgets what has ended by its time, and carries out what was confirmed and not finished."""
        while True:
            try:
                await asyncio.to_thread(self.people.purge)
                await asyncio.to_thread(self.submissions.keeping.forget_old)
                if await self.watch.reached(await self.ledger.height() - 1, HOUSEKEEPING_SECONDS):
                    await asyncio.to_thread(self.people.approvals.resume, self.submit)
            except (SQLAlchemyError, CipherError, LedgerError) as error:
                log.warning("housekeeping_failed", kind=type(error).__name__)
            await asyncio.sleep(HOUSEKEEPING_SECONDS)

    async def _follow(self, watch: ConnectionWatch) -> None:
        """Goes on with the network as it is, whenever it has changed: who has joined or left, how many endorse."""
        while True:
            await watch.changed()
            try:
                for identity, ledger in self.ledgers.items():
                    self.place.renew(ledger, identity)
            except (NetworkError, KeyError, ValueError, OSError) as error:
                log.warning("network_not_followed", kind=type(error).__name__, detail=str(error))
            else:
                log.info("network_followed")

    async def _finish(self) -> None:
        """Carries out what was taken, while the projector goes on, so that it is told as done."""
        if self.scheduler is not None:
            await self.scheduler.close()
            await self.submissions.told()

    async def _close(self) -> None:
        for ledger in self.ledgers.values():
            await ledger.close()
