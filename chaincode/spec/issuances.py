"""The record of an issuance, as it is stored: the list of its values, with days as integers. It outlives the points and the receipt of the request that made it."""

from __future__ import annotations

from chaincode.spec.calendar import date_of, day_number
from chaincode.spec.canonical import Json

ISSUANCE_FIELDS = ("account", "available_on", "clawback_until", "expires_on", "issued_on", "points", "reversed")
"""The order of a stored issuance's values: who was given how many points, their days (`clawback_until`: the last on which they can be clawed back, None for never), and how many
were clawed back."""
DATES = ("available_on", "clawback_until", "expires_on", "issued_on")


def issuance_of(document: Json) -> Json:
    """A stored issuance by the names of its values, with dates; None for None."""
    if document is None:
        return None
    found = dict(zip(ISSUANCE_FIELDS, document, strict=True))
    return {**found, **{name: date_of(found[name]) for name in DATES}}


def stored(issuance: Json) -> Json:
    """The document of an issuance."""
    return [day_number(issuance[name]) if name in DATES else issuance[name] for name in ISSUANCE_FIELDS]
