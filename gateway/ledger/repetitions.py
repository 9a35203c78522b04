"""Receipts of operations that were carried out before, in full.

The ledger says of a repetition in which transaction it was carried out; that transaction's event has the result. A
request_id is unique for its authoriser and what the operation is about, so a transaction may hold several of one id:
which of them it was its content says.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from chaincode.spec import erc20
from chaincode.spec.invoke import APPLY
from chaincode.spec.kernel.authorisation import content_hash
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Creator, Transaction
from gateway.ledger.errors import EvaluateFailed
from gateway.ledger.port import BlockTransaction

Document = Mapping[str, Json]
LOOKS_AT_ONCE = 8


def accepted_operations(transaction: BlockTransaction) -> list[Json]:
    """The operations that a valid transaction carried out, as they were sent, in the order of its event."""
    function = transaction.function or ""
    token = erc20.split(function)
    if token is not None:
        subject = Transaction("", "", transaction.transaction_id, transaction.timestamp, Creator("", "", ""))
        texts = [argument.decode("utf-8") for argument in transaction.arguments]
        return [erc20.operation(subject, *token, texts)]
    if function != APPLY:
        return [{"op": function, **json.loads(transaction.arguments[0])}]
    sent = json.loads(transaction.arguments[0])["operations"]
    answer = json.loads(transaction.response)
    # The answer has null for what was carried out now, a receipt for a refusal or a repetition.
    return [operation for operation, receipt in zip(sent, answer, strict=True) if receipt is None]


def told_operations(transaction: BlockTransaction) -> list[tuple[Json, Json]]:
    """What the event of a transaction tells of each operation that was carried out, with `now`, and the operation as it
    was sent."""
    if not transaction.event:
        return []
    event = json.loads(transaction.event)
    entries = [{**entry, "now": event["now"]} for entry in event["operations"]]
    return list(zip(entries, accepted_operations(transaction), strict=True))


async def completed(
    documents: Sequence[Document],
    operations: Sequence[Document],
    look: Callable[[str], Awaitable[BlockTransaction]],
) -> list[Document]:
    """The receipts of these operations, repetitions in full. `look` gives a transaction by its id. Raises its errors,
    and EvaluateFailed where a transaction does not hold what the ledger says it does."""
    names = {
        place: (str(document["tx_id"]), _name(document["authoriser"], operation))
        for place, (document, operation) in enumerate(zip(documents, operations, strict=True))
        if document["code"] == "OK"
    }
    repeated = [place for place in names if documents[place].get("repeated")]
    if not repeated:
        return list(documents)
    told: dict[tuple[str, str], Document] = {
        name: {part: documents[place][part] for part in ("now", "result")}
        for place, name in names.items()
        if place not in repeated
    }
    places = asyncio.Semaphore(LOOKS_AT_ONCE)

    async def looked(transaction_id: str) -> BlockTransaction:
        async with places:
            return await look(transaction_id)

    wanted = sorted({names[place][0] for place in repeated if names[place] not in told})
    for transaction in await asyncio.gather(*map(looked, wanted)):
        told.update(_told_by(transaction))
    full = list(documents)
    for place in repeated:
        if names[place] not in told:
            detail = f"transaction {names[place][0]} does not tell of {documents[place]['request_id']}"
            raise EvaluateFailed("EVALUATE_FAILED", detail)
        full[place] = {**documents[place], **told[names[place]]}
    return full


def _told_by(transaction: BlockTransaction) -> dict[tuple[str, str], Document]:
    return {
        (transaction.transaction_id, _name(entry["authoriser"], operation)): {
            part: entry[part] for part in ("now", "result")
        }
        for entry, operation in told_operations(transaction)
    }


def _name(authoriser: Json, operation: Document) -> str:
    """What tells a request from all others of a transaction."""
    return f"{authoriser}/{operation['request_id']}/{content_hash(dict(operation))}"
