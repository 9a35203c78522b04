"""What the services about people ask of the ledger, answered from the projection."""

from __future__ import annotations

import json
from typing import Any

from gateway.errors import GatewayError
from gateway.people.services import LedgerAnswers
from gateway.projection.documents import OperationDocument
from gateway.projection.projection import Projection
from gateway.projection.reader import document
from gateway.projection.writing import documents


def ledger_answers(projection: Projection) -> LedgerAnswers:
    """The answers. What the projection does not know is None, which asks for a second person."""

    def points_of(address: str) -> int:
        return sum(balance.points for balance in projection.accounts.balances(address).balances)

    def document_of(key: str) -> Any:
        with projection.catalogue.reading() as (session, _):
            return document(session, key)

    def documents_of(prefix: str) -> list[Any]:
        with projection.catalogue.reading() as (session, _):
            return [json.loads(text) for _, text in documents(session, prefix)]

    def recipients_of(authoriser: str, request_id: str) -> frozenset[str]:
        try:
            operations = projection.log.of_request(authoriser, request_id)
        except GatewayError as error:
            if error.code == "OBJECT_UNKNOWN":
                return frozenset()
            raise
        return frozenset(recipient for operation in operations for recipient in _recipients(operation))

    return LedgerAnswers(points_of, document_of, documents_of, recipients_of)


def _recipients(operation: OperationDocument) -> list[str]:
    """Who got points by a transfer; nobody by anything else."""
    if operation.op == "Transfer":
        return [str(one["address"]) for one in operation.args["recipients"] if one["points"] > 0]
    sent = operation.op == "TransferFrom" and operation.args["points"] > 0
    return [str(operation.args["recipient"])] if sent else []
