"""Exchange: a member gives points of one class for new points of another, at the rate version and on the terms she saw.

The points given are redeemed at the issuer of the points received, so their issuer comes to owe it their value; the
points received are floor(points * numerator / denominator), issued as issuance `<address>/<request_id>.0`, which nobody
can claw back by itself (what is clawed back of another issuance to the account may be taken from these points:
`ReverseIssue`). `terms_hash` is `terms.terms_hash` of the class received: how long its points last, where they are
taken, whether they can be sent on, what one is worth; so its issuer, who relays, cannot change them after the
signature. Requires: the issuer of the points received relays.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys, limits
from chaincode.spec.kernel.balances import Balance
from chaincode.spec.kernel.calendar import date_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.issuing import Kind, issue
from chaincode.spec.kernel.redeeming import draw_record, redeem_draws
from chaincode.spec.kernel.state import View, exact
from chaincode.spec.kernel.terms import terms_hash
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.issuance import NewIssuance
from chaincode.spec.nouns.member import require_receiving, require_spending
from chaincode.spec.nouns.merchant import ISSUING, merchant, require_acceptor
from chaincode.spec.nouns.point_class import point_class, require_running, spendable_classes
from chaincode.spec.nouns.redemption import Redemption

NAME = "Exchange"
AUTHORITY = Authority.MEMBER
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {
    "from_class_id": fields.CLASS_ID,
    "points": fields.POSITIVE_POINTS,
    "rate_version": fields.integer(1, limits.INTEGER_MAX),
    "terms_hash": fields.HASH,
    "to_class_id": fields.CLASS_ID,
}
RESULT = {"issuance": NewIssuance, "redemption": Redemption}
REFUSES = (
    "TIME_BEFORE_WINDOW",
    "NOT_ACCEPTOR",
    "MERCHANT_NOT_ACTIVE",
    "UNKNOWN_CLASS",
    "CLASS_STOPPED",
    "NOT_ACCEPTED",
    "ISSUER_NOT_HONOURED",
    "NO_RATE",
    "RATE_CHANGED",
    "TERMS_CHANGED",
    "NOT_ENROLLED",
    "MEMBER_NOT_ACTIVE",
    "INSUFFICIENT_POINTS",
    "AMOUNT_TOO_SMALL",
    "EXPIRES_BEFORE_AVAILABLE",
    "TOO_MANY_BUCKETS",
    "CAP_EXCEEDED",
    "COVER_EXCEEDED",
    "WINDOW_FULL",
    "OVERFLOW",
)
CREATES = ("balance", "redemption", "supply", "position")


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.redemption(f"{authoriser}/{request_id}")


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    footprint.spending([args["from_class_id"]], speaker.authoriser, speaker, look, found)
    footprint.issuing({"class_id": args["to_class_id"]}, speaker, found, speaker.authoriser)
    found.reads.add(keys.rate(args["from_class_id"], args["to_class_id"]))
    found.writes.add(keys.redemption(speaker.new_id))
    # What is received counts for the acceptor too, when the given class is its own.
    found.writes.add(keys.supply(args["from_class_id"], speaker.msp_id, speaker.shard))


def apply(view: View, context: Context, args: Json) -> Json:
    window = current_window(view, context)
    member = context.authoriser
    received = point_class(view, args["to_class_id"])
    require_acceptor(context, received["issuer_msp"])
    merchant(view, context.msp_id, ISSUING)
    given = point_class(view, args["from_class_id"])
    require_running(received)
    spendable_classes(view, context, [given["class_id"]], context.msp_id)
    rate = view.get(keys.rate(given["class_id"], received["class_id"]))
    if rate is None or not rate["active"]:
        raise Refusal("NO_RATE", f"{given['class_id']} to {received['class_id']}")
    if rate["version"] != args["rate_version"]:
        raise Refusal("RATE_CHANGED", f"version {rate['version']}, expected {args['rate_version']}")
    terms = terms_hash(received)
    if terms != args["terms_hash"]:
        raise Refusal("TERMS_CHANGED", f"{received['class_id']} has {terms}, expected {args['terms_hash']}")
    require_receiving(view, received, member)
    require_spending(view, member)
    balance = Balance.load(view, given["class_id"], member, context.today)
    draws = [draw_record(given, date_of(expires), part) for expires, part in balance.draw(args["points"])]
    balance.save(context)
    points = exact(args["points"] * rate["numerator"] // rate["denominator"])
    if points == 0:
        raise Refusal("AMOUNT_TOO_SMALL", f"{args['points']} points give 0")
    issuance = issue(view, context, received, member, points, kind=Kind.EXCHANGED)
    reference = f"exchange {received['class_id']} version {rate['version']}"
    redemption = redeem_draws(view, context, window, member, reference, draws, kind="EXCHANGE")
    return {"issuance": issuance, "redemption": redemption}
