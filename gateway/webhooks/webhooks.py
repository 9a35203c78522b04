"""Webhooks as the application uses them: made once, with a listener for the projector and a service for the runtime."""

from __future__ import annotations

import time
from collections.abc import Callable

from gateway.projection.fold.progress import FoldProgress
from gateway.store.engine import Store
from gateway.webhooks.addresses import Resolver, system_resolver
from gateway.webhooks.dispatcher import Dispatcher
from gateway.webhooks.endpoints import Endpoints
from gateway.webhooks.messages import Messages
from gateway.webhooks.outbox import Outbox
from gateway.webhooks.owners import Owners, everything
from gateway.webhooks.settings import WebhookSettings
from gateway.webhooks.signing import Cipher

PURPOSE = "webhook-secret"
"""What the secrets' cipher is bound to."""


class Webhooks:
    """All of it: `outbox` is a listener of the projector, `dispatcher.run` a service, `endpoints` and `messages` what
    the views ask."""

    def __init__(
        self,
        store: Store,
        cipher: Cipher,
        settings: WebhookSettings,
        msp_id: str,
        watch: FoldProgress,
        *,
        resolver: Resolver = system_resolver,
        clock: Callable[[], int] = lambda: int(time.time()),
        owners: Owners = everything,
    ) -> None:
        self.outbox = Outbox(msp_id, clock, owners)
        self.endpoints = Endpoints(store, cipher, settings, self.outbox, resolver=resolver, clock=clock, owners=owners)
        self.messages = Messages(store, self.outbox, clock, owners)
        self.dispatcher = Dispatcher(
            store, cipher, settings, watch=watch, resolver=resolver, clock=clock, owners=owners
        )
