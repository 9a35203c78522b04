"""Transfer: a member sends points of one class to one or several addresses. The points are drawn by earliest last day,
which they keep, for one recipient after the other; of one `epoch` alone (`epochs`) where it is named.

0 points are legal, and points sent to oneself change nothing, but must be there (EIP-20). MEMBER_NOT_ACTIVE: the
recipients in their order, then the sender.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys, limits
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.context import Authority, Context
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.sending import send
from chaincode.spec.kernel.state import View

NAME = "Transfer"
AUTHORITY = Authority.MEMBER
ROLES = ()
ARGUMENTS = {
    "class_id": fields.CLASS_ID,
    "epoch": fields.optional(fields.EPOCH),
    "recipients": fields.array(
        fields.record({"address": fields.ADDRESS, "points": fields.POINTS}), 1, limits.RECIPIENTS_PER_TRANSFER_MAX
    ),
}
RESULT = {"points": int}
REFUSES = (
    "UNKNOWN_CLASS",
    "CLASS_NOT_TRANSFERABLE",
    "NOT_ENROLLED",
    "MEMBER_NOT_ACTIVE",
    "EPOCH_EXPIRED",
    "INSUFFICIENT_POINTS",
    "TOO_MANY_BUCKETS",
    "OVERFLOW",
)
CREATES = ("balance", "supply")


def about(args: Json, authoriser: str, request_id: str) -> str:
    return keys.balance(args["class_id"], authoriser)


def touches(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    addresses = [speaker.authoriser, *(entry["address"] for entry in args["recipients"])]
    footprint.moving(args["class_id"], addresses, speaker, found)


def prefetch(args: Json, context: Context) -> list[str]:
    addresses = [context.authoriser, *(entry["address"] for entry in args["recipients"])]
    return [
        keys.point_class(args["class_id"]),
        *(keys.balance(args["class_id"], address) for address in addresses),
        *(keys.member(address) for address in addresses),
    ]


def apply(view: View, context: Context, args: Json) -> Json:
    recipients = [(entry["address"], entry["points"]) for entry in args["recipients"]]
    return {
        "points": send(
            view, context, args["class_id"], context.authoriser, recipients, args.get("epoch"), remembers=True
        )
    }
