"""Apply: operations of one transaction, in order, each all or nothing, over one view.

`Apply` answers a list: null for an operation that was carried out now, whose receipt is what the event says of it
(`receipts_of`), so that a transaction does not carry it twice; else the receipt. A receipt is `{"code": "OK", "op",
"request_id", "authoriser", "result", "tx_id", "now"}`; of a request that was carried out before it is `{"code": "OK",
"op", "request_id", "authoriser", "tx_id", "repeated": true}`, and the rest stands in that transaction's event; a
refused operation's is `{"code", "detail", "op", "request_id"}`. The event, where anything was accepted, holds for each
accepted operation `{"authoriser", "op", "request_id", "result", "postings"}`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.authorisation import (
    authenticate,
    authorise,
    check_form,
    require_signature,
    seen_before,
)
from chaincode.spec.kernel.canonical import Json, decode, encode
from chaincode.spec.kernel.codes import Refusal, shown
from chaincode.spec.kernel.context import Context, Transaction
from chaincode.spec.kernel.fields import refuse
from chaincode.spec.kernel.limits import BATCH_BYTES_MAX, OPERATIONS_PER_BATCH_MAX, SHARDS_MAX
from chaincode.spec.kernel.operation import Operations, place_of, wanted_keys
from chaincode.spec.kernel.requests import TX_ID, keep_receipt
from chaincode.spec.kernel.state import StateReader, View

EVENT_NAME = "jifen.operations"


@dataclass(frozen=True)
class Outcome:
    """What a transaction gives: a receipt for each operation, the state's writes (None deletes) and the event (None for
    nothing accepted)."""

    receipts: list[Json]
    writes: dict[str, bytes | None]
    event: bytes | None

    @property
    def answer(self) -> list[Json]:
        """What `Apply` answers."""
        return [None if receipt["code"] == "OK" and "repeated" not in receipt else receipt for receipt in self.receipts]


def receipts_of(answer: Iterable[Json], event: Json, tx_id: str) -> list[Json]:
    """The receipts of an `Apply` transaction, from its decoded answer and event (None where it had none)."""
    told_now = iter(event["operations"] if event else ())
    receipts = []
    for receipt in answer:
        if receipt is None:
            entry = next(told_now)
            receipt = {name: entry[name] for name in ("authoriser", "op", "request_id", "result")}
            receipt.update(code="OK", now=event["now"], tx_id=tx_id)
        receipts.append(receipt)
    return receipts


def decode_batch(argument: bytes) -> tuple[int, list[Json]]:
    """Shard and operations of an `Apply` argument `{"operations": [...], "shard": n}`. BATCH_TOO_LARGE, MALFORMED,
    SHARD_OUT_OF_RANGE, INVALID_ARGUMENT."""
    if len(argument) > BATCH_BYTES_MAX:
        raise Refusal("BATCH_TOO_LARGE", f"{len(argument)} bytes, at most {BATCH_BYTES_MAX}")
    batch = decode(argument)
    if not isinstance(batch, dict) or set(batch) != {"operations", "shard"}:
        raise refuse("batch", "object with operations and shard")
    shard, operations = batch["shard"], batch["operations"]
    if isinstance(operations, list) and len(operations) > OPERATIONS_PER_BATCH_MAX:
        raise Refusal("BATCH_TOO_LARGE", f"{len(operations)} operations, at most {OPERATIONS_PER_BATCH_MAX}")
    if not isinstance(shard, int) or isinstance(shard, bool) or not 0 <= shard < SHARDS_MAX:
        raise Refusal("SHARD_OUT_OF_RANGE", f"expected integer 0..{SHARDS_MAX - 1}")
    if not isinstance(operations, list) or not operations:
        raise refuse("operations", f"list of 1..{OPERATIONS_PER_BATCH_MAX} items")
    return shard, operations


def decode_operation(name: str, argument: bytes) -> Json:
    """One operation that is invoked alone, by its name. BATCH_TOO_LARGE, MALFORMED, INVALID_ARGUMENT when `op` is
    another."""
    if len(argument) > BATCH_BYTES_MAX:
        raise Refusal("BATCH_TOO_LARGE", f"{len(argument)} bytes, at most {BATCH_BYTES_MAX}")
    entry = decode(argument)
    if isinstance(entry, dict) and entry.get("op", name) != name:
        raise refuse("operation.op", name)
    return {**entry, "op": name} if isinstance(entry, dict) else entry


def apply_batch(reader: StateReader, transaction: Transaction, entries: list[Json], operations: Operations) -> Outcome:
    """Runs `entries` in order, by the rules of `operations`. Never refuses: each has its receipt."""
    view = View(reader)
    prepared = [_prepare(entry, transaction, operations) for entry in entries]
    view.prefetch([keys.CONSORTIUM, *(key for _, wanted in prepared for key in wanted)])
    consortium = view.get(keys.CONSORTIUM)
    if consortium is not None:
        transaction = replace(transaction, network_id=consortium["network_id"])
    receipts: list[Json] = []
    events: list[Json] = []
    for entry, (context, _) in zip(entries, prepared, strict=True):
        receipts.append(_run(view, entry, transaction, context, events, operations))
    event = encode({"now": transaction.now, "operations": events}) if events else None
    return Outcome(receipts, view.writes(), event)


def apply_operation(reader: StateReader, transaction: Transaction, entry: Json, operations: Operations) -> Outcome:
    """Runs one operation alone; refused, it raises its Refusal, so that no transaction is made of it."""
    outcome = apply_batch(reader, transaction, [entry], operations)
    receipt = outcome.receipts[0]
    if receipt["code"] != "OK":
        raise Refusal(receipt["code"], receipt["detail"])
    return outcome


def _prepare(entry: Json, transaction: Transaction, operations: Operations) -> tuple[Context | Refusal, list[str]]:
    """What can be known without the state: who authorises the entry, by its own word, or its refusal, and the keys it
    wants."""
    try:
        operation = check_form(entry, operations)
        context = authenticate(entry, operation, transaction)
    except Refusal as refusal:
        return refusal, []
    place = place_of(operation, entry["args"], context.authoriser, context.request_id)
    return context, [place, *wanted_keys(operation, entry["args"], context)]


def _run(
    view: View,
    entry: Json,
    transaction: Transaction,
    prepared: Context | Refusal,
    events: list[Json],
    operations: Operations,
) -> Json:
    try:
        if isinstance(prepared, Refusal):
            raise prepared
        require_signature(entry, transaction)
        with view.scope():
            receipt, repeated = _apply(view, entry, replace(prepared, transaction=transaction), operations)
    except Refusal as refusal:
        known = entry if isinstance(entry, dict) else {}
        return {
            "code": refusal.code,
            "detail": refusal.detail,
            "op": _echo(known.get("op")),
            "request_id": _echo(known.get("request_id")),
        }
    if not repeated:
        named = {name: receipt[name] for name in ("authoriser", "op", "request_id", "result")}
        events.append({**named, "postings": view.postings})
    return receipt


def _apply(view: View, entry: Json, context: Context, operations: Operations) -> tuple[Json, bool]:
    operation = operations[entry["op"]]
    place = place_of(operation, entry["args"], context.authoriser, context.request_id)
    receipt = {"authoriser": context.authoriser, "code": "OK", "op": entry["op"], "request_id": context.request_id}
    seen = seen_before(view, place, context)
    if seen is not None:
        return {**receipt, "repeated": True, "tx_id": seen[TX_ID]}, True
    context = authorise(view, operation, context)
    result = operation.apply(view, context, entry["args"])
    if place == keys.receipt(context.authoriser, context.request_id):
        keep_receipt(view, context)
    return {**receipt, "now": context.now, "result": result, "tx_id": context.transaction.tx_id}, False


def _echo(value: Json) -> str:
    """A name given back in a refusal; empty where it is no text."""
    return shown(value) if isinstance(value, str) else ""
