"""Room in issuers' limits that open holds keep, so that a capture cannot fail for a limit.

A hold reserves the value of other issuers' points in one slice of each issuer's limit for the acceptor: that of the
lane in which the acceptor's own gateway makes it, or the guests' (`GUEST_SHARD`) when another gateway relays it, so
that the slices of lanes have one writing gateway. The hold names the slice: whichever lane captures books there, and
whoever ends the hold gives back there. What is reserved outlives a window's cut.
"""

from __future__ import annotations

from chaincode.spec.kernel import exposure
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.limits import GUEST_SHARD
from chaincode.spec.kernel.state import View, exact


def shard_of(acceptor_msp: str, msp_id: str, shard: int) -> int:
    """The slice in which a hold for the acceptor reserves when `msp_id` submits it in its lane `shard`."""
    return shard if msp_id == acceptor_msp else GUEST_SHARD


def amounts_of(pins: list[Json], classes: dict[str, Json]) -> list[Json]:
    """What a hold pins of each class, by class: `{captured_points, class_id, issuer_msp, points, value_millionths}`.
    OVERFLOW."""
    points: dict[str, int] = {}
    for pin in pins:
        points[pin["class_id"]] = points.get(pin["class_id"], 0) + pin["points"]
    return [
        {
            "captured_points": 0,
            "class_id": class_id,
            "issuer_msp": classes[class_id]["issuer_msp"],
            "points": points[class_id],
            "value_millionths": exact(points[class_id] * classes[class_id]["unit_value_millionths"]),
        }
        for class_id in sorted(points)
    ]


def reserved_by(hold: Json) -> dict[str, int]:
    """What an open hold reserves of each other issuer's limit, in millionths, by issuer; points worth nothing reserve
    nothing."""
    values: dict[str, int] = {}
    for amount in hold["amounts"]:
        if amount["issuer_msp"] != hold["acceptor_msp"] and amount["value_millionths"]:
            values[amount["issuer_msp"]] = values.get(amount["issuer_msp"], 0) + amount["value_millionths"]
    return dict(sorted(values.items()))


def reserve(view: View, context: Context, window: Json, hold: Json) -> None:
    """Reserves what the hold may come to make the issuers owe. CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL, OVERFLOW."""
    acceptor_msp, shard = hold["acceptor_msp"], hold["shard"]
    for issuer_msp, value in reserved_by(hold).items():
        exposure.reserve(view, context, window, issuer_msp, acceptor_msp, shard, value)


def give_back(view: View, hold: Json) -> None:
    """Ends the hold's reservation."""
    for issuer_msp, value in reserved_by(hold).items():
        exposure.give_back(view, issuer_msp, hold["acceptor_msp"], hold["shard"], value)


def add_captured(view: View, window: Json, issuer_msp: str, hold: Json, value_millionths: int) -> None:
    """Books a capture where the hold reserved for it: no limit is asked again."""
    exposure.book(view, window, issuer_msp, hold["acceptor_msp"], hold["shard"], redeemed=value_millionths)
