"""Makes messages of operations, inside the transaction that folds them: never before the commit, and never without.

Up to which operation that was done is kept apart from the projection's own checkpoint, so that a rebuild sends nothing
a second time, and what some program folded without an outbox is told with the next block, or at the next start.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chaincode.spec.kernel import keys
from gateway.projection.fold.operations import FoldedOperation
from gateway.projection.fold.snapshots import position_of
from gateway.projection.fold.table_writer import insert_missing
from gateway.projection.queries.log import operations_behind
from gateway.projection.queries.reader import document
from gateway.webhooks.events import body_of, event_type, message_id, queues_of
from gateway.webhooks.models import WebhookCheckpoint, WebhookEndpoint, WebhookMessage, WebhookTurn
from gateway.webhooks.owners import ACTIVE, Disclosure, Owners, everything, stopped

CHECKPOINT = 1
OPERATIONS_AT_ONCE = 1_000
PENDING, DELIVERED, DEAD = "PENDING", "DELIVERED", "DEAD"


class Outbox:
    """A listener of the projector. `msp_id` is the gateway's merchant, for endpoints that want, or may be told, only
    what concerns it."""

    def __init__(
        self, msp_id: str, clock: Callable[[], int] = lambda: int(time.time()), owners: Owners = everything
    ) -> None:
        self._msp_id = msp_id
        self._clock = clock
        self._owners = owners
        self._issuers: dict[str, str] = {}

    def __call__(self, session: Session, operations: Sequence[FoldedOperation]) -> None:
        """Makes the messages of operations that had none made yet: of these, and of those that were folded where no
        outbox listened."""
        last = operations[-1].number if operations else position_of(session).operations
        checkpoint = session.get(WebhookCheckpoint, CHECKPOINT, with_for_update=True)
        if checkpoint is None:
            insert_missing(session, WebhookCheckpoint, [{"id": CHECKPOINT, "number": last}])
            checkpoint = session.get_one(WebhookCheckpoint, CHECKPOINT, with_for_update=True)
        if last <= checkpoint.number:
            return
        active = session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.status == ACTIVE)).all()
        endpoints = [endpoint for endpoint in active if not stopped(session, endpoint, self._owners)]
        fresh = [operation for operation in operations if operation.number > checkpoint.number]
        if not fresh or fresh[0].number > checkpoint.number + 1:
            fresh = operations_behind(session, checkpoint.number, OPERATIONS_AT_ONCE) if endpoints else []
        while fresh:
            for endpoint in endpoints:
                self.enqueue(session, endpoint, fresh)
            missing = endpoints and fresh[-1].number < last
            fresh = operations_behind(session, fresh[-1].number, OPERATIONS_AT_ONCE) if missing else []
        checkpoint.number = last
        session.flush()

    def enqueue(self, session: Session, endpoint: WebhookEndpoint, operations: Iterable[FoldedOperation]) -> int:
        """Makes the messages that the endpoint wants of these operations pending, as if they had never been sent; gives
        how many."""
        now = self._clock()
        own_only = endpoint.own_only or self._owners(session, endpoint.owner) is not Disclosure.ALL
        messages: list[dict[str, Any]] = []
        turns: list[dict[str, Any]] = []
        for operation in operations:
            if not self._wanted(endpoint, operation) or (own_only and not self._concerns_us(session, operation)):
                continue
            name = message_id(endpoint.id, operation)
            messages.append(
                {
                    "id": name,
                    "endpoint_id": endpoint.id,
                    "number": operation.number,
                    "type": event_type(operation),
                    "body": body_of(operation),
                    "status": PENDING,
                    "attempts": 0,
                    "next_attempt_at": now,
                    "created_at": now,
                }
            )
            turns += [
                {"endpoint_id": endpoint.id, "account": queue, "number": operation.number, "message_id": name}
                for queue in queues_of(operation)
            ]
        if messages:
            again = update(WebhookMessage).where(WebhookMessage.id.in_([message["id"] for message in messages]))
            session.execute(
                again.values(
                    status=PENDING, attempts=0, next_attempt_at=now, lease=None, lease_until=None, finished_at=None
                )
            )
            insert_missing(session, WebhookMessage, messages)
            insert_missing(session, WebhookTurn, turns)
        return len(messages)

    @staticmethod
    def _wanted(endpoint: WebhookEndpoint, operation: FoldedOperation) -> bool:
        if endpoint.event_types is not None and event_type(operation) not in endpoint.event_types:
            return False
        if endpoint.class_ids is not None and not any(
            change.class_id in endpoint.class_ids for change in operation.changes
        ):
            return False
        return endpoint.accounts is None or any(change.account in endpoint.accounts for change in operation.changes)

    def _concerns_us(self, session: Session, operation: FoldedOperation) -> bool:
        """Whether the gateway's merchant takes part: it submitted it, accepts, or issued the points. What touches no
        account concerns all."""
        if not operation.changes or self._msp_id in (operation.submitter_msp, operation.authoriser):
            return True
        return any(
            self._msp_id in change.counterparties or self._issuer(session, change.class_id) == self._msp_id
            for change in operation.changes
        )

    def _issuer(self, session: Session, class_id: str) -> str:
        if class_id not in self._issuers:
            self._issuers[class_id] = document(session, keys.point_class(class_id))["issuer_msp"]
        return self._issuers[class_id]
