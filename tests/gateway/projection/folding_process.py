"""A projector in a process of its own, to be killed: `python -m tests.gateway.projection.folding_process <store url> <ledger file>` folds block by
block up to the height, and says a word for each commit."""

from __future__ import annotations

import asyncio
import sys

import gateway.projection.fold.projector as projector
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.store.engine import Store


async def main(url: str, file: str) -> None:
    projector.BLOCKS_PER_COMMIT = 1  # many commits, so that many moments can be hit
    store = Store(url)
    async with EmbeddedLedger(file, embedded_identity("northstar", "auditor")) as ledger:
        await projector.Projector(store, ledger).catch_up(lambda done, total: print("block", flush=True))
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
