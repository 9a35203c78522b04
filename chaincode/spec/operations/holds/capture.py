"""Capture: the acceptor turns a hold into a redemption, whole or `points` of it; the rest is free again. Pins are taken
in draw order.

Room in the issuers' limits was reserved by the hold, so a capture is refused for no limit. The hold that is left says
what it was of each class, and pins nothing.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys
from chaincode.spec.kernel.balances import Balance
from chaincode.spec.kernel.calendar import day_number
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.redeeming import draw_record, redeem_draws
from chaincode.spec.kernel.reserving import give_back
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.merchant import ACCEPTING, merchant, require_acceptor
from chaincode.spec.nouns.point_class import point_class, require_honoured
from chaincode.spec.nouns.redemption import Redemption

NAME = "Capture"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {"hold_id": fields.OBJECT_ID, "points": fields.optional(fields.POSITIVE_POINTS)}
RESULT = {"hold_id": str, "redemption": Redemption}
REFUSES = (
    "TIME_BEFORE_WINDOW",
    "NOT_ACCEPTOR",
    "MERCHANT_NOT_ACTIVE",
    "ISSUER_NOT_HONOURED",
    "UNKNOWN_HOLD",
    "HOLD_NOT_RESERVED",
    "HOLD_LAPSED",
    "CAPTURE_EXCEEDS_HOLD",
    "OVERFLOW",
)
CREATES = ("redemption", "supply", "position")


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.redemption(f"{authoriser}/{request_id}")


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update((keys.hold(args["hold_id"]), keys.redemption(speaker.new_id)))
    hold = footprint.document_at(keys.hold(args["hold_id"]), look, found)
    current = footprint.document_at(keys.CURRENT_WINDOW, look, found)
    found.reads.add(keys.merchant(speaker.msp_id))
    if hold is None:
        return
    footprint.ending(hold, speaker, found)
    for amount in hold["amounts"]:
        footprint.issuer_at(amount["class_id"], look, found)
        found.writes.add(keys.supply(amount["class_id"], speaker.msp_id, speaker.shard))
        if current is not None and amount["issuer_msp"] != hold["acceptor_msp"]:
            place = (amount["issuer_msp"], hold["acceptor_msp"], hold["shard"])
            found.writes.add(keys.position(current["window_id"], *place))


def apply(view: View, context: Context, args: Json) -> Json:
    window = current_window(view, context)
    key = keys.hold(args["hold_id"])
    hold = view.get(key)
    if hold is None:
        raise Refusal("UNKNOWN_HOLD", args["hold_id"])
    require_acceptor(context, hold["acceptor_msp"])
    merchant(view, context.msp_id, ACCEPTING)
    classes = {amount["class_id"]: point_class(view, amount["class_id"]) for amount in hold["amounts"]}
    for class_id in sorted(classes):
        require_honoured(view, context, classes[class_id])
    if hold["status"] != "RESERVED":
        raise Refusal("HOLD_NOT_RESERVED", f"{args['hold_id']} {hold['status']}")
    if context.now > hold["expires_at"]:
        raise Refusal("HOLD_LAPSED", f"now {context.now}, expired {hold['expires_at']}")
    points = hold["points"] if args.get("points") is None else args["points"]
    if points > hold["points"]:
        raise Refusal("CAPTURE_EXCEEDS_HOLD", f"held {hold['points']}, asked {points}")
    draws, rest = [], points
    balances: dict[str, Balance] = {}
    for pin in hold["pins"]:
        part = min(pin["points"], rest)
        rest -= part
        class_id = pin["class_id"]
        if class_id not in balances:
            balances[class_id] = Balance.load(view, class_id, hold["member"], context.today)
        balances[class_id].change(day_number(pin["expires_on"]), -part, -pin["points"])
        if part:
            draws.append(draw_record(classes[class_id], pin["expires_on"], part))
    for balance in balances.values():
        balance.save(context)
    redemption = redeem_draws(view, context, window, hold["member"], hold["order_ref"], draws, hold=hold)
    give_back(view, hold)
    for amount in hold["amounts"]:
        amount["captured_points"] = sum(draw["points"] for draw in draws if draw["class_id"] == amount["class_id"])
    hold.update(captured_points=points, pins=[], redemption_id=redemption["redemption_id"], status="CAPTURED")
    view.put(key, hold)
    return {"hold_id": args["hold_id"], "redemption": redemption}
