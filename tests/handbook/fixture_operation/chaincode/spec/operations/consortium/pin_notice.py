"""PinNotice: a merchant pins a notice, which everybody reads beside its name, in the place of the one before.

Requires: a merchant that takes part.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.merchant import PRESENT, merchant
from chaincode.spec.nouns.notice import Notice

NAME = "PinNotice"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.MARKETING)
ARGUMENTS = {"text": fields.REASON}
RESULT = {"notice": Notice}
REFUSES = ("UNKNOWN_MERCHANT", "MERCHANT_NOT_ACTIVE")
CREATES = ("notice",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    found.writes.add(keys.notice(speaker.msp_id))


def apply(view: View, context: Context, args: Json) -> Json:
    merchant(view, context.msp_id, PRESENT)
    notice = {"msp_id": context.msp_id, "pinned_at": context.now, "text": args["text"]}
    view.put(keys.notice(context.msp_id), notice)
    return {"notice": notice}
