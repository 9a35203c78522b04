"""Reads XML that came from outside: no entities, no document type, and bounds on size, depth and count, whoever wrote
it (CWE-611, CWE-776)."""

from __future__ import annotations

import io
import re
import unicodedata
from xml.etree import ElementTree as xml

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from gateway.core.errors import GatewayError

BYTES_MAX = 10_000_000
DEPTH_MAX = 40
ELEMENTS_MAX = 500_000
TEXT_CHARACTERS_MAX = 500
"""The longest text of a bank's that is read (Max500Text)."""
_TAG = re.compile(r"\{(?P<namespace>[^}]*)\}(?P<name>.*)\Z")


def read_message(data: bytes, message: str, versions: range) -> xml.Element:
    """Reads an ISO 20022 document of one message, `camt.053.001` in one of some versions, and returns its root, with
    the names of elements without their namespace. Raises GatewayError BANK_FILE_INVALID."""
    if len(data) > BYTES_MAX:
        raise GatewayError("BANK_FILE_INVALID", f"larger than {BYTES_MAX} bytes")
    try:
        root = _parse(data)
    except DefusedXmlException:
        raise GatewayError("BANK_FILE_INVALID", "a document type or entities, which are not read") from None
    except xml.ParseError as error:
        line, column = error.position
        raise GatewayError("BANK_FILE_INVALID", f"no XML: line {line}, column {column + 1}") from None
    except (ValueError, LookupError) as error:
        raise GatewayError("BANK_FILE_INVALID", f"the encoding is not read: {error}"[:200]) from None
    found = _TAG.match(root.tag)
    namespace = found["namespace"] if found else ""
    known = {f"urn:iso:std:iso:20022:tech:xsd:{message}.{version:02}" for version in versions}
    if namespace not in known or not found or found["name"] != "Document":
        wanted = f"{message}.{versions[0]:02} to {versions[-1]:02}"
        raise GatewayError("BANK_FILE_INVALID", f"{wanted} was expected, not {(namespace or root.tag)[:100]!r}")
    own = f"{{{namespace}}}"
    for element in root.iter():
        element.tag = element.tag.removeprefix(own)
    return root


def _parse(data: bytes) -> xml.Element:
    depth = elements = 0
    root: xml.Element | None = None
    for event, element in iterparse(io.BytesIO(data), ("start", "end"), forbid_dtd=True):
        if event == "end":
            depth -= 1
            continue
        root = element if root is None else root
        depth += 1
        elements += 1
        if depth > DEPTH_MAX or elements > ELEMENTS_MAX:
            raise GatewayError("BANK_FILE_INVALID", f"more than {ELEMENTS_MAX} elements, or {DEPTH_MAX} within another")
    assert root is not None  # without an element the parser raises
    return root


def text_at(element: xml.Element, *paths: str) -> str:
    """Returns the text at the first of some paths that has one; empty where none has."""
    for path in paths:
        found = plain_text(element.findtext(path))
        if found:
            return found
    return ""


def plain_text(text: str | None) -> str:
    """Returns a text as one line of visible characters, at most TEXT_CHARACTERS_MAX: it comes from outside and is shown
    to people, in terminals too."""
    words = " ".join((text or "")[: 2 * TEXT_CHARACTERS_MAX].split())
    return "".join(one for one in words if unicodedata.category(one)[0] != "C")[:TEXT_CHARACTERS_MAX]
