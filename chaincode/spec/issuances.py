"""The record of where a lot began, as it is stored: the list of its values. It outlives the lot and the receipt of the request that made it."""

from __future__ import annotations

from chaincode.spec.canonical import Json

ISSUANCE_FIELDS = ("account", "available_on", "expires_on", "issued_on", "points", "reversed")
"""The order of a stored issuance's values: who was given how many points, their dates, and how many were clawed back."""


def issuance_of(document: Json) -> Json:
    """A stored issuance by the names of its values; None for None."""
    return None if document is None else dict(zip(ISSUANCE_FIELDS, document, strict=True))


def stored(issuance: Json) -> Json:
    """The document of an issuance."""
    return [issuance[name] for name in ISSUANCE_FIELDS]
