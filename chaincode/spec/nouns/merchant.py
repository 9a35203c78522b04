"""Merchant 商户."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.kernel import keys, limits
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY, add_days, date_of, day_number
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns import Date

ISSUING = ("ACTIVE",)
ACCEPTING = ("ACTIVE", "ISSUE_STOPPED")
HONOURED = ("ACTIVE", "ISSUE_STOPPED", "RUN_OFF")
"""Statuses in which an issuer's points can be spent; in RUN_OFF until its last day is over."""
ANSWERING = HONOURED
"""Statuses in which a home merchant answers for its members."""
PRESENT = ("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "RUN_OFF")


class Merchant(TypedDict):
    """A merchant, or an organisation that is invited to be one."""

    invited_until: int | None  # Unix seconds; null once it joined
    msp_id: str
    name: str
    registered_at: int  # Unix seconds
    run_off_until: Date | None  # the last day of its run-off; null unless RUN_OFF
    status: str
    suspended_by: str | None  # proposal_id; null unless suspended by vote


STORED = Merchant


def merchant(view: View, msp_id: str, statuses: tuple[str, ...]) -> Json:
    """The merchant. UNKNOWN_MERCHANT; MERCHANT_NOT_ACTIVE when its status is not among `statuses`."""
    found = view.get(keys.merchant(msp_id))
    if found is None:
        raise Refusal("UNKNOWN_MERCHANT", msp_id)
    if found["status"] not in statuses:
        raise Refusal("MERCHANT_NOT_ACTIVE", f"{msp_id} {found['status']}")
    return found


def is_lapsed(found: Json, now: int) -> bool:
    """Whether the merchant is no more than an invitation that was withdrawn or has lapsed."""
    until = found["invited_until"]
    return bool(until is not None and (found["status"] == "EXITED" or until < now))


def takes_place(found: Json, now: int) -> bool:
    """Whether the merchant counts towards MERCHANTS_MAX: it takes part, or is invited."""
    return found["status"] != "EXITED" and not is_lapsed(found, now)


def require_place(view: View, context: Context, msp_id: str) -> None:
    """TOO_MANY_MERCHANTS unless the others leave a place for `msp_id`."""
    merchants = (found for _, found in view.range("merchant/"))
    others = sum(found["msp_id"] != msp_id and takes_place(found, context.now) for found in merchants)
    if others >= limits.MERCHANTS_MAX:
        raise Refusal("TOO_MANY_MERCHANTS", f"{limits.MERCHANTS_MAX} merchants")


def invitation(view: View, context: Context, msp_id: str, name: str) -> Json:
    """The merchant as it is invited from now on. MERCHANT_EXISTS, unless it is no more than an invitation that lapsed
    or was withdrawn; TOO_MANY_MERCHANTS."""
    known = view.get(keys.merchant(msp_id))
    if known is not None and not is_lapsed(known, context.now):
        raise Refusal("MERCHANT_EXISTS", msp_id)
    require_place(view, context, msp_id)
    return {
        "invited_until": context.now + limits.INVITATION_DAYS * SECONDS_PER_DAY,
        "msp_id": msp_id,
        "name": name,
        "registered_at": context.now,
        "run_off_until": None,
        "status": "INVITED",
        "suspended_by": None,
    }


def require_announced(context: Context, before: str | None, until: str) -> None:
    """RUN_OFF_DAY_OUT_OF_RANGE unless the day lies within the limits, or is put off within the upper one."""
    earliest = add_days(context.today, limits.RUN_OFF_DAYS_MIN) if before is None else day_number(before)
    latest = add_days(context.today, limits.RUN_OFF_DAYS_MAX)
    if not earliest <= day_number(until) <= latest:
        raise Refusal(
            "RUN_OFF_DAY_OUT_OF_RANGE", f"asked {until}, from {date_of(earliest)} to {date_of(latest)} it can be"
        )


def run_off_over(found: Json, today: int) -> bool:
    """Whether the merchant's points can never be spent again: it has left, or the last day of its run-off is over."""
    if found["status"] == "RUN_OFF":
        return today > day_number(str(found["run_off_until"]))
    return bool(found["status"] == "EXITED")


def require_participant(view: View, context: Context) -> None:
    """NOT_PARTICIPANT unless the submitter is an operator, or a merchant that takes part."""
    found = view.get(keys.merchant(context.msp_id))
    takes_part = found is not None and found["status"] in ACCEPTING
    if not takes_part and context.msp_id not in context.consortium["operators"]:
        raise Refusal("NOT_PARTICIPANT", context.msp_id)


def require_acceptor(context: Context, acceptor_msp: str) -> None:
    """NOT_ACCEPTOR unless the acceptor itself submits."""
    if context.msp_id != acceptor_msp:
        raise Refusal("NOT_ACCEPTOR", f"{context.msp_id} is not {acceptor_msp}")
