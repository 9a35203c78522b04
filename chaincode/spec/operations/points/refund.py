"""Refund: the acceptor takes back a redemption, whole or `points` of it; the points return to their lots with their dates.

A part returns the draws in the reverse of the order in which they were drawn, so that what lives longest comes back first. The obligation
falls in the open window by the exact value: closed windows are never edited. Refuses: TIME_BEFORE_WINDOW, UNKNOWN_REDEMPTION, NOT_ACCEPTOR,
MERCHANT_NOT_ACTIVE (exited), TOO_MANY_LOTS, NOT_REFUNDABLE, REFUND_EXCEEDS_REDEMPTION, WINDOW_FULL, OVERFLOW.
"""

from __future__ import annotations

from chaincode.spec import fields, footprint, keys
from chaincode.spec.balances import Balance, lot_dates
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.counters import add_refunded, count
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.nouns import PRESENT, current_window, merchant, require_acceptor
from chaincode.spec.redemptions import redemption_of, stored
from chaincode.spec.state import View

NAME = "Refund"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {"points": fields.optional(fields.POSITIVE_POINTS), "redemption_id": fields.OBJECT_ID}


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.redemption(args["redemption_id"]))
    document = footprint.document_at(keys.redemption(args["redemption_id"]), look, found)
    redemption = redemption_of(document, args["redemption_id"])
    if redemption is not None:
        class_ids = {draw["class_id"] for draw in redemption["draws"]}
        footprint.spending(class_ids, redemption["member"], speaker, look, found)
    else:
        found.reads.update((keys.CURRENT_WINDOW, keys.merchant(speaker.msp_id)))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.CURRENT_WINDOW, keys.merchant(context.msp_id), keys.redemption(args["redemption_id"])]


def apply(view: View, context: Context, args: Json) -> Json:
    window = current_window(view, context)
    key = keys.redemption(args["redemption_id"])
    redemption = redemption_of(view.get(key), args["redemption_id"])
    if redemption is None:
        raise Refusal("UNKNOWN_REDEMPTION", args["redemption_id"])
    require_acceptor(context, redemption["acceptor_msp"])
    merchant(view, context.msp_id, PRESENT)
    if redemption["kind"] == "EXCHANGE":
        raise Refusal("NOT_REFUNDABLE", args["redemption_id"])
    left = redemption["points"] - redemption["refunded"]
    points = left if args.get("points") is None else args["points"]
    if points > left or left == 0:
        raise Refusal("REFUND_EXCEEDS_REDEMPTION", f"left {left}, asked {points}")
    member, returned, rest = redemption["member"], [], points
    values: dict[str, int] = {}
    for draw in reversed(redemption["draws"]):
        part = min(draw["points"] - draw["refunded"], rest)
        if part == 0:
            continue
        rest -= part
        draw["refunded"] += part
        value = draw["value_millionths"] // draw["points"] * part
        values[draw["issuer_msp"]] = values.get(draw["issuer_msp"], 0) + value
        balance = Balance.load(view, draw["class_id"], member)
        balance.credit(lot_dates(draw), part)
        balance.save()
        count(view, context, draw["class_id"], "restored", part)
        returned.append(
            {"class_id": draw["class_id"], "lot_id": draw["lot_id"], "points": part, "value_millionths": value}
        )
    redemption["refunded"] += points
    view.put(key, stored(redemption))
    for issuer_msp in sorted(values):
        if issuer_msp != context.msp_id:
            add_refunded(view, context, window["window_id"], issuer_msp, values[issuer_msp])
    return {
        "member": member,
        "points": points,
        "redemption_id": args["redemption_id"],
        "returned": returned,
        "value_millionths": sum(values.values()),
        "window_id": window["window_id"],
    }
