"""Canonical JSON: the one byte form of every document that is hashed, signed, stored or compared.

Encoding: UTF-8, object keys sorted by code point, no white space, integers only (magnitude at most `INTEGER_MAX`),
strings with the short escapes of RFC 8259 (`\\" \\\\ \\b \\f \\n \\r \\t`), other characters below U+0020 as `\\u00xx`
in lower case, everything else as itself. Much of this is RFC 8785 (JCS); the order of keys is by code point where that
has UTF-16 units, and there are no fractions.

Decoding takes any JSON text (white space and any order of keys), and refuses with MALFORMED: invalid UTF-8, a byte
order mark, a fraction or exponent, an integer out of range, `-0`, a key twice in one object, a lone surrogate, nesting
deeper than `DOCUMENT_DEPTH_MAX` and anything after the document.
"""

from __future__ import annotations

import json
import re
from typing import Any

from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.limits import DOCUMENT_DEPTH_MAX, INTEGER_MAX

Json = Any
"""A decoded document: dict, list, str, int, bool or None."""

_SURROGATE = re.compile("[\ud800-\udfff]")


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def encode(value: Json) -> bytes:
    """The canonical bytes of `value`. An impossible value (a float, a lone surrogate, an integer out of range)
    asserts."""
    return _ENCODER.encode(value).encode("utf-8")


def _integer(text: str) -> int:
    if len(text) > 17 or text == "-0" or abs(number := int(text)) > INTEGER_MAX:
        raise Refusal("MALFORMED", "integer out of range")
    return number


def _fraction(text: str) -> float:
    raise Refusal("MALFORMED", "number is not an integer")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refusal("MALFORMED", "duplicate key")
    return found


def _constant(text: str) -> float:
    raise Refusal("MALFORMED", "not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_constant, strict=True
)


def _depth(text: str) -> int:
    """Deepest nesting of brackets outside strings, over the whole text."""
    deepest = depth = 0
    inside = escaped = False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _has_surrogate(value: Json) -> bool:
    if isinstance(value, str):
        return _SURROGATE.search(value) is not None
    if isinstance(value, list):
        return any(_has_surrogate(item) for item in value)
    if isinstance(value, dict):
        return any(_has_surrogate(key) or _has_surrogate(item) for key, item in value.items())
    return False


def decode(data: bytes) -> Json:
    """The document in `data`. Refuses MALFORMED; the detail is one of a few fixed sentences, in this order of checks:
    `not UTF-8`, `nested too deep`, then whichever of `duplicate key`, `integer out of range`, `number is not an
    integer` and `not JSON` the text shows first, then `lone surrogate`."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("MALFORMED", "not UTF-8") from None
    if (text.count("[") + text.count("{")) > DOCUMENT_DEPTH_MAX and _depth(text) > DOCUMENT_DEPTH_MAX:
        raise Refusal("MALFORMED", "nested too deep")
    try:
        value, end = _DECODER.raw_decode(text, _skip(text, 0))
    except ValueError:
        raise Refusal("MALFORMED", "not JSON") from None
    if _skip(text, end) != len(text):
        raise Refusal("MALFORMED", "not JSON")
    if "\\u" in text and _has_surrogate(value):
        raise Refusal("MALFORMED", "lone surrogate")
    return value


def _skip(text: str, start: int) -> int:
    while start < len(text) and text[start] in " \t\n\r":
        start += 1
    return start
