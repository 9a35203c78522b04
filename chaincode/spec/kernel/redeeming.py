"""Spending points at an acceptor: the common part of Redeem, Capture and Exchange."""

from __future__ import annotations

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.calendar import date_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.counters import count
from chaincode.spec.kernel.exposure import add_redeemed
from chaincode.spec.kernel.limits import DRAWS_PER_REDEMPTION_MAX
from chaincode.spec.kernel.redemptions import stored
from chaincode.spec.kernel.requests import Memory, entry_of
from chaincode.spec.kernel.reserving import add_captured
from chaincode.spec.kernel.state import View, exact


def draw_record(found: Json, expires_on: str | None, points: int) -> Json:
    """One draw: `points` of class `found` with one last day (so that a refund can bring them back), and their exact
    value."""
    return {
        "class_id": found["class_id"],
        "expires_on": expires_on,
        "issuer_msp": found["issuer_msp"],
        "points": points,
        "refunded": 0,
        "value_millionths": exact(points * found["unit_value_millionths"]),
    }


def redeem_draws(
    view: View,
    context: Context,
    window: Json,
    member: str,
    order_ref: str,
    draws: list[Json],
    kind: str = "PURCHASE",
    hold: Json = None,
) -> Json:
    """Books draws that have left their balances as a redemption at the submitting acceptor: counters, positions, limits
    and the redemption itself, which it gives. Draws of the acceptor's own points make no obligation; for those of a
    `hold` the room is reserved. TOO_MANY_BUCKETS, CAP_EXCEEDED, COVER_EXCEEDED and WINDOW_FULL (without a hold),
    OVERFLOW."""
    if len(draws) > DRAWS_PER_REDEMPTION_MAX:
        raise Refusal("TOO_MANY_BUCKETS", f"the redemption draws on {len(draws)} buckets")
    points: dict[str, int] = {}
    values: dict[str, int] = {}
    for draw in draws:
        points[draw["class_id"]] = points.get(draw["class_id"], 0) + draw["points"]
        values[draw["issuer_msp"]] = exact(values.get(draw["issuer_msp"], 0) + draw["value_millionths"])
    issuers = {draw["class_id"]: draw["issuer_msp"] for draw in draws}
    total = exact(sum(values.values()))
    for issuer_msp in sorted(values):
        if issuer_msp == context.msp_id:
            continue
        if hold is None:
            add_redeemed(view, context, window, issuer_msp, values[issuer_msp])
        else:
            add_captured(view, window, issuer_msp, hold, values[issuer_msp])
    for class_id in sorted(points):
        flow = "redeemed_own" if issuers[class_id] == context.msp_id else "redeemed_elsewhere"
        count(view, context, class_id, flow, points[class_id])
    redemption = {
        "acceptor_msp": context.msp_id,
        "draws": draws,
        "kind": kind,
        "member": member,
        "order_ref": order_ref,
        "points": sum(points.values()),
        "redeemed_on": date_of(context.today),
        "redemption_id": context.new_id,
        "refunded": 0,
        "shard": context.shard if hold is None else hold["shard"],
        "value_millionths": total,
        "window_id": window["window_id"],
    }
    key = keys.redemption(context.new_id)
    view.put(key, stored(redemption, Memory(view, key, [entry_of(context)])))
    return redemption
