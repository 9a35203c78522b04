"""Cursors of lists: opaque to callers, checked when they come back."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from gateway.core.errors import GatewayError


def write_cursor(*parts: int | str) -> str:
    """The place behind a row with these values."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


def read_cursor(cursor: str | None, *kinds: type) -> Any:
    """The values, None without a cursor. Raises GatewayError CURSOR_INVALID."""
    if cursor is None:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        parts = None
    good = isinstance(parts, list) and len(parts) == len(kinds)
    if not good or any(type(part) is not kind for part, kind in zip(parts, kinds, strict=True)):
        raise GatewayError("CURSOR_INVALID", "not a cursor of this list")
    if any(isinstance(part, int) and abs(part) >= 2**53 for part in parts):
        raise GatewayError("CURSOR_INVALID", "not a cursor of this list")
    return tuple(parts)
