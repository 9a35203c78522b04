"""Worked examples, computed by the spec itself: a receipt with its event, and the bytes that a member signs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from chaincode.cases.world import BOB, CLASSES, NOW, PEOPLE, PLACE, Speaker, funded
from chaincode.cases.writing import text_of
from chaincode.signing import MemberKey
from chaincode.spec.kernel.apply import apply_batch
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.signatures import operation_message
from chaincode.spec.operations import OPERATIONS

SIGNER = "jifen example: never a key for people"
"""The text from which the example's key is derived."""


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def receipt_and_event() -> str:
    """A redemption of two issuers' points at a third: what the caller gets, and what everybody hears."""
    world = funded({class_id: 120 for class_id in CLASSES if class_id != "lotus"})
    args = {"acceptor_msp": "lotus", "class_ids": ["north", "harbor"], "order_ref": "order 4711", "points": 200}
    entry = PEOPLE["alice"].authorise(
        {"args": args, "op": "Redeem", "request_id": "till-3-0042", "valid_until": NOW + 3600}, PLACE
    )
    outcome = apply_batch(world.state, world.transaction(Speaker("lotus", "cashier")), [entry], OPERATIONS)
    assert outcome.event is not None
    receipt, event = text_of(json.loads(encode(outcome.receipts[0]))), text_of(json.loads(outcome.event))
    return "\n".join(["The receipt:", _block("json", receipt), "The event:", _block("json", event)])


def signed_operation() -> tuple[MemberKey, dict[str, Json]]:
    """The example's key, and the operation that it signs."""
    key = MemberKey.derived(SIGNER)
    transfer: Json = {"class_id": "north", "recipients": [{"address": BOB, "points": 20}]}
    return key, {"args": transfer, "op": "Transfer", "request_id": "gift-1", "valid_until": NOW + 3600}


def signature() -> str:
    """The bytes that a member signs, their hash and the signature, for a key that anyone can derive."""
    key, operation = signed_operation()
    message = operation_message(operation, PLACE)
    signed = key.authorise(operation, PLACE)
    rows = [
        ("public key", key.public_key),
        ("address", key.address),
        ("SHA-256 of the bytes", hashlib.sha256(message).hexdigest()),
        ("signature", signed["authorization"]["signature"]),
    ]
    facts = "\n".join(f"{name}\n  {value}" for name, value in rows)
    return "\n".join(["The bytes, in one line:", _block("json", message.decode("utf-8")), _block("", facts)])


EXAMPLES: dict[str, Callable[[], str]] = {"receipt_and_event": receipt_and_event, "signature": signature}
