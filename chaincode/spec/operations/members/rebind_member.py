"""RebindMember: the home merchant of a member whose key is lost asks that a new key takes its place.

Nothing happens by that alone: a second organisation must confirm (ConfirmRebind), then the old key has REBIND_DAYS to
object (ObjectRebind), and only then is it carried out (CompleteRebind). Until then the old key does what it always did.
`consent` is the new key's signature over `signatures.rebind_message`, so that nobody gets an account, with what it owes,
against their will. One that lapsed can be asked for anew. Requires: a home merchant that answers for its members.
MEMBER_EXISTS: the new key's account is enrolled; MEMBER_NOT_ACTIVE: the member's is closed.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys, limits
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.signatures import address_of, rebind_message, verify
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.merchant import ANSWERING, merchant
from chaincode.spec.nouns.rebind import Rebind

NAME = "RebindMember"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY)
ARGUMENTS = {"address": fields.ADDRESS, "consent": fields.SIGNATURE, "public_key": fields.PUBLIC_KEY}
RESULT = {"rebind": Rebind}
REFUSES = (
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "UNKNOWN_MEMBER",
    "MEMBER_EXISTS",
    "CONSENT_INVALID",
    "NOT_HOME_MERCHANT",
    "MEMBER_NOT_ACTIVE",
    "REBIND_EXISTS",
)
CREATES = ("rebind",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    new_address = address_of(args["public_key"])
    found.reads.update((keys.merchant(speaker.msp_id), keys.member(args["address"]), keys.member(new_address)))
    found.writes.add(keys.rebind(args["address"]))


def apply(view: View, context: Context, args: Json) -> Json:
    address, home_msp = args["address"], context.msp_id
    new_address = address_of(args["public_key"])
    merchant(view, home_msp, ANSWERING)
    member = view.get(keys.member(address))
    if member is None:
        raise Refusal("UNKNOWN_MEMBER", address)
    if view.get(keys.member(new_address)) is not None:
        raise Refusal("MEMBER_EXISTS", new_address)
    message = rebind_message(address, new_address, home_msp, context.transaction.place)
    if not verify(args["public_key"], args["consent"], message):
        raise Refusal("CONSENT_INVALID", new_address)
    if member["home_msp"] != home_msp:
        raise Refusal("NOT_HOME_MERCHANT", f"home merchant is {member['home_msp']}")
    if member["status"] == "CLOSED":
        raise Refusal("MEMBER_NOT_ACTIVE", f"{address} CLOSED")
    before = view.get(keys.rebind(address))
    if before is not None and before["home_msp"] == home_msp and before["lapses_at"] >= context.now:
        raise Refusal("REBIND_EXISTS", f"{address} to {before['new_address']}")
    rebind = {
        "address": address,
        "asked_at": context.now,
        "confirmed_at": None,
        "confirmed_by": None,
        "home_msp": home_msp,
        "lapses_at": context.now + limits.REBIND_OPEN_DAYS * SECONDS_PER_DAY,
        "new_address": new_address,
        "public_key": args["public_key"],
        "ready_at": None,
    }
    view.put(keys.rebind(address), rebind)
    return {"rebind": rebind}
