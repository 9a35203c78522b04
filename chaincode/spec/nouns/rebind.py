"""Rebind 换绑: a member whose key is lost is to get another account in the place of the old one."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.footprint import Footprint, Look, document_at
from chaincode.spec.kernel.state import View


class Rebind(TypedDict):
    """A rebind that was asked for; gone once it is carried out, objected to or withdrawn."""

    address: str
    asked_at: int  # Unix seconds
    confirmed_at: int | None  # Unix seconds; null until a second organisation confirmed
    confirmed_by: str | None  # MSP id; null until then
    home_msp: str
    lapses_at: int  # Unix seconds, the last one in which it can be confirmed, or carried out
    new_address: str
    public_key: str  # of the new account: uncompressed P-256, in hex
    ready_at: int | None  # Unix seconds, until when it waits for an objection; null until it is confirmed


STORED = Rebind


def rebind(view: View, args: Json) -> Json:
    """The rebind of `address` to `new_address`. UNKNOWN_REBIND."""
    found = view.get(keys.rebind(args["address"]))
    if found is None or found["new_address"] != args["new_address"]:
        raise Refusal("UNKNOWN_REBIND", f"{args['address']} to {args['new_address']}")
    return found


def rebound(view: View, context: Context, found: Json) -> Json:
    """The member that a rebind is of. MEMBER_EXISTS when the new account was enrolled meanwhile; NOT_HOME_MERCHANT when
    the member moved; MEMBER_NOT_ACTIVE when it was closed; REBIND_LAPSED."""
    if view.get(keys.member(found["new_address"])) is not None:
        raise Refusal("MEMBER_EXISTS", found["new_address"])
    member = view.get(keys.member(found["address"]))
    if member["home_msp"] != found["home_msp"]:
        raise Refusal("NOT_HOME_MERCHANT", f"home merchant is {member['home_msp']}")
    if member["status"] == "CLOSED":
        raise Refusal("MEMBER_NOT_ACTIVE", f"{found['address']} CLOSED")
    if found["lapses_at"] < context.now:
        raise Refusal("REBIND_LAPSED", f"now {context.now}, lapsed {found['lapses_at']}")
    return member


def touches_rebind(args: Json, look: Look, found: Footprint) -> None:
    """Declares what every operation about a rebind reads and writes."""
    found.writes.add(keys.rebind(args["address"]))
    found.reads.add(keys.member(args["new_address"]))
    member = document_at(keys.member(args["address"]), look, found)
    if member is not None:
        found.reads.add(keys.merchant(member["home_msp"]))
    asked = document_at(keys.rebind(args["address"]), look, found)
    if asked is not None:
        found.reads.add(keys.merchant(asked["home_msp"]))
