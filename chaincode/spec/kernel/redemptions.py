"""Points spent at an acceptor, as they are stored: the list of a redemption's values, with each draw as the list of its
own.

Left out is what follows from the rest: the id, which is the key, and the points and the value of the whole, which are
the sums over the draws.
"""

from __future__ import annotations

from chaincode.spec.kernel.calendar import add_days, date_of, day_number
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.requests import Memory

REDEMPTION_FIELDS = (
    "acceptor_msp",
    "draws",
    "kind",
    "member",
    "memory",
    "order_ref",
    "redeemed_on",
    "refunded",
    "shard",
    "window_id",
)
"""The order of a stored redemption's values. `refunded` is points; `shard` the lane of whose position the redemption
is, and its refunds are; `memory` is what is remembered of requests about it (`requests`)."""
DRAW_FIELDS = ("class_id", "expires_on", "issuer_msp", "points", "refunded", "value_millionths")
"""The order of a stored draw's values: the bucket (its last day as an integer), how many points of it were drawn, what
they are worth, and how many came back."""


def redemption_of(document: Json, redemption_id: str) -> Json:
    """A stored redemption by the names of its values but its memory, in the order of the names, with what was left out;
    None for None."""
    if document is None:
        return None
    found = dict(zip(REDEMPTION_FIELDS, document, strict=True))
    found["draws"] = [draw_of(draw) for draw in found["draws"]]
    found.update({name: sum(draw[name] for draw in found["draws"]) for name in ("points", "value_millionths")})
    found["redemption_id"] = redemption_id
    del found["memory"]
    return dict(sorted(found.items()))


def draw_of(document: Json) -> Json:
    """A stored draw by the names of its values, with a date."""
    found = dict(zip(DRAW_FIELDS, document, strict=True))
    return {**found, "expires_on": date_of(found["expires_on"])}


def last_refund_day(redeemed_on: str, consortium: Json) -> int:
    """The last day on which what was redeemed on a date can be refunded. (An exchange cannot be at all, and is kept
    as long.)"""
    return add_days(day_number(redeemed_on), consortium["refund_days"])


def stored(redemption: Json, memory: Memory | None = None) -> Json:
    """The document of a redemption, with this memory of it or none."""
    draws = [{**draw, "expires_on": day_number(draw["expires_on"])} for draw in redemption["draws"]]
    values = {
        **redemption,
        "memory": memory.stored if memory else [[], 0],
        "draws": [[draw[name] for name in DRAW_FIELDS] for draw in draws],
    }
    return [values[name] for name in REDEMPTION_FIELDS]
