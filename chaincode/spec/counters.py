"""Flow counters and positions: split by writing gateway and shard, so that two lanes never meet on a key (no global counter)."""

from __future__ import annotations

from chaincode.spec import keys
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Context
from chaincode.spec.state import View, exact

NO_SLICE = {"cap_millionths": 0, "cover_millionths": 0, "reserved_millionths": 0}
"""What stands for a slice of a limit that was never granted."""
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
    """Books a redemption at the submitting acceptor. CAP_EXCEEDED, COVER_EXCEEDED when it and what holds have reserved exceed this
    shard's slice of the issuer's limits; without a slice the limit is 0."""
    key = keys.position(window_id, issuer_msp, context.msp_id, context.shard)
    position = view.get(key) or {"redeemed_millionths": 0, "refunded_millionths": 0}
    position["redeemed_millionths"] = exact(position["redeemed_millionths"] + value_millionths)
    slice_ = view.get(keys.limit(issuer_msp, context.msp_id, context.shard)) or NO_SLICE
    used = position_value(position) + slice_["reserved_millionths"]
    require_within(slice_, issuer_msp, context.msp_id, used)
    view.put(key, position)


def require_within(slice_: Json, issuer_msp: str, acceptor_msp: str, used: int) -> None:
    """CAP_EXCEEDED, COVER_EXCEEDED unless `used` millionths are within the slice."""
    for name, code in (("cap", "CAP_EXCEEDED"), ("cover", "COVER_EXCEEDED")):
        most = slice_[f"{name}_millionths"]
        if used > most:
            raise Refusal(code, f"{issuer_msp} at {acceptor_msp}: {name} {most}, would be {used}")


def add_refunded(view: View, context: Context, window_id: int, issuer_msp: str, value_millionths: int) -> None:
    """Books a refund at the submitting acceptor in the open window."""
    key = keys.position(window_id, issuer_msp, context.msp_id, context.shard)
    position = view.get(key) or {"redeemed_millionths": 0, "refunded_millionths": 0}
    position["refunded_millionths"] = exact(position["refunded_millionths"] + value_millionths)
    exact(position_value(position))
    view.put(key, position)
