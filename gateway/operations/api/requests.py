"""What the endpoints of operations take beside the arguments: the request's name, its time, a dry run, how long to
wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chaincode.spec.kernel import fields
from chaincode.spec.kernel.context import Authority
from chaincode.spec.kernel.operation import Operation
from gateway.core.errors import GatewayError
from gateway.operations.api.freezing import REASONS, SAID
from gateway.submissions.normalise import KEY_HEADER, complete
from gateway.web.endpoints import Call
from gateway.web.shapes import Schema

TIMESTAMP_HEADER = "Jifen-Timestamp"
WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")
WAIT_SECONDS_MAX = 60

HEADERS: tuple[Mapping[str, Any], ...] = (
    {
        "name": KEY_HEADER,
        "in": "header",
        "description": "The operation's request_id. Sent again with the same content it gives the first receipt. Made by the gateway when it is "
        "left out of an operation that the organisation authorises.",
        "schema": fields.REQUEST_ID.schema,
    },
    {
        "name": TIMESTAMP_HEADER,
        "in": "header",
        "description": "The transaction's time in Unix seconds. Only a replay network lets callers choose it.",
        "schema": fields.TIMESTAMP.schema,
    },
    {
        "name": "Prefer",
        "in": "header",
        "description": "`wait=<seconds>` (RFC 7240): how long to wait for the commit before the answer is 202.",
        "schema": {"type": "string", "maxLength": 64},
    },
)

RUN_QUERY = Schema(
    "RunQuery",
    {
        "type": "object",
        "properties": {
            "dry_run": {
                "type": "boolean",
                "description": "Answer what the ledger would answer now, and change nothing.",
            }
        },
        "additionalProperties": False,
    },
    {},
)

BESIDE = ("order_ref", SAID)
"""What stands in a request beside the operation itself."""


def kebab(name: str) -> str:
    """`WithdrawToWallet` as `withdraw-to-wallet`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def camel(name: str) -> str:
    """`WithdrawToWallet` as `withdrawToWallet`."""
    return name[0].lower() + name[1:]


def request_schema(operation: Operation) -> Schema:
    """What an operation's endpoint takes."""
    properties: dict[str, Any] = {
        "args": fields.schema_of(operation.ARGUMENTS),
        "request_id": {**fields.REQUEST_ID.schema, "description": f"The same as the header {KEY_HEADER}."},
        "valid_until": {
            **fields.TIMESTAMP.schema,
            "description": "Unix seconds after which the ledger refuses the operation. Part of what a member signs.",
        },
    }
    if operation.NAME == "Capture":
        properties["order_ref"] = {
            **fields.REFERENCE.schema,
            "description": "The order that the hold was made for, as its member shows it: staff need it. Dashes, blanks and case do not count.",
        }
    if operation.NAME == "SetMemberStatus":
        properties[SAID] = {
            "enum": list(REASONS),
            "description": "Why the account is frozen or closed: staff say it, and the audit log keeps it.",
        }
    required = ["args"]
    if operation.AUTHORITY is not Authority.ORGANISATION:
        properties["authorization"] = {
            **fields.record({"public_key": fields.PUBLIC_KEY, "signature": fields.SIGNATURE}).schema,
            "description": "The member's signature, see chaincode/README.md.",
        }
    if operation.AUTHORITY is Authority.MEMBER:
        required += ["authorization", "valid_until"]
    return Schema(
        f"{operation.NAME}Request",
        {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        },
        {},
    )


def build(call: Call[Any], name: str) -> dict[str, Any]:
    """The operation that a request asks for. Raises GatewayError IDEMPOTENCY_KEY_INVALID, and Rejected INVALID_ARGUMENT
    in the rules' own words."""
    return whole(call, {**{key: value for key, value in call.body.items() if key not in BESIDE}, "op": name})


def whole(call: Call[Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """An operation with the request_id that the caller named (or a new one) and its `valid_until`. Raises as
    `build`."""
    timestamp = timestamp_of(call)
    now = call.gateway.clock() if timestamp is None else timestamp
    return complete(entry, call.request.headers.get(KEY_HEADER), now, call.gateway.settings.ledger.valid_seconds)


def timestamp_of(call: Call[Any]) -> int | None:
    """The transaction's time that the caller chose, None for now. Raises GatewayError TIMESTAMP_NOT_TAKEN."""
    given = call.request.headers.get(TIMESTAMP_HEADER)
    if given is None:
        return None
    if not call.gateway.settings.ledger.replay:
        raise GatewayError("TIMESTAMP_NOT_TAKEN", "this gateway's ledger takes the time of the transaction as it comes")
    if not given.isascii() or not given.isdigit() or len(given) > 12:
        raise GatewayError("REQUEST_MALFORMED", f"{TIMESTAMP_HEADER}: Unix seconds")
    return int(given)


def wait_of(call: Call[Any]) -> float | None:
    """How long the caller would wait for the commit, None for the setting."""
    found = WAIT.search(call.request.headers.get("Prefer", ""))
    return None if found is None else float(min(int(found.group(1)), WAIT_SECONDS_MAX))
