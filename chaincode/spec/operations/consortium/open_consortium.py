"""OpenConsortium: the first operation. Fixes name, operators, network, currency, time zone and deadlines, and opens
window 1 at `now`. For `refund_days` after its day a redemption can be refunded; then Sweep may delete it. A statement
is to be answered within `acceptance_days` of its window's closing, payments are to be recorded within `payment_days`
after those, and each record to be answered within `confirmation_days`. `disputes` says how long each stage of a dispute
lasts, and what its loser pays the winner.

So that no organisation on the channel makes itself the operator, each organisation's chaincode server is told of the
operators by that organisation's own declaration, and endorses no others. `network_id` is the hash of the channel's
first block, which each such server was told, too: what members sign names it, and is good on no other network.
Requires: an admin of one of the operators it names.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys, limits
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View

NAME = "OpenConsortium"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN,)
ARGUMENTS = {
    "acceptance_days": fields.integer(0, limits.ACCEPTANCE_DAYS_MAX),
    "confirmation_days": fields.integer(1, limits.CONFIRMATION_DAYS_MAX),
    "currency": fields.record({"code": fields.CURRENCY, "minor_unit_millionths": fields.MINOR_UNIT}),
    "disputes": fields.record(
        {
            **{
                f"{stage}_days": fields.integer(0, limits.DISPUTE_DAYS_MAX)
                for stage in ("inquiry", "escalation", "answer", "vote")
            },
            "fee_minor": fields.integer(0, limits.DISPUTE_FEE_MINOR_MAX),
        }
    ),
    "name": fields.NAME,
    "network_id": fields.HASH,
    "operators": fields.unique(fields.array(fields.MSP_ID, 1, limits.OPERATORS_MAX)),
    "payment_days": fields.integer(1, limits.PAYMENT_DAYS_MAX),
    "refund_days": fields.integer(1, limits.REFUND_DAYS_MAX),
    "time_zone": fields.record({"name": fields.NAME, "offsets": fields.OFFSETS}),
}
RESULT = {"window_id": int}
REFUSES = ("CONSORTIUM_OPEN", "NOT_OPERATOR", "OPERATORS_DIFFER", "NETWORK_DIFFERS")
CREATES = ("consortium", "current_window")
OPENS = True


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update((keys.CONSORTIUM, keys.CURRENT_WINDOW))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.CONSORTIUM]


def apply(view: View, context: Context, args: Json) -> Json:
    if view.get(keys.CONSORTIUM) is not None:
        raise Refusal("CONSORTIUM_OPEN", "the consortium was opened before")
    if context.msp_id not in args["operators"]:
        raise Refusal("NOT_OPERATOR", context.msp_id)
    told = context.transaction.operators
    if told is not None and set(told) != set(args["operators"]):
        raise Refusal("OPERATORS_DIFFER", f"this organisation was told of {', '.join(sorted(told))}")
    network_id = context.transaction.network_id
    if network_id is not None and network_id != args["network_id"]:
        raise Refusal("NETWORK_DIFFERS", f"the channel's first block is {network_id}")
    view.put(keys.CONSORTIUM, args)
    view.put(keys.CURRENT_WINDOW, {"discharged": [], "opened_at": context.now, "unsettled": [], "window_id": 1})
    return {"window_id": 1}
