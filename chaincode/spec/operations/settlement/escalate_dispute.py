"""EscalateDispute: the issuer insists on a dispute that the acceptor contested, with further evidence, while its stage
lasts: it is DISPUTED. The issuer's fee is reserved in its own limit for the acceptor; whoever loses from here on pays
it.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.disputing import advance, touching
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.dispute import Dispute, dispute_of, require_stage, show

NAME = "EscalateDispute"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"evidence_sha256": fields.HASH, "redemption_id": fields.OBJECT_ID}
RESULT = {"dispute": Dispute}
REFUSES = (
    "TIME_BEFORE_WINDOW",
    "UNKNOWN_DISPUTE",
    "DISPUTE_STAGE",
    "DISPUTE_STAGE_OVER",
    "CAP_EXCEEDED",
    "COVER_EXCEEDED",
    "WINDOW_FULL",
    "OVERFLOW",
)
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    touching(args["redemption_id"], speaker.msp_id, look, found)


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.CURRENT_WINDOW, keys.dispute(args["redemption_id"], context.msp_id)]


def apply(view: View, context: Context, args: Json) -> Json:
    window = current_window(view, context)
    dispute = dispute_of(view, args["redemption_id"], context.msp_id)
    require_stage(dispute, context.now, "CONTESTED")
    show(dispute, context, args["evidence_sha256"])
    advance(view, context, window, dispute, "DISPUTED")
    view.put(keys.dispute(args["redemption_id"], context.msp_id), dispute)
    return {"dispute": dispute}
