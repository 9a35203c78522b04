"""Event types, and the body of a message: what happened, and where on the ledger it stands."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from typing import Any

from gateway.operations.records import RECORDS
from gateway.projection.fold.operations import FoldedOperation, reference_of

EVENT_TYPES = {record.op: record.event for record in RECORDS.values()}
"""The type of the event that each operation makes; `CLOSING_EVENT` where a window is not netted whole yet."""
CLOSING_EVENT = "window.closing"
TEST_EVENT = "webhook.test"
ALL_TYPES = (*sorted({*EVENT_TYPES.values(), CLOSING_EVENT}), TEST_EVENT)


def event_type(operation: FoldedOperation) -> str:
    """The type of the event that an operation made."""
    if operation.op == "CloseWindow" and operation.result["window"]["status"] == "CLOSING":
        return CLOSING_EVENT
    return EVENT_TYPES[operation.op]


def body_of(operation: FoldedOperation) -> str:
    """The body of an operation's message, the same each time: `{type, timestamp, data}`. `data.cursor` is where a
    replay may begin."""
    data = {
        "at": operation.at,
        "authoriser": operation.authoriser,
        "block_number": operation.block_number,
        "changes": [
            {
                "account": change.account,
                "class_id": change.class_id,
                "held": change.held,
                "debt": change.debt,
                "points": change.points,
            }
            for change in sorted(operation.changes, key=lambda change: (change.account, change.class_id))
        ],
        "cursor": operation.place,
        "op": operation.op,
        "reference": reference_of(operation.args, operation.result),
        "request_id": operation.request_id,
        "result": operation.result,
        "submitter_msp": operation.submitter_msp,
        "transaction_id": operation.transaction_id,
    }
    return text_of(event_type(operation), operation.at, data)


def text_of(event_type: str, at: int, data: Any) -> str:
    """A message's body as it is sent."""
    timestamp = datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat().replace("+00:00", "Z")
    document = {"type": event_type, "timestamp": timestamp, "data": data}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def message_id(endpoint_id: str, operation: FoldedOperation) -> str:
    """The `webhook-id`: follows from endpoint and place, so that no way of making the message anew makes another
    one."""
    digest = hashlib.sha256(f"{endpoint_id} {operation.place}".encode()).digest()
    return f"msg_{base64.b32encode(digest[:15]).decode().lower()}"


def queues_of(operation: FoldedOperation) -> list[str]:
    """The queues in which a message waits its turn: its accounts; one of all others for operations that touch none."""
    return sorted({change.account for change in operation.changes}) or [""]
