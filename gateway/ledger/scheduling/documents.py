"""Documents that say which keys an operation touches: redemptions and holds, kept as they are seen go by, and classes,
whose issuers never change."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.redemptions import stored
from gateway.ledger.errors import Rejected
from gateway.ledger.port import Ledger, Receipt

DOCUMENTS_MAX = 50_000


class Documents:
    """A bounded memory of documents. One may be out of date: then a transaction conflicts on Fabric and is sent
    again."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: OrderedDict[str, Json] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}

    def look(self, key: str) -> Json:
        """The document, as it is stored, or None."""
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        return None

    async def learn(self, key: str) -> None:
        """Asks the ledger for the redemption, hold or class at `key`, which is not known; one that is not there stays
        unknown. Callers who want the same one at the same time share one question. Raises EvaluateFailed."""
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._ask(key), name=f"asking for {key}")
            task.add_done_callback(lambda _: self._asking.pop(key))
        # One caller that goes away does not take the answer from the others.
        await asyncio.shield(task)

    async def _ask(self, key: str) -> None:
        noun, _, name = key.partition("/")
        try:
            document = await self._ledger.evaluate(f"Get{noun.capitalize()}", {f"{noun}_id": name})
        except Rejected:
            # Not there: the rule will say so, in its own words.
            return
        self._put(key, stored(document) if key == keys.redemption(name) else document)

    def see(self, receipt: Receipt) -> None:
        """Keeps what a receipt tells."""
        result = receipt.result or {}
        if "redemption" in result:
            redemption = result["redemption"]
            self._put(keys.redemption(redemption["redemption_id"]), stored(redemption))
        if "hold" in result:
            self._put(keys.hold(result["hold"]["hold_id"]), result["hold"])

    def _put(self, key: str, document: Json) -> None:
        self._known[key] = document
        self._known.move_to_end(key)
        while len(self._known) > DOCUMENTS_MAX:
            self._known.popitem(last=False)
