"""How an amount moves when a redemption is disputed: out of its window, and into the open one as far as the issuer
loses.

Whole minor units move, so neither the rounding of a netted window nor what it carried on changes. Between the two
windows the amount is reserved in the slice of the issuer's limit in which the redemption was booked: what is used of
the limit stays the same, and the end of a dispute is refused for no limit. So is the declared fee that the loser pays
the winner: by the acceptor from when it contests, by the issuer from when it escalates, each in its own limit for the
other, in the redemption's lane. Whatever is owed at the end stands in the position of who owes it, `adjusted`.
"""

from __future__ import annotations

from chaincode.spec.kernel import exposure, keys
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.fields import DISPUTE_STAGES
from chaincode.spec.kernel.footprint import Footprint, Look, document_at, owing
from chaincode.spec.kernel.limits import REFUND_SHARD
from chaincode.spec.kernel.state import View

DAYS = {
    "INQUIRY": "inquiry_days",
    "CONTESTED": "escalation_days",
    "DISPUTED": "answer_days",
    "VOTING": "vote_days",
}
"""Which of the consortium's terms says how long a stage lasts."""
SILENCE = {"INQUIRY": "UPHELD", "CONTESTED": "WITHDRAWN", "DISPUTED": "UPHELD"}
"""What comes of a stage whose time is over: silence counts against who had to speak. Votes are counted."""
OUTCOMES = {"UPHOLD": "UPHELD", "REJECT": "REJECTED", "SPLIT": "SPLIT"}
FEE_AT_STAKE = ("DISPUTED", "VOTING")
"""Stages at whose end the loser pays the fee."""

Amounts = dict[tuple[str, str, int], int]
"""Minor units by who owes, whom, and the lane."""


def reserved_by(dispute: Json) -> Amounts:
    """What an open dispute keeps reserved, by slice; one that has ended reserves nothing."""
    issuer_msp, acceptor_msp, shard = dispute["issuer_msp"], dispute["acceptor_msp"], dispute["shard"]
    status, fee = dispute["status"], dispute["fee_minor"]
    if status not in DISPUTE_STAGES:
        return {}
    found = {(issuer_msp, acceptor_msp, shard): dispute["amount_minor"] + fee * (status in FEE_AT_STAKE)}
    if fee and status != "INQUIRY":
        found[acceptor_msp, issuer_msp, shard] = fee
    return found


def booked_by(dispute: Json) -> Amounts:
    """What a dispute that has ended made somebody owe, by lane; what is open has booked nothing."""
    issuer_msp, acceptor_msp, shard = dispute["issuer_msp"], dispute["acceptor_msp"], dispute["shard"]
    payer, booked = dispute["fee_payer_msp"], dispute["booked_minor"] or 0
    found = {(issuer_msp, acceptor_msp, shard): booked + dispute["fee_minor"] * (payer == issuer_msp)}
    if payer == acceptor_msp:
        found[acceptor_msp, issuer_msp, shard] = dispute["fee_minor"]
    return {lane: minor for lane, minor in found.items() if minor}


def owed_of(redemption: Json, issuer_msp: str) -> int:
    """What a redemption's draws of an issuer are worth, less what was refunded, in millionths."""
    return sum(
        draw["value_millionths"] // draw["points"] * (draw["points"] - draw["refunded"])
        for draw in redemption["draws"]
        if draw["issuer_msp"] == issuer_msp
    )


def withheld(dispute: Json) -> int:
    """What of a redemption the issuer does not pay, or not yet, in minor units."""
    return int(dispute["amount_minor"] - (dispute["booked_minor"] or 0))


def minor_unit(context: Context) -> int:
    """The currency's minor unit, in millionths."""
    return int(context.consortium["currency"]["minor_unit_millionths"])


def take_out(view: View, context: Context, window: Json, dispute: Json) -> None:
    """Takes what is disputed out of the redemption's window. What refunds had offset of it in its lane is used anew:
    CAP_EXCEEDED, COVER_EXCEEDED where the issuer's limit, or the acceptor's for its refunds, has no room for that;
    WINDOW_FULL, OVERFLOW."""
    issuer_msp, acceptor_msp, shard = lane = (dispute["issuer_msp"], dispute["acceptor_msp"], dispute["shard"])
    millionths = dispute["amount_minor"] * minor_unit(context)
    key = keys.position(dispute["window_id"], *lane)
    position = view.get(key)
    left = exposure.outweighing(position) - millionths
    position["adjusted_millionths"] -= millionths
    view.put(key, position)
    more = min(max(-left, 0), millionths)
    exposure.reserve(view, context, window, *lane, millionths, owed_before=millionths - more)
    if more:
        exposure.require_within(view, window, acceptor_msp, issuer_msp, REFUND_SHARD + shard, more)


def advance(view: View, context: Context, window: Json, dispute: Json, stage: str) -> None:
    """The dispute comes to a stage, and what that puts at stake is reserved. CAP_EXCEEDED, COVER_EXCEEDED,
    WINDOW_FULL."""
    before = reserved_by(dispute)
    dispute.update(
        due_at=context.now + context.consortium["disputes"][DAYS[stage]] * SECONDS_PER_DAY,
        status=stage,
    )
    for lane, minor in reserved_by(dispute).items():
        more = minor - before.get(lane, 0)
        if more:
            exposure.reserve(view, context, window, *lane, more * minor_unit(context))


def counted(dispute: Json) -> str:
    """What the votes come to: most of them win; where none has most, it is split."""
    votes = [one["vote"] for one in dispute["votes"]]
    most = max((votes.count(vote) for vote in OUTCOMES), default=0)
    first = [vote for vote in OUTCOMES if votes.count(vote) == most]
    return OUTCOMES[first[0]] if len(first) == 1 else "SPLIT"


def end(view: View, context: Context, window: Json, dispute: Json, status: str) -> None:
    """The dispute ends: what it reserved is free, and what is owed now stands in the open window. Of what is split the
    acceptor has the odd minor unit."""
    amount, fee_at_stake = dispute["amount_minor"], dispute["status"] in FEE_AT_STAKE and dispute["fee_minor"] > 0
    loser = {"UPHELD": dispute["acceptor_msp"], "SPLIT": None}.get(status, dispute["issuer_msp"])
    for lane, minor in reserved_by(dispute).items():
        exposure.give_back(view, *lane, minor * minor_unit(context))
    dispute.update(
        booked_minor={"UPHELD": 0, "SPLIT": amount - amount // 2}.get(status, amount),
        closed_at=context.now,
        due_at=None,
        fee_payer_msp=loser if fee_at_stake else None,
        status=status,
    )
    booked = booked_by(dispute)
    for lane, minor in booked.items():
        exposure.book(view, window, *lane, adjusted=minor * minor_unit(context))
    dispute["booked_window"] = window["window_id"] if booked else None


def touching(redemption_id: str, issuer_msp: str, look: Look, found: Footprint) -> Json:
    """A dispute goes on or ends: its document, and the slices and lanes of both sides. Gives the dispute, None where it
    is not known."""
    key = keys.dispute(redemption_id, issuer_msp)
    found.writes.add(key)
    current, dispute = document_at(keys.CURRENT_WINDOW, look, found), document_at(key, look, found)
    if dispute is not None:
        sides = (issuer_msp, dispute["acceptor_msp"])
        for lane in ((*sides, dispute["shard"]), (*sides[::-1], dispute["shard"])):
            found.writes.add(keys.limit(*lane))
            owing(current, lane, found)
    return dispute
