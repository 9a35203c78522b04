"""What happens on the ledger, as it happens: server-sent events (WHATWG HTML, 9.2), resumed where they broke."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import Field

from chaincode.spec.kernel.signatures import is_address
from gateway.core.errors import GatewayError
from gateway.core.schemas import ApiSchema
from gateway.operations.api.captures import at_the_till
from gateway.projection.fold.operations import FoldedOperation
from gateway.projection.queries.feed import Subscription
from gateway.security.guard import Owner
from gateway.web.endpoints import Answer, Call, Stream, Subject

subject = Subject("events", "Events: balances and receipts as they change")

MEDIA_TYPE = "text/event-stream"
HEARTBEAT_SECONDS = 15.0
EVERYBODY = "*"
"""No merchant's id: what is everybody's is nobody's own."""
RETRY_MILLISECONDS = 2000
STREAMS_SHARE = 4
"""One caller may have a fourth of the streams, so that nobody keeps the others out."""


class EventQuery(ApiSchema):
    """Which events, and from where on."""

    account: str | None = Field(
        default=None, max_length=64, description="Only what changes this account; all when left out."
    )
    after: str | None = Field(
        default=None,
        max_length=64,
        description="Go on behind this event's id; from now on when left out. `Last-Event-ID` counts first.",
    )


def render(operation: FoldedOperation, account: str | None, results: bool) -> bytes:
    """One event, with its result or without."""
    document: dict[str, Any] = {
        "op": operation.op,
        "authoriser": operation.authoriser,
        "request_id": operation.request_id,
        "transaction_id": operation.transaction_id,
        "block_number": operation.block_number,
        "at": operation.at,
        "changes": [
            {name: getattr(change, name) for name in ("account", "class_id", "points", "held", "debt")}
            for change in operation.changes
            if account is None or change.account == account
        ],
    }
    if results:
        document["result"] = operation.result
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return f"id: {operation.place}\nevent: operation\ndata: {text}\n\n".encode()


def owner_of(call: Call[Any]) -> Owner:
    """The account's owner; without one it is the consortium's whole traffic, for those who may see every account."""
    account = call.query.account
    return Owner(msp_id=EVERYBODY) if account is None else Owner(address=account)


@subject.get(
    "/events",
    name="followEvents",
    summary="Operations as they are committed",
    query=EventQuery,
    answers={
        200: Stream(
            MEDIA_TYPE,
            "Events named `operation`; their ids are cursors. A comment every 15 seconds keeps the connection.",
        )
    },
    codes=["CURSOR_INVALID", "BUSY", "PROJECTION_REBUILDING", "INVALID_ARGUMENT", "SHUTTING_DOWN"],
    owner=owner_of,
)
def follow_events(call: Call[None]) -> Answer:
    """Nothing is left out or told twice: a reader that breaks off goes on with the id of the last event that it got."""
    gateway, account = call.gateway, call.query.account
    if account is not None and not is_address(account) and not account.startswith("legacy:"):
        raise GatewayError("REQUEST_MALFORMED", "account: not an address")
    after = call.request.headers.get("Last-Event-ID") or call.query.after
    accounts = None if account is None else frozenset({account})
    who = getattr(call.principal, "id", None)
    if who is not None and gateway.streams_of[who] >= max(2, gateway.settings.http.streams_max // STREAMS_SHARE):
        raise GatewayError("BUSY", "this caller has as many streams open as one may have", retry_after_seconds=10)
    if not gateway.stream_places.acquire(blocking=False):
        raise GatewayError("BUSY", "as many streams are open as there may be", retry_after_seconds=10)
    try:
        subscription = gateway.projection.feed.subscribe(accounts, after)
    except BaseException:
        gateway.stream_places.release()
        raise
    gateway.streams.add(subscription)
    gateway.streams_of[who] += 1
    if gateway.stopping:  # begun beside the stop, which may not have seen it
        subscription.close()
    # A result can name other accounts, and the order of a reservation.
    results = account is None and not at_the_till(call)
    stream = _Events(
        subscription, account, results, lambda: _end(gateway, subscription, who), lambda: _still_admitted(call)
    )
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Answer(200, stream=stream, media_type=MEDIA_TYPE, headers=headers)


def _end(gateway: Any, subscription: Subscription, who: str | None) -> None:
    subscription.close()
    gateway.streams_of[who] -= 1
    gateway.streams.discard(subscription)
    gateway.stream_places.release()


def _still_admitted(call: Call[Any]) -> bool:
    """Whether the caller's session lasts, or their key is still good: a stream must not outlive what it was opened
    with."""
    session_id = getattr(call.principal, "session_id", None)
    if session_id is not None:
        return bool(call.gateway.people.sessions.lasts(session_id))
    try:
        return getattr(call.gateway.guard.identify(call.facts), "id", None) == getattr(call.principal, "id", None)
    except GatewayError:
        return False


class _Events:
    """The stream's bytes. The server closes it when the reader has gone."""

    def __init__(
        self,
        subscription: Subscription,
        account: str | None,
        results: bool,
        end: Callable[[], None],
        admitted: Callable[[], bool],
    ) -> None:
        self._parts = self._render(subscription, account, results)
        self._end = end
        self._admitted = admitted
        self._ended = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._parts)

    def close(self) -> None:
        """Gives the stream's place back; again does nothing."""
        if not self._ended:
            self._ended = True
            self._end()

    def _render(self, subscription: Subscription, account: str | None, results: bool) -> Iterator[bytes]:
        yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
        looked = time.monotonic()
        for operations in subscription.events(HEARTBEAT_SECONDS):
            if time.monotonic() - looked >= HEARTBEAT_SECONDS:
                if not self._admitted():
                    return
                looked = time.monotonic()
            yield b"".join(render(operation, account, results) for operation in operations) or b": still here\n\n"
