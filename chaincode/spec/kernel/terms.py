"""The terms of a class: what a member who takes its points must know of them, and of which its issuer can change the
most."""

from __future__ import annotations

import hashlib

from chaincode.spec.kernel.canonical import Json, encode

TERMS = ("accepted_by", "decimals", "enrolled_only", "transferable", "unit_value_millionths", "validity")


def terms_hash(point_class: Json) -> str:
    """SHA-256, in hex, of the canonical object of a class's TERMS."""
    return hashlib.sha256(encode({name: point_class[name] for name in TERMS})).hexdigest()
