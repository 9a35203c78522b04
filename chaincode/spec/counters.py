"""Flow counters and positions: split by writing gateway and shard, so that two lanes never meet on a key (no global counter)."""

from __future__ import annotations

from chaincode.spec import keys
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Context
from chaincode.spec.state import View, exact

FLOWS = ("issued", "redeemed_own", "redeemed_elsewhere", "expired", "reversed", "restored")
"""Points of a class: outstanding = issued - redeemed_own - redeemed_elsewhere - expired - reversed + restored."""


def count(view: View, context: Context, class_id: str, flow: str, points: int) -> None:
    """Adds `points` to a flow counter of the class in the submitting gateway's shard. Nothing is written for 0 points."""
    if points == 0:
        return
    key = keys.supply(class_id, context.msp_id, context.shard)
    counters = view.get(key) or dict.fromkeys(FLOWS, 0)
    counters[flow] = exact(counters[flow] + points)
    view.put(key, counters)


def position_value(position: Json) -> int:
    """What the issuer owes the acceptor, in millionths: redeemed less refunded. Negative when refunds outweigh."""
    return int(position["redeemed_millionths"] - position["refunded_millionths"])


def add_redeemed(view: View, context: Context, window_id: int, issuer_msp: str, value_millionths: int) -> None:
    """Books a redemption at the submitting acceptor. CAP_EXCEEDED, COVER_EXCEEDED by this shard's slice of the issuer's limits;
    without a slice the limit is 0."""
    key = keys.position(window_id, issuer_msp, context.msp_id, context.shard)
    position = view.get(key) or {"redeemed_millionths": 0, "refunded_millionths": 0}
    position["redeemed_millionths"] = exact(position["redeemed_millionths"] + value_millionths)
    value = position_value(position)
    slice_ = view.get(keys.limit(issuer_msp, context.msp_id, context.shard)) or {
        "cap_millionths": 0,
        "cover_millionths": 0,
    }
    if value > slice_["cap_millionths"]:
        raise Refusal(
            "CAP_EXCEEDED", f"{issuer_msp} at {context.msp_id}: cap {slice_['cap_millionths']}, would be {value}"
        )
    if value > slice_["cover_millionths"]:
        raise Refusal(
            "COVER_EXCEEDED", f"{issuer_msp} at {context.msp_id}: cover {slice_['cover_millionths']}, would be {value}"
        )
    view.put(key, position)


def add_refunded(view: View, context: Context, window_id: int, issuer_msp: str, value_millionths: int) -> None:
    """Books a refund at the submitting acceptor in the open window."""
    key = keys.position(window_id, issuer_msp, context.msp_id, context.shard)
    position = view.get(key) or {"redeemed_millionths": 0, "refunded_millionths": 0}
    position["refunded_millionths"] = exact(position["refunded_millionths"] + value_millionths)
    exact(position_value(position))
    view.put(key, position)
