"""What two merchants owe one another and have not paid, and the limits that bound it.

An issuer grants an acceptor one cap and one cover: people see one number of each for a pair. On the ledger they lie in
slices (`limit/…`), so that lanes that redeem side by side share no key:

| shard | whose use is bounded |
|---|---|
| 0 to SHARDS_MAX - 1 | redemptions in that lane of the acceptor's gateway |
| GUEST_SHARD | holds for the acceptor that other gateways relay |
| REFUND_SHARD + s | refunds by the issuer of what was redeemed there in lane s, by which it comes to owe the acceptor |

A redemption makes the points' issuer owe the acceptor; a refund in a later window makes the acceptor owe the issuer,
within what it granted that one. What counts is all of the open window and of every window whose payments are not all
confirmed, each by itself: what is owed in one window is paid in full, whatever a later one brings. What a merchant owes
in a window counts no more once its default in it was declared, for others bear it then. So what is used
never grows but by an operation that asks for it, and cover is never less than what is used. Each slice has one writing
gateway in the ordinary course: the acceptor's, for refunds the issuer's.

A dispute takes an amount out of one window's position and, as far as it is lost, into another's, `adjusted`
(`disputing`); between the two it is reserved, so what is used stays the same.
"""

from __future__ import annotations

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.limits import GUEST_SHARD, INTEGER_MAX, MERCHANTS_MAX, REFUND_SHARD
from chaincode.spec.kernel.state import View, exact

LANES = GUEST_SHARD + 1
"""How many lanes of a pair have positions: those of the acceptor's gateway and the guests'."""
NO_SLICE = {"cap_millionths": 0, "cover_millionths": 0, "reserved_millionths": 0}
"""What stands for a slice of a limit that was never granted."""
NO_POSITION = {"adjusted_millionths": 0, "redeemed_millionths": 0, "refunded_millionths": 0}
LIMITS = (("cap", "CAP_EXCEEDED"), ("cover", "COVER_EXCEEDED"))


def position_prefix(window_id: int, *msp_ids: str) -> str:
    """What begins the keys of a window's positions: of all, of an issuer's, or of an issuer's at an acceptor."""
    return "/".join(("position", f"{window_id:08d}", *msp_ids, ""))


def slices_prefix(issuer_msp: str, acceptor_msp: str) -> str:
    """What begins the keys of a pair's slices."""
    return f"limit/{issuer_msp}/{acceptor_msp}/"


def slices(view: View, issuer_msp: str, acceptor_msp: str) -> dict[int, Json]:
    """A pair's slices by their shard."""
    prefix = slices_prefix(issuer_msp, acceptor_msp)
    return {int(key.removeprefix(prefix)): slice_ for key, slice_ in view.range(prefix)}


def put_slice(view: View, issuer_msp: str, acceptor_msp: str, shard: int, slice_: Json) -> None:
    """Stores a slice; one of nothing goes."""
    key = keys.limit(issuer_msp, acceptor_msp, shard)
    if slice_ == NO_SLICE:
        view.delete(key)
    else:
        view.put(key, slice_)


def unpaid_windows(window: Json) -> list[int]:
    """The windows whose obligations count, by the open one `window`: those that are not settled, and itself."""
    return [*window["unsettled"], window["window_id"]]


def positions(window: Json, issuer_msp: str, acceptor_msp: str, shard: int) -> list[str]:
    """The keys of the positions that say what is used of a slice."""
    discharged = {one["window_id"] for one in window["discharged"] if one["msp_id"] == issuer_msp}
    lane = (issuer_msp, acceptor_msp, shard)
    if shard >= REFUND_SHARD:
        lane = (acceptor_msp, issuer_msp, shard - REFUND_SHARD)
    return [keys.position(window_id, *lane) for window_id in unpaid_windows(window) if window_id not in discharged]


def outweighing(position: Json) -> int:
    """What a position's redemptions, and what disputes moved, outweigh its refunds by, in millionths; negative where
    refunds outweigh."""
    return int(position["redeemed_millionths"] + position["adjusted_millionths"] - position["refunded_millionths"])


def gross(position: Json) -> int:
    """What `lane_gross_max` bounds of a position, with what is reserved: redeemed, and moved into it."""
    return int(position["redeemed_millionths"] + max(position["adjusted_millionths"], 0))


def owed(view: View, window: Json, issuer_msp: str, acceptor_msp: str, shard: int) -> int:
    """What the issuer owes the acceptor by the positions of a slice, in millionths: the sum over the windows in which
    redemptions outweigh, of a slice for refunds over those in which refunds do."""
    sign = -1 if shard >= REFUND_SHARD else 1
    total = 0
    for key in positions(window, issuer_msp, acceptor_msp, shard):
        position = view.get(key) or NO_POSITION
        total += max(sign * outweighing(position), 0)
    return total


def used(view: View, window: Json, issuer_msp: str, acceptor_msp: str, shard: int) -> int:
    """What is used of a slice, in millionths: owed and not paid, and reserved by holds and disputes."""
    slice_ = view.get(keys.limit(issuer_msp, acceptor_msp, shard)) or NO_SLICE
    return owed(view, window, issuer_msp, acceptor_msp, shard) + int(slice_["reserved_millionths"])


def require_within(view: View, window: Json, issuer_msp: str, acceptor_msp: str, shard: int, added: int) -> None:
    """CAP_EXCEEDED, COVER_EXCEEDED unless what is used of the slice, `added` millionths with it, is within it."""
    slice_ = view.get(keys.limit(issuer_msp, acceptor_msp, shard)) or NO_SLICE
    use = used(view, window, issuer_msp, acceptor_msp, shard)
    for name, code in LIMITS:
        room = slice_[f"{name}_millionths"] - use + added
        if added > room:
            place = f"{issuer_msp} at {acceptor_msp}, slice {shard}"
            raise Refusal(code, f"{place}: {name} has room for {max(room, 0)} millionths, asked {added}")


def lane_gross_max(minor_unit_millionths: int) -> int:
    """The most, in millionths, that one lane may redeem, with what disputes move into it, and as much that it may
    refund, of one issuer's points in a window. (A dispute takes no more out of it than was redeemed there.)

    So CloseWindow finds every figure in range, whatever was redeemed and refunded in whatever order: LANES stay at
    INTEGER_MAX for a pair, and in minor units all lanes of MERCHANTS_MAX x (MERCHANTS_MAX - 1) pairs at INTEGER_MAX x
    255/256, which leaves room for a rounding and a carry of half a unit a pair.
    """
    return min(INTEGER_MAX // LANES, INTEGER_MAX * minor_unit_millionths // (LANES * MERCHANTS_MAX * MERCHANTS_MAX))


def require_room(context: Context, issuer_msp: str, acceptor_msp: str, shard: int, side: str, millionths: int) -> None:
    """WINDOW_FULL when a lane's sum, with what holds and disputes have reserved in it, would pass `lane_gross_max`."""
    most = lane_gross_max(context.consortium["currency"]["minor_unit_millionths"])
    if millionths > most:
        raise Refusal(
            "WINDOW_FULL",
            f"{issuer_msp} at {acceptor_msp}: lane {shard} would have {side} {millionths} in this window, "
            f"at most {most}; another lane or the next window takes it",
        )


def book(view: View, window: Json, issuer_msp: str, acceptor_msp: str, shard: int, **change: int) -> Json:
    """Adds to a lane's position in the open window, `redeemed`, `refunded` or `adjusted` in millionths; gives the
    position."""
    key = keys.position(window["window_id"], issuer_msp, acceptor_msp, shard)
    position = view.get(key) or dict(NO_POSITION)
    for side, millionths in change.items():
        position[f"{side}_millionths"] += millionths
    view.put(key, position)
    return position


def add_redeemed(view: View, context: Context, window: Json, issuer_msp: str, value_millionths: int) -> None:
    """Books a redemption at the submitting acceptor. CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL."""
    lane = (issuer_msp, context.msp_id, context.shard)
    position = book(view, window, *lane, redeemed=value_millionths)
    if outweighing(position) > 0:
        require_within(view, window, *lane, min(outweighing(position), value_millionths))
    reserved = (view.get(keys.limit(*lane)) or NO_SLICE)["reserved_millionths"]
    require_room(context, *lane, "redeemed", gross(position) + reserved)


def reserve(
    view: View,
    context: Context,
    window: Json,
    issuer_msp: str,
    acceptor_msp: str,
    shard: int,
    millionths: int,
    owed_before: int = 0,
) -> None:
    """Reserves in a slice what the issuer may come to owe; `owed_before` of it counted as owed until now, and needs no
    room. CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL, OVERFLOW."""
    lane = (issuer_msp, acceptor_msp, shard)
    slice_ = view.get(keys.limit(*lane)) or dict(NO_SLICE)
    slice_["reserved_millionths"] = exact(slice_["reserved_millionths"] + millionths)
    view.put(keys.limit(*lane), slice_)
    if millionths > owed_before:
        require_within(view, window, *lane, millionths - owed_before)
    position = view.get(keys.position(window["window_id"], *lane)) or NO_POSITION
    require_room(context, *lane, "redeemed", gross(position) + slice_["reserved_millionths"])


def give_back(view: View, issuer_msp: str, acceptor_msp: str, shard: int, millionths: int) -> None:
    """Ends a reservation."""
    key = keys.limit(issuer_msp, acceptor_msp, shard)
    slice_ = view.get(key)
    slice_["reserved_millionths"] -= millionths
    assert slice_["reserved_millionths"] >= 0, (key, slice_)
    put_slice(view, issuer_msp, acceptor_msp, shard, slice_)


def add_refunded(view: View, context: Context, window: Json, issuer_msp: str, shard: int, millionths: int) -> None:
    """Books a refund at the submitting acceptor in the open window, in the redemption's lane. What outweighs the lane's
    redemptions in it the acceptor comes to owe, within its own limit for the issuer: so within the redemption's window
    a refund is refused for no limit, unless refunds of earlier windows take what was redeemed in this one.
    CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL."""
    acceptor_msp = context.msp_id
    position = book(view, window, issuer_msp, acceptor_msp, shard, refunded=millionths)
    if outweighing(position) < 0:
        added = min(-outweighing(position), millionths)
        require_within(view, window, acceptor_msp, issuer_msp, REFUND_SHARD + shard, added)
    require_room(context, issuer_msp, acceptor_msp, shard, "refunded", position["refunded_millionths"])
