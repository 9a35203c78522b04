"""Transfer: a member sends points of one class to one or several addresses. The points are drawn by earliest last day,
which they keep, for one recipient after the other; of one `epoch` alone (`epochs`) where it is named.

0 points are legal, and points sent to oneself change nothing, but must be there (EIP-20). MEMBER_NOT_ACTIVE: the
recipients in their order, then the sender.
"""

from __future__ import annotations

from chaincode.spec.kernel import fields, footprint, keys, limits
from chaincode.spec.kernel.balances import Balance, Day, check_sufficient, move
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Authority, Context
from chaincode.spec.kernel.epochs import epoch_of, require_epoch
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.state import View, exact
from chaincode.spec.nouns.member import require_receiving, require_spending
from chaincode.spec.nouns.point_class import point_class

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


def send(
    view: View,
    context: Context,
    class_id: str,
    sender: str,
    recipients: list[tuple[str, int]],
    epoch: int | None,
    *,
    remembers: bool,
) -> int:
    """Moves points of `class_id`, of one epoch where it is named, from `sender` to each (address, points) in turn;
    gives their sum. TransferFrom sends so, too. UNKNOWN_CLASS, CLASS_NOT_TRANSFERABLE, NOT_ENROLLED, MEMBER_NOT_ACTIVE,
    EPOCH_EXPIRED, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW."""
    found = point_class(view, class_id)
    if not found["transferable"]:
        raise Refusal("CLASS_NOT_TRANSFERABLE", class_id)
    for address, _ in recipients:
        require_receiving(view, found, address)
    require_spending(view, sender)
    total = sum(points for _, points in recipients)

    def within(expires: Day) -> bool:
        return epoch is None or epoch_of(found, expires) == epoch

    source = Balance.load(view, class_id, sender, context.today)
    if epoch is not None:
        require_epoch(found, epoch, context.today)
    check_sufficient(source.spendable(within), total)
    moving = [(address, points) for address, points in recipients if points and address != sender]
    for address, points in moving:
        move(context, source, Balance.load(view, class_id, address, context.today), points, within)
    if remembers:
        source.remember(context)
    if moving or remembers:
        source.save(context)
    return exact(total)
