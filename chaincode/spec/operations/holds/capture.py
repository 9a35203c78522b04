"""Capture: the acceptor turns a hold into a redemption, whole or `points` of it; the rest is free again. Pins are taken in draw order.

Refuses: TIME_BEFORE_WINDOW, UNKNOWN_HOLD, NOT_ACCEPTOR, MERCHANT_NOT_ACTIVE, ISSUER_NOT_HONOURED, HOLD_NOT_RESERVED, HOLD_LAPSED, CAPTURE_EXCEEDS_HOLD, REDEMPTION_EXISTS, CAP_EXCEEDED, COVER_EXCEEDED, WINDOW_FULL, OVERFLOW.
"""

from __future__ import annotations

from chaincode.spec import fields, footprint, keys
from chaincode.spec.balances import Balance
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.nouns import ACCEPTING, current_window, merchant, point_class, require_acceptor, require_honoured
from chaincode.spec.redeeming import draw_record, redeem_draws
from chaincode.spec.state import View

NAME = "Capture"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {"hold_id": fields.OBJECT_ID, "points": fields.optional(fields.POSITIVE_POINTS)}


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update((keys.hold(args["hold_id"]), keys.redemption(speaker.new_id)))
    hold = footprint.document_at(keys.hold(args["hold_id"]), look, found)
    if hold is not None:
        footprint.spending({pin["class_id"] for pin in hold["pins"]}, hold["member"], speaker, look, found)
    else:
        found.reads.update((keys.CURRENT_WINDOW, keys.merchant(speaker.msp_id)))


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.CURRENT_WINDOW,
        keys.merchant(context.msp_id),
        keys.hold(args["hold_id"]),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    window = current_window(view, context)
    key = keys.hold(args["hold_id"])
    hold = view.get(key)
    if hold is None:
        raise Refusal("UNKNOWN_HOLD", args["hold_id"])
    require_acceptor(context, hold["acceptor_msp"])
    merchant(view, context.msp_id, ACCEPTING)
    classes = {pin["class_id"]: point_class(view, pin["class_id"]) for pin in hold["pins"]}
    for class_id in sorted(classes):
        require_honoured(view, classes[class_id])
    if hold["status"] != "RESERVED":
        raise Refusal("HOLD_NOT_RESERVED", f"{args['hold_id']} {hold['status']}")
    if context.now > hold["expires_at"]:
        raise Refusal("HOLD_LAPSED", f"now {context.now}, expired {hold['expires_at']}")
    points = hold["points"] if args.get("points") is None else args["points"]
    if points > hold["points"]:
        raise Refusal("CAPTURE_EXCEEDS_HOLD", f"held {hold['points']}, asked {points}")
    draws, rest = [], points
    for pin in hold["pins"]:
        part = min(pin["points"], rest)
        rest -= part
        balance = Balance.load(view, pin["class_id"], hold["member"])
        balance.change(pin, -part, -pin["points"])
        balance.save()
        if part:
            draws.append(draw_record(classes[pin["class_id"]], pin, part))
    redemption = redeem_draws(view, context, window["window_id"], hold["member"], hold["order_ref"], draws)
    hold.update(captured_points=points, redemption_id=redemption["redemption_id"], status="CAPTURED")
    view.put(key, hold)
    return {"hold_id": args["hold_id"], "redemption": redemption}
