"""Member 会员: an account that a merchant enrolled."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.fields import LEGACY_PREFIX
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns import Date


class Member(TypedDict):
    """A member."""

    address: str
    enrolled_on: Date
    home_msp: str
    public_key: str  # uncompressed P-256, in hex
    status: str
    successor: str | None  # the account that took its place; null unless its key was lost


STORED = Member


def require_receiving(view: View, found: Json, account: str) -> None:
    """NOT_ENROLLED when the class is for enrolled members and `account` is none; MEMBER_NOT_ACTIVE when it is
    closed."""
    member = None if account.startswith(LEGACY_PREFIX) else view.get(keys.member(account))
    if member is None and found["enrolled_only"]:
        raise Refusal("NOT_ENROLLED", account)
    if member is not None and member["status"] == "CLOSED":
        raise Refusal("MEMBER_NOT_ACTIVE", f"{account} CLOSED")


def require_spending(view: View, account: str) -> None:
    """MEMBER_NOT_ACTIVE when the account is an enrolled member that is frozen or closed."""
    member = view.get(keys.member(account))
    if member is not None and member["status"] != "ACTIVE":
        raise Refusal("MEMBER_NOT_ACTIVE", f"{account} {member['status']}")
