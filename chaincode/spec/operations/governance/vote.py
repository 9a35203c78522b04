"""Vote: a merchant that is entitled to votes on a proposal, once.

The vote with which enough are in favour carries it out: ADMIT invites the merchant as RegisterMerchant does, SUSPEND
makes it SUSPENDED at once, REINSTATE makes it ACTIVE. Where that is not possible any more (the place is gone, the
status is another), that vote is refused, and the proposal stays open. The vote with which enough cannot come together
any more rejects it. Requires: an admin of a merchant that was entitled when it was proposed, whatever became of it
since, unless it left. `merchant` is null but for a proposal that passed.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.merchant import PRESENT, Merchant
from chaincode.spec.nouns.proposal import EFFECTS, Proposal, proposal_shown

NAME = "Vote"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN,)
ARGUMENTS = {"approve": fields.BOOLEAN, "proposal_id": fields.PROPOSAL_ID}
RESULT = {"merchant": Merchant | None, "proposal": Proposal}
REFUSES = (
    "UNKNOWN_PROPOSAL",
    "PROPOSAL_NOT_OPEN",
    "NOT_VOTER",
    "ALREADY_VOTED",
    "MERCHANT_EXISTS",
    "TOO_MANY_MERCHANTS",
    "STATUS_TRANSITION",
)
CREATES = ("merchant",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    kind, subject_msp, *_ = args["proposal_id"].split("/")
    found.reads.add(keys.merchant(speaker.msp_id))
    found.writes.update((keys.proposal(args["proposal_id"]), keys.merchant(subject_msp)))
    if kind == "ADMIT":
        found.ranges.add("merchant/")


def apply(view: View, context: Context, args: Json) -> Json:
    key = keys.proposal(args["proposal_id"])
    proposal = view.get(key)
    if proposal is None:
        raise Refusal("UNKNOWN_PROPOSAL", args["proposal_id"])
    status = proposal_shown(proposal, context.now)["status"]
    if status != "OPEN":
        raise Refusal("PROPOSAL_NOT_OPEN", f"{args['proposal_id']} {status}")
    if context.msp_id not in proposal["voters"]:
        raise Refusal("NOT_VOTER", context.msp_id)
    own_status = view.get(keys.merchant(context.msp_id))["status"]
    if own_status not in PRESENT:
        raise Refusal("NOT_VOTER", f"{context.msp_id} {own_status}")
    if any(vote["msp_id"] == context.msp_id for vote in proposal["votes"]):
        raise Refusal("ALREADY_VOTED", context.msp_id)
    proposal["votes"].append({"approve": args["approve"], "msp_id": context.msp_id, "voted_at": context.now})
    in_favour = sum(vote["approve"] for vote in proposal["votes"])
    to_come = len(proposal["voters"]) - len(proposal["votes"])
    merchant = None
    if in_favour >= proposal["needed"]:
        merchant = EFFECTS[proposal["kind"]](view, context, proposal)
        view.put(keys.merchant(proposal["msp_id"]), merchant)
        proposal.update(decided_at=context.now, status="PASSED")
    elif in_favour + to_come < proposal["needed"]:
        proposal.update(decided_at=context.now, status="REJECTED")
    view.put(key, proposal)
    return {"merchant": merchant, "proposal": proposal}
