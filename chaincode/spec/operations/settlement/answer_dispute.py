"""AnswerDispute: the acceptor answers a dispute, while its stage lasts.

CONCEDE gives in: it is UPHELD, and from DISPUTED on the acceptor pays the fee. CONTEST shows evidence: from INQUIRY it is
CONTESTED, and the acceptor's fee is reserved in its own limit for the issuer; from DISPUTED it is VOTING. The other
merchants that take part then vote, as they are now; without any it is SPLIT at once. INVALID_ARGUMENT: evidence without
CONTEST, or CONTEST without it.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.disputing import advance, counted, end, touching
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.dispute import Dispute, dispute_of, require_stage, show
from chaincode.spec.nouns.merchant import ACCEPTING, require_acceptor

NAME = "AnswerDispute"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "answer": fields.DISPUTE_ANSWER,
    "evidence_sha256": fields.optional(fields.HASH),
    "issuer_msp": fields.MSP_ID,
    "redemption_id": fields.OBJECT_ID,
}
RESULT = {"dispute": Dispute}
REFUSES = (
    "INVALID_ARGUMENT",
    "TIME_BEFORE_WINDOW",
    "UNKNOWN_DISPUTE",
    "DISPUTE_STAGE",
    "DISPUTE_STAGE_OVER",
    "NOT_ACCEPTOR",
    "CAP_EXCEEDED",
    "COVER_EXCEEDED",
    "WINDOW_FULL",
    "OVERFLOW",
)
CREATES = ("position",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    dispute = touching(args["redemption_id"], args["issuer_msp"], look, found)
    if dispute is None or dispute["status"] == "DISPUTED":
        found.ranges.add("merchant/")


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.CURRENT_WINDOW, keys.dispute(args["redemption_id"], args["issuer_msp"])]


def apply(view: View, context: Context, args: Json) -> Json:
    contested = args["answer"] == "CONTEST"
    if contested != (args.get("evidence_sha256") is not None):
        raise Refusal("INVALID_ARGUMENT", "evidence_sha256: expected with CONTEST, and only there")
    window = current_window(view, context)
    dispute = dispute_of(view, args["redemption_id"], args["issuer_msp"])
    require_stage(dispute, context.now, "INQUIRY", "DISPUTED")
    require_acceptor(context, dispute["acceptor_msp"])
    if contested:
        show(dispute, context, args["evidence_sha256"])
    if not contested:
        end(view, context, window, dispute, "UPHELD")
    elif dispute["status"] == "INQUIRY":
        advance(view, context, window, dispute, "CONTESTED")
    else:
        _let_vote(view, context, window, dispute)
    view.put(keys.dispute(args["redemption_id"], args["issuer_msp"]), dispute)
    return {"dispute": dispute}


def _let_vote(view: View, context: Context, window: Json, dispute: Json) -> None:
    parties = (dispute["issuer_msp"], dispute["acceptor_msp"])
    merchants = (found for _, found in view.range("merchant/"))
    dispute["voters"] = [
        one["msp_id"] for one in merchants if one["status"] in ACCEPTING and one["msp_id"] not in parties
    ]
    advance(view, context, window, dispute, "VOTING")
    if not dispute["voters"]:
        end(view, context, window, dispute, counted(dispute))
