"""ReverseIssue: the issuer claws back points of one issuance from the account they were issued to, in the claw-back
days that its class had when they were.

They are taken, as far as nothing holds them and they have not expired, from what is pending of the issuance, from the
bucket of its last day, then from the account's other points of the class, those that live longest first. What is no
longer there becomes the account's debt, where the class says so; otherwise nothing is taken. UNKNOWN_ISSUANCE: nothing
of it can be clawed back from this account, or no more.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys
from chaincode.spec.kernel.balances import Balance, Day, check_sufficient
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.counters import count
from chaincode.spec.kernel.fields import LEGACY_PREFIX
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.requests import ISSUED, POINTS, clawable
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.point_class import own_class

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
RESULT = {"class_id": str, "debt": int, "issuance_id": str, "points": int}
REFUSES = (
    "UNKNOWN_CLASS",
    "NOT_ISSUER",
    "UNKNOWN_ISSUANCE",
    "REVERSAL_EXCEEDS_ISSUE",
    "INSUFFICIENT_POINTS",
    "OVERFLOW",
)
CREATES = ("supply",)


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.balance(args["class_id"], args["account"])


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    class_id = args["class_id"]
    found.reads.add(keys.point_class(class_id))
    place = keys.balance(class_id, args["account"])
    requester = requester_of(speaker.msp_id, args["account"], args["issuance_id"])
    if requester is not None:
        found.writes.add(keys.memory(place, requester))
    footprint.changing(class_id, [args["account"]], speaker, found)


def prefetch(args: Json, context: Context) -> list[str]:
    return [
        keys.point_class(args["class_id"]),
        keys.balance(args["class_id"], args["account"]),
        keys.supply(args["class_id"], context.msp_id, context.shard),
    ]


def takeable(balance: Balance, available: int, expires: Day) -> list[tuple[int | None, Day, int]]:
    """What can be taken, in this order: [(available day of what is pending or None, last day, points)]. First what was
    issued with these days, then what lives longest."""
    pending = [(entry[0], entry[1], entry[2]) for entry in reversed(balance.pending)]
    buckets = [(None, bucket[0], balance.free(bucket)) for bucket in reversed(balance.buckets) if balance.free(bucket)]
    return [
        *(entry for entry in pending if entry[:2] == (available, expires)),
        *(bucket for bucket in buckets if bucket[1] == expires),
        *(bucket for bucket in buckets if bucket[1] != expires),
        *(entry for entry in pending if entry[:2] != (available, expires)),
    ]


def requester_of(msp_id: str, account: str, issuance_id: str) -> str | None:
    """Under which name the account's memory has an issuance: a custody account's came by an import of many."""
    request_id, _, index = issuance_id.rpartition(".")
    if account.startswith(LEGACY_PREFIX):
        return f"{msp_id}/{request_id}/{index}"
    return f"{msp_id}/{request_id}" if index == "0" else None


def apply(view: View, context: Context, args: Json) -> Json:
    class_id, issuance_id, points = args["class_id"], args["issuance_id"], args["points"]
    found = own_class(view, context, class_id)
    balance = Balance.load(view, class_id, args["account"], context.today)
    requester = requester_of(context.msp_id, args["account"], issuance_id)
    entry = None if requester is None else balance.memory.find(requester, context.now)
    if entry is None or not clawable(entry, context.today):
        raise Refusal("UNKNOWN_ISSUANCE", f"{class_id} {issuance_id}")
    left, available, expires, _ = entry[ISSUED]
    if points > left:
        raise Refusal("REVERSAL_EXCEEDS_ISSUE", f"left {left}, asked {points}")
    entries = takeable(balance, available, expires)
    if not found["debt"]:
        check_sufficient(sum(taken[2] for taken in entries), points)
    rest = points
    for waiting, last_day, most in entries:
        part = min(most, rest)
        if part == 0:
            break
        rest -= part
        if waiting is None:
            balance.change(last_day, -part, 0)
        else:
            balance.change_pending(waiting, last_day, -part)
    if rest:
        balance.change_debt(rest)
    entry[ISSUED][POINTS] -= points
    balance.memory.replace(entry)
    balance.remember(context)
    balance.save(context)
    count(view, context, class_id, "reversed", points)
    count(view, context, class_id, "indebted", rest)
    return {"class_id": class_id, "debt": rest, "issuance_id": issuance_id, "points": points}
