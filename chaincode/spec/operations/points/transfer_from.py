"""TransferFrom: a spender moves points out of an owner's account within the allowance that the owner approved (EIP-20),
of one `epoch` alone (`epochs`) where it is named.

MEMBER_NOT_ACTIVE: the recipient, the owner, then the spender.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.member import require_receiving, require_spending
from chaincode.spec.nouns.point_class import point_class
from chaincode.spec.operations.points.approve import allowance_of, set_allowance
from chaincode.spec.operations.points.transfer import send

NAME = "TransferFrom"
AUTHORITY = Authority.MEMBER
ROLES = ()
ARGUMENTS = {
    "class_id": fields.CLASS_ID,
    "epoch": fields.optional(fields.EPOCH),
    "owner": fields.ADDRESS,
    "points": fields.POINTS,
    "recipient": fields.ADDRESS,
}
RESULT = {"allowance_points": int, "points": int}
REFUSES = (
    "UNKNOWN_CLASS",
    "CLASS_NOT_TRANSFERABLE",
    "NOT_ENROLLED",
    "MEMBER_NOT_ACTIVE",
    "ALLOWANCE_EXCEEDED",
    "EPOCH_EXPIRED",
    "INSUFFICIENT_POINTS",
    "TOO_MANY_BUCKETS",
    "OVERFLOW",
)
CREATES = ("balance", "supply")


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    footprint.moving(args["class_id"], (args["owner"], args["recipient"]), speaker, found)
    found.reads.add(keys.member(speaker.authoriser))
    found.writes.add(keys.allowance(args["class_id"], args["owner"], speaker.authoriser))


def prefetch(args: Json, context: Context) -> list[str]:
    class_id, owner = args["class_id"], args["owner"]
    return [
        keys.point_class(class_id),
        keys.allowance(class_id, owner, context.authoriser),
        *(keys.balance(class_id, address) for address in (owner, args["recipient"])),
        *(keys.member(address) for address in (owner, args["recipient"], context.authoriser)),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    class_id, owner, spender, points = args["class_id"], args["owner"], context.authoriser, args["points"]
    found = point_class(view, class_id)
    if not found["transferable"]:
        raise Refusal("CLASS_NOT_TRANSFERABLE", class_id)
    require_receiving(view, found, args["recipient"])
    require_spending(view, owner)
    require_spending(view, spender)
    allowance = allowance_of(view, class_id, owner, spender)
    if points > allowance:
        raise Refusal("ALLOWANCE_EXCEEDED", f"allowance {allowance}, asked {points}")
    send(view, context, class_id, owner, [(args["recipient"], points)], args.get("epoch"), remembers=False)
    if points:
        set_allowance(view, class_id, owner, spender, allowance - points)
    return {"allowance_points": allowance - points, "points": points}
