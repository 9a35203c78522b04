"""Receipts of operations that were carried out before, in full.

The ledger says of a repetition in which transaction it was carried out; that transaction's event has the result. A request_id is unique for its authoriser and what the operation is about, so a transaction may hold several
of one id: which of them it was its content says.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from chaincode.spec import erc20
from chaincode.spec.authorisation import content_hash
from chaincode.spec.canonical import Json
from chaincode.spec.context import Creator, Transaction
from chaincode.spec.invoke import APPLY
from gateway.ledger.errors import EvaluateFailed
from gateway.ledger.port import BlockTransaction

Document = Mapping[str, Json]


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


async def completed(
    documents: Sequence[Document],
    operations: Sequence[Document],
    look: Callable[[str], Awaitable[BlockTransaction]],
) -> list[Document]:
    """The receipts of these operations, repetitions in full. `look` gives a transaction by its id. Raises its errors, and EvaluateFailed where a transaction does not hold what the
    ledger says it does."""
    told: dict[tuple[str, str], Document] = {}
    looked: set[str] = set()
    full: list[Document] = []
    for document, operation in zip(documents, operations, strict=True):
        if document["code"] != "OK":
            full.append(document)
            continue
        name = (str(document["tx_id"]), _name(document["authoriser"], operation))
        if not document.get("repeated"):
            told[name] = {part: document[part] for part in ("now", "result")}
            full.append(document)
            continue
        if name not in told and name[0] not in looked:
            looked.add(name[0])
            told.update(_told_by(await look(name[0])))
        if name not in told:
            raise EvaluateFailed("EVALUATE_FAILED", f"transaction {name[0]} does not tell of {document['request_id']}")
        full.append({**document, **told[name]})
    return full


def _told_by(transaction: BlockTransaction) -> dict[tuple[str, str], Document]:
    if not transaction.event:
        return {}
    event = json.loads(transaction.event)
    return {
        (transaction.transaction_id, _name(entry["authoriser"], operation)): {
            "now": event["now"],
            "result": entry["result"],
        }
        for entry, operation in zip(event["operations"], accepted_operations(transaction), strict=True)
    }


def _name(authoriser: Json, operation: Document) -> str:
    """What tells a request from all others of a transaction."""
    return f"{authoriser}/{operation['request_id']}/{content_hash(dict(operation))}"
