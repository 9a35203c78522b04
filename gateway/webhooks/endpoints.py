"""Endpoints as their owners manage them: made, changed, disabled, their secrets rotated."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from gateway.core.errors import GatewayError
from gateway.store.base import new_id
from gateway.store.engine import Store
from gateway.webhooks.addresses import AddressPolicy, Resolver, check_endpoint, system_resolver
from gateway.webhooks.documents import (
    EndpointChange,
    EndpointCreated,
    EndpointDocument,
    EndpointList,
    EndpointRequest,
    RotatedSecret,
)
from gateway.webhooks.models import WebhookEndpoint, WebhookSecret
from gateway.webhooks.outbox import Outbox
from gateway.webhooks.owners import ACTIVE, Disclosure, Owners, everything
from gateway.webhooks.settings import WebhookSettings
from gateway.webhooks.signing import Cipher, new_secret, shown_secret

ENDPOINTS_PER_OWNER_MAX = 20
SECRETS_AT_ONCE_MAX = 3
SECONDS_PER_HOUR = 3600

Note = Callable[[Session, str], None]
"""Writes down in the same transaction what was done to the endpoint with this id."""


def unnoted(session: Session, endpoint_id: str) -> None:
    """For whoever keeps no audit log."""


class Endpoints:
    """Endpoints of one store. For many threads. Single ones raise GatewayError OBJECT_UNKNOWN."""

    def __init__(
        self,
        store: Store,
        cipher: Cipher,
        settings: WebhookSettings,
        outbox: Outbox,
        *,
        resolver: Resolver = system_resolver,
        clock: Callable[[], int] = lambda: int(time.time()),
        owners: Owners = everything,
    ) -> None:
        self._store = store
        self._cipher = cipher
        self._settings = settings
        self._outbox = outbox
        self._policy = AddressPolicy(settings.allow_private_addresses, settings.allow_http)
        self._resolver = resolver
        self._clock = clock
        self._owners = owners

    def create(self, owner: str, request: EndpointRequest, note: Note = unnoted) -> EndpointCreated:
        """A new endpoint; it gets messages of what is committed from now on. Raises GatewayError FORBIDDEN (its owner
        may not be told of others), WEBHOOK_ADDRESS_REFUSED, WEBHOOKS_TOO_MANY."""
        url = check_endpoint(self._policy, self._resolver, request.url)
        secret, now = new_secret(), self._clock()
        with self._store.writing() as session:
            self._outbox(session, ())  # what was before is not for this endpoint
            count = session.scalar(select(func.count()).where(WebhookEndpoint.owner == owner))
            if (count or 0) >= ENDPOINTS_PER_OWNER_MAX:
                raise GatewayError("WEBHOOKS_TOO_MANY", f"at most {ENDPOINTS_PER_OWNER_MAX}")
            endpoint = WebhookEndpoint(
                id=new_id("whe"),
                owner=owner,
                url=url,
                description=request.description,
                event_types=request.event_types,
                class_ids=request.class_ids,
                accounts=request.accounts,
                own_only=request.own_only,
                status=ACTIVE,
                created_at=now,
                updated_at=now,
                failures_in_a_row=0,
                resume_at=0,
            )
            self._require_reach(session, endpoint)
            session.add(endpoint)
            session.flush()
            session.add(self._sealed(endpoint.id, secret, now))
            note(session, endpoint.id)
            return EndpointCreated(secret=shown_secret(secret), **document_of(endpoint).model_dump())

    def list(self, owner: str | None = None) -> EndpointList:
        """The owner's endpoints, or all when None."""
        wanted = select(WebhookEndpoint).order_by(WebhookEndpoint.created_at, WebhookEndpoint.id)
        if owner is not None:
            wanted = wanted.where(WebhookEndpoint.owner == owner)
        with self._store.reading() as session:
            return EndpointList(items=[document_of(endpoint) for endpoint in session.scalars(wanted)])

    def get(self, endpoint_id: str) -> EndpointDocument:
        """One endpoint."""
        with self._store.reading() as session:
            return document_of(endpoint_of(session, endpoint_id))

    def change(
        self, endpoint_id: str, change: EndpointChange, note: Note = unnoted, by: str | None = None
    ) -> EndpointDocument:
        """Changes what is given. Whoever (`by`) enables an endpoint whose owner may act no more is its owner from then
        on. Raises GatewayError WEBHOOK_ADDRESS_REFUSED, FORBIDDEN."""
        given = change.model_dump(include=change.model_fields_set)
        required = ("url", "description", "own_only", "status")
        given = {name: value for name, value in given.items() if value is not None or name not in required}
        if "url" in given:
            given["url"] = check_endpoint(self._policy, self._resolver, given["url"])
        with self._store.writing() as session:
            endpoint = endpoint_of(session, endpoint_id)
            for name, value in given.items():
                setattr(endpoint, name, value)
            if by is not None and given.get("status") == ACTIVE:
                gone = self._owners(session, endpoint.owner) is Disclosure.NOTHING
                endpoint.owner = by if gone else endpoint.owner
            if given.get("own_only") is False:
                self._require_reach(session, endpoint)
            if given.get("status") == ACTIVE or "url" in given:
                endpoint.failures_in_a_row, endpoint.resume_at = 0, 0
            if "status" in given:
                endpoint.disabled_reason = None if endpoint.status == ACTIVE else "disabled by hand"
            endpoint.updated_at = self._clock()
            note(session, endpoint_id)
            return document_of(endpoint)

    def delete(self, endpoint_id: str, note: Note = unnoted) -> None:
        """Removes an endpoint with its secrets, messages and attempts."""
        with self._store.writing() as session:
            session.delete(endpoint_of(session, endpoint_id))
            note(session, endpoint_id)

    def rotate_secret(
        self, endpoint_id: str, overlap_hours: float | None = None, note: Note = unnoted
    ) -> RotatedSecret:
        """A new secret. Until the overlap is over messages are signed with the old ones too; of those the newest two
        are kept."""
        hours = self._settings.rotation_hours if overlap_hours is None else overlap_hours
        secret, now = new_secret(), self._clock()
        until = now + round(hours * SECONDS_PER_HOUR)
        with self._store.writing() as session:
            endpoint = endpoint_of(session, endpoint_id)
            old = session.scalars(
                select(WebhookSecret)
                .where(WebhookSecret.endpoint_id == endpoint.id)
                .order_by(WebhookSecret.expires_at.is_not(None), WebhookSecret.expires_at.desc())
            ).all()
            for place, row in enumerate(old):
                if row.expires_at is None or row.expires_at > until:
                    row.expires_at = until
                if row.expires_at <= now or place >= SECRETS_AT_ONCE_MAX - 1:
                    session.delete(row)
            session.add(self._sealed(endpoint.id, secret, now))
            note(session, endpoint_id)
        return RotatedSecret(secret=shown_secret(secret), old_secrets_until=until)

    def reseal(self) -> int:
        """Encrypts all secrets anew, after the key that they are kept under was changed; gives how many."""
        with self._store.writing() as session:
            rows = session.scalars(select(WebhookSecret)).all()
            for row in rows:
                row.sealed = self._cipher.encrypt(self._cipher.decrypt(row.sealed))
            return len(rows)

    def secrets_in_force(self, endpoint_id: str) -> int:
        """With how many secrets messages are signed now."""
        with self._store.reading() as session:
            valid = or_(WebhookSecret.expires_at.is_(None), WebhookSecret.expires_at > self._clock())
            count = select(func.count()).where(WebhookSecret.endpoint_id == endpoint_id, valid)
            return int(session.scalar(count) or 0)

    def _require_reach(self, session: Session, endpoint: WebhookEndpoint) -> None:
        if not endpoint.own_only and self._owners(session, endpoint.owner) is not Disclosure.ALL:
            raise GatewayError("FORBIDDEN", "own_only: what concerns others is for whoever may read all operations")

    def _sealed(self, endpoint_id: str, secret: bytes, now: int) -> WebhookSecret:
        sealed = self._cipher.encrypt(secret)
        return WebhookSecret(id=new_id("whs"), endpoint_id=endpoint_id, sealed=sealed, created_at=now)


def endpoint_of(session: Session, endpoint_id: str) -> WebhookEndpoint:
    """The endpoint. Raises GatewayError OBJECT_UNKNOWN."""
    found = session.get(WebhookEndpoint, endpoint_id)
    if found is None:
        raise GatewayError("OBJECT_UNKNOWN", "there is no such webhook endpoint")
    return found


def document_of(endpoint: WebhookEndpoint) -> EndpointDocument:
    """The endpoint as it is shown."""
    return EndpointDocument(**{name: getattr(endpoint, name) for name in EndpointDocument.model_fields})
