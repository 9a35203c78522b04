"""Moving points between members: the common part of Transfer and TransferFrom."""

from __future__ import annotations

from chaincode.spec.balances import Balance, check_sufficient
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Context
from chaincode.spec.nouns import point_class, require_receiving, require_spending
from chaincode.spec.state import View, exact


def move(context: Context, source: Balance, target: Balance, points: int) -> None:
    """Moves `points` from the source, which the caller saves, to the target, which is saved here: each draw with its last day, one posting out for one in.
    INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW."""
    for expires, part in source.draw(points):
        target.change(expires, part, 0)
    target.save(context)


def send(view: View, context: Context, class_id: str, sender: str, recipients: list[tuple[str, int]]) -> int:
    """Moves points of `class_id` from `sender` to each (address, points) in turn; gives their sum. UNKNOWN_CLASS, CLASS_NOT_TRANSFERABLE,
    NOT_ENROLLED, MEMBER_NOT_ACTIVE, INSUFFICIENT_POINTS, TOO_MANY_BUCKETS, OVERFLOW."""
    found = point_class(view, class_id)
    if not found["transferable"]:
        raise Refusal("CLASS_NOT_TRANSFERABLE", class_id)
    for address, _ in recipients:
        require_receiving(view, found, address)
    require_spending(view, sender)
    total = sum(points for _, points in recipients)
    source = Balance.load(view, class_id, sender, context.today)
    check_sufficient(source.spendable(), total)
    moving = [(address, points) for address, points in recipients if points and address != sender]
    for address, points in moving:
        move(context, source, Balance.load(view, class_id, address, context.today), points)
    if moving:
        source.save(context)
    return exact(total)
