"""Epochs of a class, as ERC-7818 (expirable ERC-20) counts them: an epoch is what has one last day, or one last month.

Of a class whose points last to the end of a month an epoch is a month, counted from 1970-01; of any other a day,
counted from 1970-01-01. Its number is that of the last day or month itself: so `epoch` 20513 of a class by days are the
points that can be spent until the day 20513, and nobody need know when they were issued. What never expires is the
epoch `NEVER`. The current epoch is the one into which points fall that are issued now; an epoch has expired when its
last day, or month, has passed.
"""

from __future__ import annotations

from chaincode.spec.kernel.calendar import SECONDS_PER_DAY, expiry, month_end, month_number
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.limits import INTEGER_MAX

NEVER = INTEGER_MAX
"""The epoch of what never expires, and the validity of a class whose points never do."""


def _by_month(point_class: Json) -> bool:
    return bool(point_class["validity"]["kind"] == "MONTH_END")


def epoch_of(point_class: Json, expires: int | None) -> int:
    """The epoch of points with this last day."""
    if expires is None:
        return NEVER
    return month_number(expires) if _by_month(point_class) else expires


def current_epoch(point_class: Json, today: int) -> int:
    """The epoch of points that are issued today."""
    return epoch_of(point_class, expiry(today, point_class["validity"]))


def is_epoch_expired(point_class: Json, epoch: int, today: int) -> bool:
    """Whether all points of the epoch have expired."""
    return epoch < epoch_of(point_class, today)


def require_epoch(point_class: Json, epoch: int, today: int) -> None:
    """EPOCH_EXPIRED when nothing of the epoch can be spent any more."""
    if is_epoch_expired(point_class, epoch, today):
        raise Refusal("EPOCH_EXPIRED", f"{point_class['class_id']} {epoch}, today is {epoch_of(point_class, today)}")


def epoch_seconds(point_class: Json, today: int) -> int:
    """How long an epoch is: a day, or the present month."""
    if not _by_month(point_class):
        return SECONDS_PER_DAY
    return (month_end(today, 0) - month_end(today, -1)) * SECONDS_PER_DAY


def validity_epochs(point_class: Json, today: int) -> int:
    """How many epochs points last that are issued today, beyond that of today; NEVER for ever."""
    current = current_epoch(point_class, today)
    return NEVER if current == NEVER else max(current - epoch_of(point_class, today), 0)
