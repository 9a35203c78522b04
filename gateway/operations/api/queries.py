"""One endpoint for each query of the ledger, answered by the organisation's own peer: `GET
/queries/get-balance?account=…&class_id=…`."""

from __future__ import annotations

from typing import Any

from chaincode.spec.kernel import fields
from chaincode.spec.kernel.codes import CODES, Refusal
from chaincode.spec.queries import QUERIES
from chaincode.spec.queries.base import Query
from gateway.core.errors import GatewayError
from gateway.ledger.errors import LedgerError, Rejected
from gateway.operations.api.nouns import ANSWERS, NOUNS
from gateway.operations.api.requests import camel, kebab
from gateway.security.guard import Owner, owner_named
from gateway.submissions.service import refusal_of
from gateway.web.endpoints import Answer, Call, Subject
from gateway.web.problems import PROBLEMS
from gateway.web.reading import block_patience
from gateway.web.shapes import Schema

subject = Subject("queries", "Queries: the ledger as the organisation's own peer has it")

AT_LEAST_BLOCK = "at_least_block"
REFUSALS = (
    "BLOCK_NOT_REACHED",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "NO_RATE",
    *(code for code in CODES if code.startswith("UNKNOWN_") and PROBLEMS[code].status == 404),
)
"""What a query can be refused with."""
INTERNAL = ("ReadState",)
"""For verification by whoever has a peer; not for programs outside."""


def query_schema(query: Query) -> Schema:
    """The parameters of a query's endpoint."""
    document = fields.schema_of(query.arguments)
    block = {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**53 - 1,
        "description": "Answer only when the peer has this block: `block_number` of a receipt, to read one's own write.",
    }
    properties = {name: _plain(schema) for name, schema in document["properties"].items()}
    return Schema(f"{query.name}Query", {**document, "properties": {**properties, AT_LEAST_BLOCK: block}}, {})


def _plain(schema: Any) -> Any:
    """A parameter is left out, never null."""
    return schema["anyOf"][0] if "anyOf" in schema else schema


def evaluate(call: Call[Any], name: str, arguments: dict[str, Any]) -> Any:
    """The answer of the own peer. Raises Rejected, GatewayError LEDGER_UNAVAILABLE, BLOCK_NOT_REACHED."""
    wanted = arguments.pop(AT_LEAST_BLOCK, None)
    gateway = call.gateway
    try:
        fields.check_fields(arguments, QUERIES[name].arguments, "")
    except Refusal as refusal:
        raise Rejected(refusal.code, refusal.detail) from None
    try:
        if wanted is not None:
            with block_patience(call) as seconds:
                gateway.runtime.call(gateway.ledger.wait_for_block(wanted), seconds)
        return gateway.runtime.call(gateway.ledger.evaluate(name, arguments))
    except TimeoutError:
        raise GatewayError("BLOCK_NOT_REACHED", f"block {wanted}", retry_after_seconds=1) from None
    except LedgerError as error:
        raise refusal_of(error) from None


def owner_of(call: Call[Any]) -> Owner | None:
    """Whose account a query is about, where it is about one."""
    for name in ("account", "owner", "address", "member", "authoriser"):
        value = call.query.get(name)
        if isinstance(value, str):
            return owner_named(value)
    for name in ("redemption_id", "hold_id"):
        value = call.query.get(name)
        if isinstance(value, str):
            return Owner(address=value.partition("/")[0])
    return None


def _declare(query: Query) -> None:
    answer = Schema(f"{query.name}Answer", ANSWERS[query.name], NOUNS)

    def view(call: Call[Any]) -> Answer:
        return Answer(200, evaluate(call, query.name, dict(call.query)))

    subject.get(
        f"/queries/{kebab(query.name)}",
        name=camel(query.name),
        summary=f"{query.name} of the ledger",
        query=query_schema(query),
        answers={200: answer},
        codes=REFUSALS,
        owner=owner_of,
    )(view)


for _query in QUERIES.values():
    if _query.name not in INTERNAL:
        _declare(_query)
