"""Moving points between members: the common part of Transfer and TransferFrom."""

from __future__ import annotations

from chaincode.spec.kernel.balances import Balance, Day, Within, check_sufficient, everything
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.epochs import epoch_of, require_epoch
from chaincode.spec.kernel.state import View, exact
from chaincode.spec.nouns.member import require_receiving, require_spending
from chaincode.spec.nouns.point_class import point_class


def move(context: Context, source: Balance, target: Balance, points: int, within: Within = everything) -> None:
    """Moves `points` from the source, which the caller saves, to the target, which is saved here: each draw with its last day, one posting out for one in.
    INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW."""
    for expires, part in source.draw(points, within):
        target.change(expires, part, 0)
    target.save(context)


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
    """Moves points of `class_id`, of one epoch where it is named, from `sender` to each (address, points) in turn; gives their sum. UNKNOWN_CLASS, CLASS_NOT_TRANSFERABLE,
    NOT_ENROLLED, MEMBER_NOT_ACTIVE, EPOCH_EXPIRED, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW."""
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
