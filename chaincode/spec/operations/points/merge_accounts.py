"""MergeAccounts: who has two accounts brings the points of some classes from one into the other; both keys sign.

Points move with their last days, what is pending with its days, and so does a debt; what holds pin stays until they
end. The operation is authorised by the account that gives; `proof` is the receiving key's signature over
`signatures.merge_message`, good for this request id and `valid_until` alone. Points of a class that cannot be sent on
move too, for they stay one person's: then, and where a debt moves, the class's issuer must relay by its
admin or gateway, and vouches for that.
INVALID_ARGUMENT: into itself; NOT_ISSUER: of a class that cannot be sent on, or in which something is owed.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys, limits
from chaincode.spec.kernel.balances import Balance, move_all
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context, Role
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.signatures import address_of, merge_message, verify
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.balance import MovedBalance
from chaincode.spec.nouns.member import require_receiving, require_spending
from chaincode.spec.nouns.point_class import point_class

NAME = "MergeAccounts"
AUTHORITY = Authority.MEMBER
ROLES = ()
VOUCHING = (Role.ADMIN, Role.GATEWAY)
"""Roles whose word is the issuer's; a certificate that it gave to a member has none."""
ARGUMENTS = {
    "class_ids": fields.unique(fields.array(fields.CLASS_ID, 1, limits.CLASSES_PER_REDEMPTION_MAX)),
    "proof": fields.SIGNATURE,
    "public_key": fields.PUBLIC_KEY,
    "target": fields.ADDRESS,
}
RESULT = {"classes": list[MovedBalance], "target": str}
REFUSES = (
    "INVALID_ARGUMENT",
    "UNKNOWN_CLASS",
    "NOT_ISSUER",
    "ADDRESS_MISMATCH",
    "CONSENT_INVALID",
    "NOT_ENROLLED",
    "MEMBER_NOT_ACTIVE",
    "TOO_MANY_BUCKETS",
    "OVERFLOW",
)
CREATES = ("balance", "supply")


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.balance(args["class_ids"][0], authoriser)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    for class_id in args["class_ids"]:
        footprint.moving(class_id, [speaker.authoriser, args["target"]], speaker, found)


def prefetch(args: Json, context: Context) -> list[str]:
    accounts = (context.authoriser, args["target"])
    return [
        *(keys.point_class(class_id) for class_id in args["class_ids"]),
        *(keys.balance(class_id, account) for class_id in args["class_ids"] for account in accounts),
        *(keys.member(account) for account in accounts),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    source_account, target_account = context.authoriser, args["target"]
    if source_account == target_account:
        raise Refusal("INVALID_ARGUMENT", "target: expected another account")
    classes = [point_class(view, class_id) for class_id in args["class_ids"]]
    for found in classes:
        vouched = found["issuer_msp"] == context.msp_id and context.transaction.creator.role in VOUCHING
        debt = Balance.load(view, found["class_id"], source_account, context.today).debt
        if not vouched and (debt or not found["transferable"]):
            raise Refusal("NOT_ISSUER", f"{found['class_id']} is issued by {found['issuer_msp']}")
    if address_of(args["public_key"]) != target_account:
        raise Refusal("ADDRESS_MISMATCH", target_account)
    message = merge_message(
        source_account,
        target_account,
        args["class_ids"],
        context.request_id,
        context.valid_until,
        context.transaction.place,
    )
    if not verify(args["public_key"], args["proof"], message):
        raise Refusal("CONSENT_INVALID", target_account)
    for found in classes:
        require_receiving(view, found, target_account)
    require_spending(view, source_account)
    merged = []
    for place, found in enumerate(classes):
        source, target = (
            Balance.load(view, found["class_id"], account, context.today)
            for account in (source_account, target_account)
        )
        moved = move_all(source, target)
        target.save(context)
        if place == 0:
            source.remember(context)
        source.save(context)
        merged.append({"class_id": found["class_id"], **moved})
    return {"classes": merged, "target": target_account}
