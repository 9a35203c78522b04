"""WithdrawDispute: the issuer gives a dispute up, at any stage: it is WITHDRAWN, and the acceptor gets the amount, in
the open window. From DISPUTED on the issuer pays the fee.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.disputing import end, touching
from chaincode.spec.kernel.fields import DISPUTE_STAGES
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.dispute import Dispute, dispute_of, require_stage

NAME = "WithdrawDispute"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"redemption_id": fields.OBJECT_ID}
RESULT = {"dispute": Dispute}
REFUSES = ("TIME_BEFORE_WINDOW", "UNKNOWN_DISPUTE", "DISPUTE_STAGE", "DISPUTE_STAGE_OVER")
CREATES = ("position",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    touching(args["redemption_id"], speaker.msp_id, look, found)


def prefetch(args: Json, context: Context) -> list[str]:
    return [keys.CURRENT_WINDOW, keys.dispute(args["redemption_id"], context.msp_id)]


def apply(view: View, context: Context, args: Json) -> Json:
    window = current_window(view, context)
    dispute = dispute_of(view, args["redemption_id"], context.msp_id)
    require_stage(dispute, context.now, *DISPUTE_STAGES)
    end(view, context, window, dispute, "WITHDRAWN")
    view.put(keys.dispute(args["redemption_id"], context.msp_id), dispute)
    return {"dispute": dispute}
