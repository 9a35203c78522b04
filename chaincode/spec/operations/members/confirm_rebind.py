"""ConfirmRebind: a second organisation, which has seen the member itself, confirms a rebind. From then on the old key has
REBIND_DAYS to object: `ready_at`.

So no organisation alone takes over an account. Requires: an operator or a merchant that takes part, other than the home
merchant (NOT_REBIND_PARTY), while the home merchant answers and is still the member's. MEMBER_EXISTS: the new account
was enrolled meanwhile.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys, limits
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.merchant import ANSWERING, merchant, require_participant
from chaincode.spec.nouns.rebind import Rebind, rebind, rebound, touches_rebind

NAME = "ConfirmRebind"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY)
ARGUMENTS = {"address": fields.ADDRESS, "new_address": fields.ADDRESS}
RESULT = {"rebind": Rebind}
REFUSES = (
    "NOT_PARTICIPANT",
    "MERCHANT_NOT_ACTIVE",
    "MEMBER_EXISTS",
    "NOT_HOME_MERCHANT",
    "MEMBER_NOT_ACTIVE",
    "UNKNOWN_REBIND",
    "REBIND_LAPSED",
    "NOT_REBIND_PARTY",
    "REBIND_CONFIRMED",
)
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    touches_rebind(args, look, found)


def apply(view: View, context: Context, args: Json) -> Json:
    require_participant(view, context)
    found = rebind(view, args)
    merchant(view, found["home_msp"], ANSWERING)
    rebound(view, context, found)
    if context.msp_id == found["home_msp"]:
        raise Refusal("NOT_REBIND_PARTY", f"{context.msp_id} asked for it")
    if found["confirmed_by"] is not None:
        raise Refusal("REBIND_CONFIRMED", f"by {found['confirmed_by']}")
    ready_at = context.now + limits.REBIND_DAYS * SECONDS_PER_DAY
    found.update(
        confirmed_at=context.now,
        confirmed_by=context.msp_id,
        lapses_at=ready_at + limits.REBIND_OPEN_DAYS * SECONDS_PER_DAY,
        ready_at=ready_at,
    )
    view.put(keys.rebind(args["address"]), found)
    return {"rebind": found}
