"""The schemas of ISO 20022 messages, as packages bring them that write and read such messages."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import xmlschema

PLACES = {
    "camt.053.001.02": ("camt053", "xsd"),
    "camt.053.001.08": ("camt053", "xsd"),
    "pain.001.001.09": ("pain001", "templates/pain.001.001.09"),
    "pain.002.001.03": ("pain001", "pain002/schemas"),
    "pain.002.001.12": ("pain001", "pain002/schemas"),
}


def schema(message: str) -> xmlschema.XMLSchema:
    """The schema of a message's version, such as `pain.001.001.09`."""
    package, folder = PLACES[message]
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    return xmlschema.XMLSchema(Path(found.origin).parent / folder / f"{message}.xsd")
