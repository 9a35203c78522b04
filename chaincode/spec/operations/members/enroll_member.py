"""EnrollMember: a merchant enrols an account as its member, with the account's own consent.

`consent` is the member's signature over `signatures.enrolment_message`, so that nobody can be enrolled, and then
frozen, by a merchant she did not choose. No name, phone or e-mail comes here. Requires: a merchant that accepts.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.calendar import date_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.signatures import address_of, enrolment_message, verify
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.member import Member
from chaincode.spec.nouns.merchant import ACCEPTING, merchant

NAME = "EnrollMember"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {"address": fields.ADDRESS, "consent": fields.SIGNATURE, "public_key": fields.PUBLIC_KEY}
RESULT = {"member": Member}
REFUSES = ("UNKNOWN_MERCHANT", "MERCHANT_NOT_ACTIVE", "MEMBER_EXISTS", "ADDRESS_MISMATCH", "CONSENT_INVALID")
CREATES = ("member",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    found.writes.add(keys.member(args["address"]))


def apply(view: View, context: Context, args: Json) -> Json:
    merchant(view, context.msp_id, ACCEPTING)
    address, public_key = args["address"], args["public_key"]
    key = keys.member(address)
    if view.get(key) is not None:
        raise Refusal("MEMBER_EXISTS", address)
    if address_of(public_key) != address:
        raise Refusal("ADDRESS_MISMATCH", address)
    message = enrolment_message(address, context.msp_id, context.transaction.place)
    if not verify(public_key, args["consent"], message):
        raise Refusal("CONSENT_INVALID", address)
    member = {
        "address": address,
        "enrolled_on": date_of(context.today),
        "home_msp": context.msp_id,
        "public_key": public_key,
        "status": "ACTIVE",
        "successor": None,
    }
    view.put(key, member)
    return {"member": member}
