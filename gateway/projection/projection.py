"""The projection as the application uses it: every question, how far it is, and waiting for it to be further."""

from __future__ import annotations

import time
from collections.abc import Callable

from gateway.projection.fold.progress import FoldProgress
from gateway.projection.fold.snapshots import position_of
from gateway.projection.queries.accounts import Accounts
from gateway.projection.queries.books import Books
from gateway.projection.queries.catalogue import Catalogue
from gateway.projection.queries.feed import Feed
from gateway.projection.queries.log import Log
from gateway.projection.queries.lot_trace import Origins
from gateway.projection.queries.movements import Movements
from gateway.projection.queries.schemas import ProjectionPosition
from gateway.projection.queries.settlement import Settlement
from gateway.projection.queries.sweeping import Sweeping
from gateway.projection.queries.totals import Totals
from gateway.store.engine import Store


class Projection:
    """Questions to one store's projection. Safe for many threads. `watch` is shared with the projector of the same
    process."""

    def __init__(
        self, store: Store, watch: FoldProgress | None = None, clock: Callable[[], int] = lambda: int(time.time())
    ) -> None:
        self._store = store
        self.watch = watch or FoldProgress(store)
        self.accounts = Accounts(store, clock)
        self.catalogue = Catalogue(store, clock)
        self.books = Books(store, clock)
        self.movements = Movements(store, clock)
        self.origins = Origins(store, clock)
        self.settlement = Settlement(store, clock)
        self.sweeping = Sweeping(store, clock)
        self.totals = Totals(store, clock)
        self.log = Log(store, clock)
        self.feed = Feed(self.log, self.watch)

    def position(self) -> ProjectionPosition:
        """How far it is; also during a rebuild."""
        with self._store.reading() as session:
            found = position_of(session)
        return ProjectionPosition(
            block_number=found.block_number,
            operations=found.operations,
            ledger_time=found.ledger_time,
            folded_at=found.folded_at,
            rebuild_until=found.rebuild_until,
        )

    def wait_for_block(self, block_number: int, timeout_seconds: float) -> None:
        """Returns when the block is in, so that what was written there is read. Raises GatewayError
        BLOCK_NOT_REACHED."""
        self.watch.wait_for_block(block_number, timeout_seconds)
