"""Expire: books what has expired of one class in the named accounts, `DATE_MARGIN_SECONDS` after its last day: the
submitter chooses a transaction's date. Held points stay until their hold ends.

Expired points cannot be spent whether booked or not, and whoever changes a balance books them: this is for balances
that nobody touches. Any organisation may do it.
"""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.kernel import fields, footprint, keys, limits
from chaincode.spec.kernel.balances import Balance
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.point_class import point_class

NAME = "Expire"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "accounts": fields.unique(fields.array(fields.ACCOUNT, 1, limits.ACCOUNTS_PER_EXPIRE_MAX)),
    "class_id": fields.CLASS_ID,
}


class Swept(TypedDict):
    """What had expired in one account."""

    account: str
    points: int


RESULT = {"class_id": str, "points": int, "swept": list[Swept]}
REFUSES = ("UNKNOWN_CLASS", "OVERFLOW")
CREATES = ("supply",)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.point_class(args["class_id"]))
    footprint.changing(args["class_id"], args["accounts"], speaker, found)


def apply(view: View, context: Context, args: Json) -> Json:
    class_id = args["class_id"]
    point_class(view, class_id)
    swept, total = [], 0
    for account in args["accounts"]:
        balance = Balance.load(view, class_id, account, context.today)
        points = balance.expired(context.booking_day)
        if points:
            balance.save(context)
            swept.append({"account": account, "points": points})
            total += points
    return {"class_id": class_id, "points": total, "swept": swept}
