"""Expire: sweeps the expired lots of one class out of the named accounts. Held points stay until their hold ends.

An expired lot cannot be spent whether swept or not; the sweep only books it. Any organisation may do it. Refuses: UNKNOWN_CLASS, OVERFLOW.
"""

from __future__ import annotations

from chaincode.spec import fields, keys, limits
from chaincode.spec.balances import Balance, is_expired
from chaincode.spec.canonical import Json
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.counters import count
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.nouns import point_class
from chaincode.spec.state import View

NAME = "Expire"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "accounts": fields.unique(fields.array(fields.ACCOUNT, 1, limits.ACCOUNTS_PER_EXPIRE_MAX)),
    "class_id": fields.CLASS_ID,
}


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.point_class(args["class_id"]))
    found.writes.add(keys.supply(args["class_id"], speaker.msp_id, speaker.shard))
    found.writes.update(keys.balance(args["class_id"], account) for account in args["accounts"])


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.point_class(args["class_id"]),
        keys.supply(args["class_id"], context.msp_id, context.shard),
        *(keys.balance(args["class_id"], account) for account in args["accounts"]),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    class_id = args["class_id"]
    point_class(view, class_id)
    swept, total = [], 0
    for account in args["accounts"]:
        balance = Balance.load(view, class_id, account)
        points = 0
        for lot in list(balance.lots):
            part = lot["points"] - lot["held"]
            if is_expired(lot, context.today) and part:
                balance.change(lot, -part, 0)
                points += part
        if points:
            balance.save()
            swept.append({"account": account, "points": points})
            total += points
    count(view, context, class_id, "expired", total)
    return {"class_id": class_id, "points": total, "swept": swept}
