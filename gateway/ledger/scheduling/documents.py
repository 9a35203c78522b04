"""Documents that say which keys an operation touches: classes, the open window, redemptions and holds, kept as they are seen go by."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from chaincode.spec import keys
from chaincode.spec.canonical import Json
from gateway.ledger.errors import Rejected
from gateway.ledger.port import Ledger, Receipt

DOCUMENTS_MAX = 50_000


class Documents:
    """A bounded memory of documents. One may be out of date: then a transaction conflicts on Fabric and is sent again."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: OrderedDict[str, Json] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}

    def look(self, key: str) -> Json:
        """The document, or None."""
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        return None

    async def learn(self, key: str) -> None:
        """Asks the ledger for a document that is not known; one that is not there stays unknown. Callers who want the same one at the same
        time share one question. Raises EvaluateFailed."""
        asked = _query(key)
        if asked is None:
            return
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._ask(key, *asked), name=f"asking for {key}")
            task.add_done_callback(lambda _: self._asking.pop(key))
        # One caller that goes away does not take the answer from the others.
        await asyncio.shield(task)

    async def _ask(self, key: str, query: str, arguments: Json) -> None:
        try:
            self._put(key, await self._ledger.evaluate(query, arguments))
        except Rejected:
            # Not there: the rule will say so, in its own words.
            return

    def see(self, receipt: Receipt) -> None:
        """Keeps what a receipt tells."""
        result = receipt.result or {}
        if "class" in result:
            self._put(keys.point_class(result["class"]["class_id"]), result["class"])
        if "redemption" in result:
            self._put(keys.redemption(result["redemption"]["redemption_id"]), result["redemption"])
        if "hold" in result:
            self._put(keys.hold(result["hold"]["hold_id"]), result["hold"])
        if receipt.accepted and receipt.document.get("op") == "CutWindow":
            self._put(keys.CURRENT_WINDOW, {"window_id": result["window_id"] + 1})

    def forget(self, key: str) -> None:
        """What is known of the key is out of date."""
        self._known.pop(key, None)

    def _put(self, key: str, document: Json) -> None:
        self._known[key] = document
        self._known.move_to_end(key)
        while len(self._known) > DOCUMENTS_MAX:
            self._known.popitem(last=False)


def _query(key: str) -> tuple[str, dict[str, Json]] | None:
    noun, _, name = key.partition("/")
    match noun:
        case "class":
            return "GetClass", {"class_id": name}
        case "redemption":
            return "GetRedemption", {"redemption_id": name}
        case "hold":
            return "GetHold", {"hold_id": name}
        case keys.CURRENT_WINDOW:
            return "GetCurrentWindow", {}
    return None
