"""ReverseIssue: the issuer claws back points of one issuance from the account they were issued to, in the claw-back days that its class had when they were.

They are taken, as far as nothing holds them and they have not expired, from what is pending of the issuance, from the bucket of its last day, then from the account's other points of the class,
those that live longest first. What is no longer there becomes the account's debt, where the class says so; otherwise nothing is taken. Refuses: UNKNOWN_CLASS, NOT_ISSUER,
UNKNOWN_ISSUANCE, NOT_ISSUED_TO, REVERSAL_EXCEEDS_ISSUE, CLAWBACK_OVER, INSUFFICIENT_POINTS, OVERFLOW.
"""

from __future__ import annotations

from chaincode.spec import fields, footprint, keys
from chaincode.spec.balances import Balance, Day, check_sufficient
from chaincode.spec.calendar import day_number
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.counters import count
from chaincode.spec.footprint import Footprint, Look, Speaker
from chaincode.spec.issuances import issuance_of, stored
from chaincode.spec.nouns import own_class
from chaincode.spec.state import View

NAME = "ReverseIssue"
AUTHORITY = Authority.ORGANISATION
ROLES = (Role.ADMIN, Role.GATEWAY, Role.FINANCE)
ARGUMENTS = {
    "account": fields.ACCOUNT,
    "class_id": fields.CLASS_ID,
    "issuance_id": fields.ISSUANCE_ID,
    "points": fields.POSITIVE_POINTS,
    "reason": fields.REASON,
}


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    class_id = args["class_id"]
    found.reads.add(keys.point_class(class_id))
    found.writes.add(keys.issuance(class_id, args["issuance_id"]))
    footprint.changing(class_id, [args["account"]], speaker, found)


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.point_class(args["class_id"]),
        keys.issuance(args["class_id"], args["issuance_id"]),
        keys.balance(args["class_id"], args["account"]),
        keys.supply(args["class_id"], context.msp_id, context.shard),
    ]


def clawable(balance: Balance, available: int, expires: Day) -> list[tuple[int | None, Day, int]]:
    """What can be taken, in this order: [(available day of what is pending or None, last day, points)]. First what was issued with these days, then what lives longest."""
    pending = [(entry[0], entry[1], entry[2]) for entry in reversed(balance.pending)]
    buckets = [(None, bucket[0], balance.free(bucket)) for bucket in reversed(balance.buckets) if balance.free(bucket)]
    return [
        *(entry for entry in pending if entry[:2] == (available, expires)),
        *(bucket for bucket in buckets if bucket[1] == expires),
        *(bucket for bucket in buckets if bucket[1] != expires),
        *(entry for entry in pending if entry[:2] != (available, expires)),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    class_id, issuance_id, points = args["class_id"], args["issuance_id"], args["points"]
    found = own_class(view, context, class_id)
    key = keys.issuance(class_id, issuance_id)
    issuance = issuance_of(view.get(key))
    if issuance is None:
        raise Refusal("UNKNOWN_ISSUANCE", f"{class_id} {issuance_id}")
    if issuance["account"] != args["account"]:
        raise Refusal("NOT_ISSUED_TO", args["account"])
    left = issuance["points"] - issuance["reversed"]
    if points > left:
        raise Refusal("REVERSAL_EXCEEDS_ISSUE", f"left {left}, asked {points}")
    until = day_number(issuance["clawback_until"])
    if until is None or until < context.today:
        raise Refusal("CLAWBACK_OVER", f"until {issuance['clawback_until'] or 'never'}")
    balance = Balance.load(view, class_id, args["account"], context.today)
    entries = clawable(balance, day_number(issuance["available_on"]), day_number(issuance["expires_on"]))
    if not found["debt"]:
        check_sufficient(sum(entry[2] for entry in entries), points)
    rest = points
    for available, expires, most in entries:
        part = min(most, rest)
        if part == 0:
            break
        rest -= part
        if available is None:
            balance.change(expires, -part, 0)
        else:
            balance.change_pending(available, expires, -part)
    if rest:
        balance.change_debt(rest)
    balance.save(context)
    issuance["reversed"] += points
    view.put(key, stored(issuance))
    count(view, context, class_id, "reversed", points)
    count(view, context, class_id, "indebted", rest)
    return {"class_id": class_id, "debt": rest, "issuance_id": issuance_id, "points": points}
