"""The door: a function name and its arguments, as a Fabric transaction brings them, to a payload, writes and an
event."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chaincode.spec import erc20, queries
from chaincode.spec.kernel.apply import Outcome, apply_batch, apply_operation, decode_batch, decode_operation
from chaincode.spec.kernel.canonical import decode, encode
from chaincode.spec.kernel.codes import Refusal, shown
from chaincode.spec.kernel.context import Transaction
from chaincode.spec.kernel.fields import refuse
from chaincode.spec.kernel.state import StateReader
from chaincode.spec.operations import OPERATIONS

APPLY, DRY_RUN = "Apply", "DryRun"
BATCHES = (APPLY, DRY_RUN)
"""The functions that take a batch."""
NO_ARGUMENT = b"{}"
"""What a query is asked with that comes without an argument."""


@dataclass(frozen=True)
class Response:
    """A transaction's payload, its writes (None deletes) and its event."""

    payload: bytes
    writes: dict[str, bytes | None]
    event: bytes | None


def invoke(reader: StateReader, transaction: Transaction, function: str, arguments: list[bytes]) -> Response:
    """Runs one transaction or query. Raises the Refusal of a query, of an operation invoked alone and of a batch that
    is none.

    `Apply` gives a list (`apply`), `DryRun` all receipts of the same argument in full and changes nothing; an operation
    by its name one receipt; a query its document, asked with `{}` or with no argument alike; `<class_id>:<Method>` a
    text.
    """
    token = erc20.split(function)
    if token is not None:
        return _erc20(reader, transaction, *token, arguments)
    if function not in BATCHES and function not in OPERATIONS and function not in queries.QUERIES:
        raise Refusal("UNKNOWN_QUERY", shown(function))
    if function in queries.QUERIES and not arguments:
        arguments = [NO_ARGUMENT]
    if len(arguments) != 1:
        raise refuse(function, "1 argument")
    if function in BATCHES:
        shard, operations = decode_batch(arguments[0])
        outcome = apply_batch(reader, replace(transaction, shard=shard), operations, OPERATIONS)
        if function == DRY_RUN:
            return Response(encode(outcome.receipts), {}, None)
        return Response(encode(outcome.answer), outcome.writes, outcome.event)
    if function in OPERATIONS:
        return _single(apply_operation(reader, transaction, decode_operation(function, arguments[0]), OPERATIONS))
    answer = queries.answer(reader, transaction.now, function, decode(arguments[0]))
    return Response(encode(answer), {}, None)


def _single(outcome: Outcome) -> Response:
    return Response(encode(outcome.receipts[0]), outcome.writes, outcome.event)


def _erc20(
    reader: StateReader, transaction: Transaction, class_id: str, method: str, arguments: list[bytes]
) -> Response:
    texts = [argument.decode("utf-8", "replace") for argument in arguments]
    if method in erc20.WRITES:
        outcome = apply_operation(
            reader, transaction, erc20.operation(transaction, class_id, method, texts), OPERATIONS
        )
        return Response(b"true", outcome.writes, outcome.event)
    return Response(erc20.read(reader, transaction.now, class_id, method, texts).encode("utf-8"), {}, None)
