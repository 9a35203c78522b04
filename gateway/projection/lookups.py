"""What the services about people ask of the ledger, answered from the projection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.errors import GatewayError
from gateway.projection.fold.table_writer import documents
from gateway.projection.projection import Projection
from gateway.projection.queries.reader import document
from gateway.projection.queries.schemas import OperationDocument

CarriedOut = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
"""The receipt of an operation of this organisation's that the ledger's log holds, also when the ledger itself has
forgotten the request; None where it holds none. Raises GatewayError when that cannot be told now."""
Document = Callable[[str], Any]
"""A document of the ledger's state by its key, None where there is none."""
Documents = Callable[[str], Iterable[Mapping[str, Any]]]
"""The documents whose keys begin with a prefix."""


@dataclass(frozen=True)
class LedgerLookups:
    """What the services about people ask of the ledger; each may raise GatewayError LEDGER_UNAVAILABLE.

    `points_of(address)`: points of an account, over all classes. `document(key)`: a document of the ledger's state,
    None when there is none; `documents(prefix)`: those whose keys begin so. `recipients_of(authoriser, request_id)`:
    the addresses that a transfer sent points to, none when unknown. `carried_out(operation)`: the receipt of one
    of this organisation's own that the log holds, or None.
    """

    points_of: Callable[[str], int] = lambda address: 0
    document: Document = lambda key: None
    documents: Documents = lambda prefix: ()
    recipients_of: Callable[[str, str], frozenset[str]] = lambda authoriser, request_id: frozenset()
    carried_out: CarriedOut = lambda operation: None


def ledger_lookups(projection: Projection, msp_id: str) -> LedgerLookups:
    """The answers for this organisation. What the projection does not know is None, which asks for a second person."""

    def points_of(address: str) -> int:
        return sum(balance.points for balance in projection.accounts.balances(address).balances)

    def document_of(key: str) -> Any:
        with projection.catalogue.reading() as (session, _):
            return document(session, key)

    def documents_of(prefix: str) -> list[Any]:
        with projection.catalogue.reading() as (session, _):
            return [json.loads(text) for _, text in documents(session, prefix)]

    def operations_of(authoriser: str, request_id: str) -> list[OperationDocument]:
        try:
            return projection.log.of_request(authoriser, request_id)
        except GatewayError as error:
            if error.code == "OBJECT_UNKNOWN":
                return []
            raise

    def recipients_of(authoriser: str, request_id: str) -> frozenset[str]:
        operations = operations_of(authoriser, request_id)
        return frozenset(recipient for operation in operations for recipient in _recipients(operation))

    def carried_out(operation: Mapping[str, Any]) -> dict[str, Any] | None:
        for found in operations_of(msp_id, operation["request_id"]):
            if (found.op, found.args) == (operation["op"], operation["args"]):
                told = found.model_dump(include={"authoriser", "block_number", "op", "request_id", "result"})
                return {**told, "code": "OK", "now": found.at, "repeated": True, "tx_id": found.transaction_id}
        return None

    return LedgerLookups(points_of, document_of, documents_of, recipients_of, carried_out)


def _recipients(operation: OperationDocument) -> list[str]:
    """Who got points by a transfer; nobody by anything else."""
    if operation.op == "Transfer":
        return [str(one["address"]) for one in operation.args["recipients"] if one["points"] > 0]
    sent = operation.op == "TransferFrom" and operation.args["points"] > 0
    return [str(operation.args["recipient"])] if sent else []
