"""SetAcceptanceFee: issuer and acceptor agree on what the acceptor pays the issuer for what it redeems of its points, in
basis points.

One asks; when the other asks for the same it is agreed, and holds from the window after the open one. Of a pair one fee
is asked for at a time: another, of either side, takes its place, and asking for what is agreed already takes it back.
CloseWindow counts it on what was redeemed less what was refunded, rounded half to even to minor units, as a figure of its
own (`fee_minor`), whatever disputes come to. NOT_FEE_PARTY: neither of the two. Requires: both take part.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.fee import AcceptanceFee
from chaincode.spec.nouns.merchant import PRESENT, merchant

NAME = "SetAcceptanceFee"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "acceptor_msp": fields.MSP_ID,
    "basis_points": fields.BASIS_POINTS,
    "issuer_msp": fields.MSP_ID,
}
RESULT = {"acceptance_fee": AcceptanceFee}
REFUSES = (
    "INVALID_ARGUMENT",
    "TIME_BEFORE_WINDOW",
    "NOT_FEE_PARTY",
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
)
CREATES = ("fee",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.update((keys.CURRENT_WINDOW, keys.merchant(args["issuer_msp"]), keys.merchant(args["acceptor_msp"])))
    found.writes.add(keys.fee(args["issuer_msp"], args["acceptor_msp"]))


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.CURRENT_WINDOW, keys.fee(args["issuer_msp"], args["acceptor_msp"])]


def apply(view: View, context: Context, args: Json) -> Json:
    pair = args["issuer_msp"], args["acceptor_msp"]
    if pair[0] == pair[1]:
        raise Refusal("INVALID_ARGUMENT", "acceptor_msp: expected another merchant than issuer_msp")
    window = current_window(view, context)
    if context.msp_id not in pair:
        raise Refusal("NOT_FEE_PARTY", f"{context.msp_id} is neither {pair[0]} nor {pair[1]}")
    for msp_id in pair:
        merchant(view, msp_id, PRESENT)
    key = keys.fee(*pair)
    fee = view.get(key) or {"agreed": [], "asked": None}
    wanted, asked, agreed = args["basis_points"], fee["asked"], fee["agreed"]
    if wanted == (agreed[-1]["basis_points"] if agreed else 0):
        fee["asked"] = None
    elif asked is not None and asked["basis_points"] == wanted and asked["asked_by"] != context.msp_id:
        begins = window["window_id"] + 1
        earlier = [one for one in agreed if one["from_window"] < begins]
        fee = {"agreed": [*_needed(earlier, window), {"basis_points": wanted, "from_window": begins}], "asked": None}
    else:
        fee["asked"] = {"asked_by": context.msp_id, "basis_points": wanted}
    view.put(key, fee)
    return {"acceptance_fee": fee}


def _needed(agreed: list[Json], window: Json) -> list[Json]:
    """Those that a window needs which is not netted yet: from the last one on that holds in the oldest such."""
    oldest = min([*window["unsettled"], window["window_id"]])
    before = [one for one in agreed if one["from_window"] <= oldest]
    return [*before[-1:], *(one for one in agreed if one["from_window"] > oldest)]
