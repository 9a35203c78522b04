"""MoveHome: a member goes over to another home merchant, which submits her word.

FROZEN stays FROZEN; and a frozen member moves only when her old home can no longer answer for her, being suspended or
gone. Requires: the new home merchant relays, and is ACTIVE. NOT_ACCEPTOR: another submits; MEMBER_EXISTS: it is her
home already; MEMBER_NOT_ACTIVE: closed, or frozen by a home that can answer.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker, document_at
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.member import Member
from chaincode.spec.nouns.merchant import ANSWERING, ISSUING, merchant, require_acceptor

NAME = "MoveHome"
AUTHORITY = Authority.MEMBER
ROLES = (Role.ADMIN, Role.GATEWAY, Role.CASHIER)
ARGUMENTS = {"home_msp": fields.MSP_ID}
RESULT = {"member": Member}
REFUSES = (
    "NOT_ACCEPTOR",
    "UNKNOWN_MERCHANT",
    "MERCHANT_NOT_ACTIVE",
    "UNKNOWN_MEMBER",
    "MEMBER_EXISTS",
    "MEMBER_NOT_ACTIVE",
)
CREATES = ()


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    member = document_at(keys.member(speaker.authoriser), look, found)
    if member is not None:
        found.reads.add(keys.merchant(member["home_msp"]))
    found.writes.add(keys.member(speaker.authoriser))


def apply(view: View, context: Context, args: Json) -> Json:
    home_msp, address = args["home_msp"], context.authoriser
    require_acceptor(context, home_msp)
    merchant(view, home_msp, ISSUING)
    member = view.get(keys.member(address))
    if member is None:
        raise Refusal("UNKNOWN_MEMBER", address)
    if member["home_msp"] == home_msp:
        raise Refusal("MEMBER_EXISTS", address)
    if member["status"] != "ACTIVE":
        home = view.get(keys.merchant(member["home_msp"]))
        if member["status"] == "CLOSED" or home["status"] in ANSWERING:
            raise Refusal("MEMBER_NOT_ACTIVE", f"{address} {member['status']}")
    member["home_msp"] = home_msp
    view.put(keys.member(address), member)
    return {"member": member}
