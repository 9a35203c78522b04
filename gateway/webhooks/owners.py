"""What the owner of an endpoint may be told: an endpoint goes on only while its owner may act, and tells no more than
its owner may read."""

from __future__ import annotations

import enum
from collections.abc import Callable

import structlog
from sqlalchemy.orm import Session

from gateway.webhooks.models import WebhookEndpoint

ACTIVE, DISABLED = "ACTIVE", "DISABLED"
STOPPED_REASON = "whoever made it may act no more"

log = structlog.get_logger()


class Disclosure(enum.Enum):
    """What an owner may be told."""

    NOTHING = 0
    OWN = 1
    """What the gateway's merchant takes part in."""
    ALL = 2


Owners = Callable[[Session, str], Disclosure]
"""What the owner with this id may be told now."""


def everything(session: Session, owner: str) -> Disclosure:
    """For a gateway without people."""
    return Disclosure.ALL


def stopped(session: Session, endpoint: WebhookEndpoint, owners: Owners) -> bool:
    """Whether the endpoint's owner may be told nothing any more; then it is disabled, until somebody else enables
    it."""
    if owners(session, endpoint.owner) is not Disclosure.NOTHING:
        return False
    endpoint.status, endpoint.disabled_reason = DISABLED, STOPPED_REASON
    log.info("webhook_disabled", endpoint=endpoint.id, reason=STOPPED_REASON)
    return True
