"""Points spent at an acceptor, as they are stored: the list of a redemption's values, with each draw as the list of its own.

Left out is what follows from the rest: the id, which is the key, and the points and the value of the whole, which are the sums over the draws.
"""

from __future__ import annotations

from chaincode.spec.canonical import Json

REDEMPTION_FIELDS = ("acceptor_msp", "draws", "kind", "member", "order_ref", "redeemed_on", "refunded", "window_id")
"""The order of a stored redemption's values. `refunded` is points."""
DRAW_FIELDS = (
    "available_on",
    "class_id",
    "expires_on",
    "issued_on",
    "issuer_msp",
    "lot_id",
    "points",
    "refunded",
    "value_millionths",
)
"""The order of a stored draw's values: a lot with its dates, and how many points of it were drawn, what they are worth, and how many came back."""


def redemption_of(document: Json, redemption_id: str) -> Json:
    """A stored redemption by the names of its values, in the order of the names, with what was left out; None for None."""
    if document is None:
        return None
    found = dict(zip(REDEMPTION_FIELDS, document, strict=True))
    found["draws"] = [dict(zip(DRAW_FIELDS, draw, strict=True)) for draw in found["draws"]]
    found.update({name: sum(draw[name] for draw in found["draws"]) for name in ("points", "value_millionths")})
    found["redemption_id"] = redemption_id
    return dict(sorted(found.items()))


def stored(redemption: Json) -> Json:
    """The document of a redemption."""
    values = {**redemption, "draws": [[draw[name] for name in DRAW_FIELDS] for draw in redemption["draws"]]}
    return [values[name] for name in REDEMPTION_FIELDS]
