"""VoteDispute: a merchant that is no party to a dispute votes on it, once, while the vote lasts: UPHOLD for the issuer,
REJECT for the acceptor, or SPLIT. With the last vote it ends as most of them say, SPLIT where none has most; else
ResolveDispute ends it so once the time is over. Who loses pays the fee, nobody where it is SPLIT. Requires: a merchant
that took part when the vote began, unless it left.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.disputing import counted, end, touching
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.dispute import Dispute, dispute_of, require_stage
from chaincode.spec.nouns.merchant import PRESENT

NAME = "VoteDispute"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"issuer_msp": fields.MSP_ID, "redemption_id": fields.OBJECT_ID, "vote": fields.DISPUTE_VOTE}
RESULT = {"dispute": Dispute}
REFUSES = (
    "TIME_BEFORE_WINDOW",
    "UNKNOWN_DISPUTE",
    "DISPUTE_STAGE",
    "DISPUTE_STAGE_OVER",
    "NOT_VOTER",
    "ALREADY_VOTED",
)
CREATES = ("position",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    touching(args["redemption_id"], args["issuer_msp"], look, found)


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.CURRENT_WINDOW, keys.dispute(args["redemption_id"], args["issuer_msp"])]


def apply(view: View, context: Context, args: Json) -> Json:
    window = current_window(view, context)
    dispute = dispute_of(view, args["redemption_id"], args["issuer_msp"])
    require_stage(dispute, context.now, "VOTING")
    if context.msp_id not in dispute["voters"]:
        raise Refusal("NOT_VOTER", context.msp_id)
    own_status = view.get(keys.merchant(context.msp_id))["status"]
    if own_status not in PRESENT:
        raise Refusal("NOT_VOTER", f"{context.msp_id} {own_status}")
    if any(vote["msp_id"] == context.msp_id for vote in dispute["votes"]):
        raise Refusal("ALREADY_VOTED", context.msp_id)
    dispute["votes"].append({"msp_id": context.msp_id, "vote": args["vote"], "voted_at": context.now})
    if len(dispute["votes"]) == len(dispute["voters"]):
        end(view, context, window, dispute, counted(dispute))
    view.put(keys.dispute(args["redemption_id"], args["issuer_msp"]), dispute)
    return {"dispute": dispute}
