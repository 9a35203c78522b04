"""A bulk request over HTTP."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient

from tests.scenes.consortium import operation

TYPE = "application/x-ndjson"


def accrual(address: str, number: int) -> dict[str, Any]:
    """One unit of currency's points."""
    return operation("Accrue", f"bulk-{number}", {"address": address, "amount_minor": 100, "class_id": "northstar"})


def send(client: FlaskClient, lines: list[Any], **more: Any) -> list[Any]:
    """The outcomes of the lines."""
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    answer = client.post("/api/v1/bulk/operations", data=body, content_type=TYPE, **more)
    assert answer.status_code == 200, answer.json
    return [json.loads(line) for line in answer.data.splitlines()]
