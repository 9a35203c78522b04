"""Cursors of lists: where the next page begins, as opaque text that only the list that gave it takes back."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from chaincode.spec.kernel.limits import INTEGER_MAX
from gateway.core.errors import GatewayError

CHARACTERS_MAX = 1024
_PAIR = re.compile(r"([0-9]{1,15})\.([^\n]*)\Z")
Key = TypeVar("Key", int, str)


def encode_cursor(name: str, filters: Mapping[str, Any], key: int | str) -> str:
    """The cursor behind the row `key` of the list `name` under these filters."""
    document = json.dumps([_mark(name, filters), key], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


def decode_cursor(name: str, filters: Mapping[str, Any], text: str | None, kind: type[Key]) -> Key | None:
    """The key that a cursor stands behind, None for the first page. Raises GatewayError CURSOR_INVALID for one of
    another list or of no list."""
    if text is None:
        return None
    try:
        if len(text) > CHARACTERS_MAX:
            raise ValueError
        padded = text + "=" * (-len(text) % 4)
        mark, key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8"))
        if type(key) is not kind or mark != _mark(name, filters) or encode_cursor(name, filters, key) != text:
            raise ValueError
        if isinstance(key, int) and abs(key) > INTEGER_MAX:
            raise ValueError
        if isinstance(key, str) and not key.isprintable():
            raise ValueError
    except (ValueError, TypeError, RecursionError):
        raise _invalid() from None
    return key


def decode_pair(name: str, filters: Mapping[str, Any], text: str | None) -> tuple[int, str] | None:
    """The same for a key that is a number and a text, `<number>.<text>`."""
    key = decode_cursor(name, filters, text, str)
    if key is None:
        return None
    match = _PAIR.match(key)
    if match is None:
        raise _invalid()
    return int(match[1]), match[2]


def _invalid() -> GatewayError:
    return GatewayError("CURSOR_INVALID", "take it from `next` of the page before, with the same filters")


def _mark(name: str, filters: Mapping[str, Any]) -> str:
    """Tells one list, with its filters, from another."""
    given = {key: value for key, value in filters.items() if value is not None}
    shown = json.dumps([name, given], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(shown.encode()).hexdigest()[:12]
