"""ObjectRebind: ends a rebind, as long as it has not been carried out: whoever still has the old key says that it is not
lost, frozen or not; or an organisation that asked, confirmed or is the member's home now takes it back.

NOT_REBIND_PARTY: anyone else.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.rebind import Rebind, rebind

NAME = "ObjectRebind"
AUTHORITY = Authority.EITHER
ROLES = (Role.ADMIN, Role.GATEWAY)
ARGUMENTS = {"address": fields.ADDRESS, "new_address": fields.ADDRESS}
RESULT = {"rebind": Rebind}
REFUSES = ("UNKNOWN_REBIND", "NOT_REBIND_PARTY")
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.member(args["address"]))
    found.writes.add(keys.rebind(args["address"]))


def apply(view: View, context: Context, args: Json) -> Json:
    found = rebind(view, args)
    member = view.get(keys.member(args["address"]))
    parties = (found["address"], found["home_msp"], found["confirmed_by"], member["home_msp"])
    if context.authoriser not in parties:
        raise Refusal("NOT_REBIND_PARTY", context.authoriser)
    view.delete(keys.rebind(args["address"]))
    return {"rebind": found}
