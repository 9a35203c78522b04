"""A gateway's projector, outbox and dispatcher in a process of their own, to be killed:
`python -m tests.gateway.webhooks.gateway_process <store url> <ledger file>` works until it is ended."""

from __future__ import annotations

import asyncio
import sys

from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.projection.fold.projector import Projector
from gateway.store.engine import Store
from gateway.webhooks.dispatcher import Dispatcher
from gateway.webhooks.outbox import Outbox
from tests.gateway.webhooks.conftest import OPEN, XorCipher


async def main(url: str, file: str) -> None:
    store = Store(url)
    async with EmbeddedLedger(file, embedded_identity("northstar", "gateway")) as ledger:
        projector = Projector(store, ledger, listeners=[Outbox("northstar")])
        dispatcher = Dispatcher(store, XorCipher(), OPEN, watch=projector.watch)
        print("begun", flush=True)
        await asyncio.gather(projector.run(), dispatcher.run())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
