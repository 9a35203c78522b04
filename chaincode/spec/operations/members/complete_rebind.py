"""CompleteRebind: carries out a rebind that nobody objected to: the new key's account is enrolled in the place of the old
one, which is closed for good and names its `successor`; and what the old one has of the named classes moves there.

It can be asked again, for other classes and for what comes later: points move with their last days, what is pending with
its days, and what is owed; of any class, since two organisations vouch that it is one person's. What holds pin stays
until they end: an acceptor captures as it was promised, and what comes free moves then. Allowances end with the old
account; who was frozen stays so. Requires: the home merchant, the second organisation, or the new key's own signature;
for the first time `DATE_MARGIN_SECONDS` after `ready_at`, however far ahead the submitter dated, while the home merchant
answers. MEMBER_EXISTS: the new account was enrolled meanwhile.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys, limits
from chaincode.spec.kernel.balances import Balance, move_all
from chaincode.spec.kernel.calendar import date_of
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.balance import MovedBalance
from chaincode.spec.nouns.member import Member
from chaincode.spec.nouns.merchant import ANSWERING, merchant
from chaincode.spec.nouns.point_class import point_class
from chaincode.spec.nouns.rebind import rebind, rebound, touches_rebind

NAME = "CompleteRebind"
AUTHORITY = Authority.EITHER
ROLES = (Role.ADMIN, Role.GATEWAY)
ARGUMENTS = {
    "address": fields.ADDRESS,
    "class_ids": fields.unique(fields.array(fields.CLASS_ID, 0, limits.CLASSES_PER_REDEMPTION_MAX)),
    "new_address": fields.ADDRESS,
}
RESULT = {"classes": list[MovedBalance], "member": Member}
REFUSES = (
    "MERCHANT_NOT_ACTIVE",
    "UNKNOWN_CLASS",
    "MEMBER_EXISTS",
    "NOT_HOME_MERCHANT",
    "MEMBER_NOT_ACTIVE",
    "UNKNOWN_REBIND",
    "REBIND_LAPSED",
    "NOT_REBIND_PARTY",
    "REBIND_TOO_SOON",
    "TOO_MANY_BUCKETS",
    "OVERFLOW",
)
CREATES = ("member", "balance", "supply")


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    accounts = (args["address"], args["new_address"])
    touches_rebind(args, look, found)
    found.writes.update(map(keys.member, accounts))
    for class_id in args["class_ids"]:
        footprint.moving(class_id, accounts, speaker, found)


def prefetch(args: Json, context: Context) -> list[str]:
    accounts = (args["address"], args["new_address"])
    return [
        keys.rebind(args["address"]),
        *(keys.member(account) for account in accounts),
        *(keys.point_class(class_id) for class_id in args["class_ids"]),
        *(keys.balance(class_id, account) for class_id in args["class_ids"] for account in accounts),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    address, new_address = args["address"], args["new_address"]
    old = view.get(keys.member(address))
    is_done = old is not None and old["successor"] == new_address
    asked = None if is_done else rebind(view, args)
    if asked is not None:
        merchant(view, asked["home_msp"], ANSWERING)
    for class_id in args["class_ids"]:
        point_class(view, class_id)
    if asked is not None:
        member = _take_over(view, context, asked)
    else:
        member = view.get(keys.member(new_address))
        _require_party(context, (new_address, old["home_msp"], member["home_msp"]))
    moved = []
    for class_id in args["class_ids"]:
        source, target = (Balance.load(view, class_id, account, context.today) for account in (address, new_address))
        moved.append({"class_id": class_id, **move_all(source, target)})
        target.save(context)
        source.save(context)
    return {"classes": moved, "member": member}


def _take_over(view: View, context: Context, found: Json) -> Json:
    """The new member, in the place of the old one."""
    old = rebound(view, context, found)
    _require_party(context, (found["new_address"], found["home_msp"], found["confirmed_by"]))
    ready_at = found["ready_at"]
    if ready_at is None:
        raise Refusal("REBIND_TOO_SOON", "no second organisation has confirmed it")
    if context.now <= ready_at + limits.DATE_MARGIN_SECONDS:
        raise Refusal("REBIND_TOO_SOON", f"now {context.now}, ready at {ready_at}")
    member = {
        "address": found["new_address"],
        "enrolled_on": date_of(context.today),
        "home_msp": found["home_msp"],
        "public_key": found["public_key"],
        "status": old["status"],
        "successor": None,
    }
    old.update(status="CLOSED", successor=found["new_address"])
    view.put(keys.member(found["address"]), old)
    view.put(keys.member(found["new_address"]), member)
    view.delete(keys.rebind(found["address"]))
    return member


def _require_party(context: Context, parties: tuple[str | None, ...]) -> None:
    if context.authoriser not in parties:
        raise Refusal("NOT_REBIND_PARTY", context.authoriser)
