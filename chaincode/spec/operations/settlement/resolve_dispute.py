"""ResolveDispute: ends a dispute whose stage is over, by the silence of who had to speak: UPHELD where the acceptor did
not answer, WITHDRAWN where the issuer did not insist; of a vote those count that were cast.

Its time is over `DATE_MARGIN_SECONDS` after its last second, however far ahead the submitter dated. Requires: an
operator, one of the two, or a merchant that takes part.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.disputing import SILENCE, counted, end, touching
from chaincode.spec.kernel.fields import DISPUTE_STAGES
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.limits import DATE_MARGIN_SECONDS
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.current_window import current_window
from chaincode.spec.nouns.dispute import Dispute, dispute_of
from chaincode.spec.nouns.merchant import require_participant

NAME = "ResolveDispute"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {"issuer_msp": fields.MSP_ID, "redemption_id": fields.OBJECT_ID}
RESULT = {"dispute": Dispute}
REFUSES = ("NOT_PARTICIPANT", "TIME_BEFORE_WINDOW", "UNKNOWN_DISPUTE", "DISPUTE_STAGE", "DISPUTE_STAGE_NOT_OVER")
CREATES = ("position",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    touching(args["redemption_id"], args["issuer_msp"], look, found)


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.CURRENT_WINDOW,
        keys.merchant(context.msp_id),
        keys.dispute(args["redemption_id"], args["issuer_msp"]),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    key = keys.dispute(args["redemption_id"], args["issuer_msp"])
    parties = view.get(key) or {}
    if context.msp_id not in (parties.get("issuer_msp"), parties.get("acceptor_msp")):
        require_participant(view, context)
    window = current_window(view, context)
    dispute = dispute_of(view, args["redemption_id"], args["issuer_msp"])
    if dispute["status"] not in DISPUTE_STAGES:
        raise Refusal("DISPUTE_STAGE", f"{dispute['status']}, expected {' or '.join(DISPUTE_STAGES)}")
    over = dispute["due_at"] + DATE_MARGIN_SECONDS
    if context.now <= over:
        raise Refusal("DISPUTE_STAGE_NOT_OVER", f"now {context.now}, {dispute['status']} lasts to {over}")
    end(view, context, window, dispute, SILENCE.get(dispute["status"]) or counted(dispute))
    view.put(key, dispute)
    return {"dispute": dispute}
