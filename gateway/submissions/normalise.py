"""Makes an operation whole: its request_id, its end, its form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaincode.spec.kernel import fields
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.operations import OPERATIONS
from gateway.core.errors import GatewayError
from gateway.ledger.errors import Rejected
from gateway.ledger.request_ids import new_request_id
from gateway.submissions.admission import check_admissible

KEY_HEADER = "Idempotency-Key"


def key_of(given: str | None) -> str | None:
    """The request_id that the header names, None without it. It may stand in quotes, as a structured field (RFC 9651)
    and the draft of the header have it. Raises GatewayError IDEMPOTENCY_KEY_INVALID: a key that is empty or of another
    form would let a repetition be done twice."""
    if given is None:
        return None
    key = given.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    try:
        fields.REQUEST_ID.check(key, KEY_HEADER)
    except Refusal as refusal:
        raise GatewayError("IDEMPOTENCY_KEY_INVALID", refusal.detail) from None
    return key


def complete(entry: Mapping[str, Any], key: str | None, now: int, valid_seconds: int) -> dict[str, Any]:
    """The operation with its request_id (that of the header `key`, or a new one) and its `valid_until`, `valid_seconds`
    after `now` where it brings none. Raises GatewayError IDEMPOTENCY_KEY_INVALID, and Rejected INVALID_ARGUMENT in the
    rules' own words, or the gateway's for what the ledger cannot know."""
    operation = dict(entry)
    key = key_of(key)
    given = operation.get("request_id")
    if key is not None and given is not None and key != given:
        raise GatewayError("IDEMPOTENCY_KEY_INVALID", f"{KEY_HEADER} and request_id are not the same")
    signed = operation.get("authorization") is not None
    if signed and (given or key) is None:
        raise GatewayError("IDEMPOTENCY_KEY_INVALID", "a signed operation brings the request_id that was signed")
    operation["request_id"] = given or key or new_request_id()
    if operation.get("valid_until") is None:
        operation["valid_until"] = now + valid_seconds
    if not signed:
        operation.pop("authorization", None)
    try:
        fields.REQUEST_ID.check(operation["request_id"], "request_id")
        fields.TIMESTAMP.check(operation["valid_until"], "valid_until")
        fields.check_fields(operation.get("args"), OPERATIONS[operation["op"]].ARGUMENTS, "")
    except Refusal as refusal:
        raise Rejected(refusal.code, refusal.detail) from None
    check_admissible(operation["op"], operation["args"], now)
    return operation
