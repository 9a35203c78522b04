"""Flow counters and positions: split by writing gateway and shard, so that two lanes never meet on a key (no global counter)."""

from __future__ import annotations

from collections.abc import Mapping

from chaincode.spec import keys
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Context
from chaincode.spec.limits import GUEST_SHARD, INTEGER_MAX, MERCHANTS_MAX
from chaincode.spec.state import View, exact

LANES = GUEST_SHARD + 1
"""How many lanes of a pair have positions: those of the acceptor's gateway and the guests'."""
NO_SLICE = {"cap_millionths": 0, "cover_millionths": 0, "reserved_millionths": 0}
"""What stands for a slice of a limit that was never granted."""
FLOWS = ("issued", "redeemed_own", "redeemed_elsewhere", "expired", "reversed", "restored", "indebted", "repaid")
"""Points of a class. What was clawed back and not there counts as reversed and indebted; what later accruals pay of it, as issued and repaid."""
COMING, GOING = (
    ("issued", "restored", "indebted"),
    ("redeemed_own", "redeemed_elsewhere", "expired", "reversed", "repaid"),
)
"""Outstanding are the flows that come less those that go: what is in all balances."""


def outstanding(flows: Mapping[str, int]) -> int:
    """The points of a class that are in balances."""
    return sum(flows[flow] for flow in COMING) - sum(flows[flow] for flow in GOING)


def count(view: View, context: Context, class_id: str, flow: str, points: int) -> None:
    """Adds `points` to a flow counter of the class in the submitting gateway's shard. Nothing is written for 0 points."""
    if points == 0:
        return
    key = keys.supply(class_id, context.msp_id, context.shard)
    counters = view.get(key) or dict.fromkeys(FLOWS, 0)
    counters[flow] = exact(counters[flow] + points)
    view.put(key, counters)


def position_prefix(window_id: int, *msp_ids: str) -> str:
    """What begins the keys of a window's positions: of all, of an issuer's, or of an issuer's at an acceptor."""
    return "/".join(("position", f"{window_id:08d}", *msp_ids, ""))


def position_value(position: Json) -> int:
    """What the issuer owes the acceptor, in millionths: redeemed less refunded. Negative when refunds outweigh."""
    return int(position["redeemed_millionths"] - position["refunded_millionths"])


def lane_gross_max(minor_unit_millionths: int) -> int:
    """The most, in millionths, that one lane may redeem, and as much that it may refund, of one issuer's points in a window.

    So CloseWindow finds every figure in range, whatever was redeemed and refunded in whatever order: LANES stay at INTEGER_MAX for a pair, and in minor units all
    lanes of MERCHANTS_MAX x (MERCHANTS_MAX - 1) pairs at INTEGER_MAX x 255/256, which leaves room for a rounding and a carry of half a unit a pair.
    """
    return min(INTEGER_MAX // LANES, INTEGER_MAX * minor_unit_millionths // (LANES * MERCHANTS_MAX * MERCHANTS_MAX))


def add_redeemed(view: View, context: Context, window_id: int, issuer_msp: str, value_millionths: int) -> None:
    """Books a redemption at the submitting acceptor. CAP_EXCEEDED, COVER_EXCEEDED when it and what holds have reserved exceed this
    shard's slice of the issuer's limits (without a slice the limit is 0), WINDOW_FULL."""
    acceptor_msp, shard = context.msp_id, context.shard
    key = keys.position(window_id, issuer_msp, acceptor_msp, shard)
    position = view.get(key) or {"redeemed_millionths": 0, "refunded_millionths": 0}
    position["redeemed_millionths"] += value_millionths
    slice_ = view.get(keys.limit(issuer_msp, acceptor_msp, shard)) or NO_SLICE
    reserved = slice_["reserved_millionths"]
    require_within(slice_, issuer_msp, acceptor_msp, position_value(position) + reserved)
    require_room(context, issuer_msp, acceptor_msp, shard, "redeemed", position["redeemed_millionths"] + reserved)
    view.put(key, position)


def require_within(slice_: Json, issuer_msp: str, acceptor_msp: str, used: int) -> None:
    """CAP_EXCEEDED, COVER_EXCEEDED unless `used` millionths are within the slice."""
    for name, code in (("cap", "CAP_EXCEEDED"), ("cover", "COVER_EXCEEDED")):
        most = slice_[f"{name}_millionths"]
        if used > most:
            raise Refusal(code, f"{issuer_msp} at {acceptor_msp}: {name} {most}, would be {used}")


def add_refunded(view: View, context: Context, window_id: int, issuer_msp: str, value_millionths: int) -> None:
    """Books a refund at the submitting acceptor in the open window. WINDOW_FULL."""
    key = keys.position(window_id, issuer_msp, context.msp_id, context.shard)
    position = view.get(key) or {"redeemed_millionths": 0, "refunded_millionths": 0}
    position["refunded_millionths"] += value_millionths
    require_room(context, issuer_msp, context.msp_id, context.shard, "refunded", position["refunded_millionths"])
    view.put(key, position)


def require_room(context: Context, issuer_msp: str, acceptor_msp: str, shard: int, side: str, millionths: int) -> None:
    """WINDOW_FULL when a lane's sum, with what holds have reserved in it, would pass `lane_gross_max`."""
    most = lane_gross_max(context.consortium["currency"]["minor_unit_millionths"])
    if millionths > most:
        raise Refusal(
            "WINDOW_FULL",
            f"{issuer_msp} at {acceptor_msp}: lane {shard} would have {side} {millionths} in this window, at most {most};"
            " another lane or the next window takes it",
        )
