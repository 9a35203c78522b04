"""Loading nouns with the refusal that fits when they are missing or not in a state that allows the operation."""

from __future__ import annotations

from chaincode.spec import keys, limits
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal
from chaincode.spec.context import Context
from chaincode.spec.fields import LEGACY_PREFIX
from chaincode.spec.state import View

ISSUING = ("ACTIVE",)
ACCEPTING = ("ACTIVE", "ISSUE_STOPPED")
HONOURED = ("ACTIVE", "ISSUE_STOPPED", "RUN_OFF")
"""Statuses in which an issuer's points can be spent."""
ANSWERING = HONOURED
"""Statuses in which a home merchant answers for its members."""
PRESENT = ("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "RUN_OFF")


def require_operator(context: Context) -> None:
    """NOT_OPERATOR unless the submitting organisation is an operator of the consortium."""
    if context.msp_id not in context.consortium["operators"]:
        raise Refusal("NOT_OPERATOR", context.msp_id)


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


def point_class(view: View, class_id: str) -> Json:
    """The class. UNKNOWN_CLASS."""
    found = view.get(keys.point_class(class_id))
    if found is None:
        raise Refusal("UNKNOWN_CLASS", class_id)
    return found


def own_class(view: View, context: Context, class_id: str) -> Json:
    """The class, whose issuer must be the submitting organisation. UNKNOWN_CLASS, NOT_ISSUER."""
    found = point_class(view, class_id)
    if found["issuer_msp"] != context.msp_id:
        raise Refusal("NOT_ISSUER", f"{class_id} is issued by {found['issuer_msp']}")
    return found


def issuing_class(view: View, context: Context, class_id: str) -> Json:
    """The submitter's own class, open for new points. UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, UNKNOWN_CLASS, NOT_ISSUER, CLASS_STOPPED."""
    merchant(view, context.msp_id, ISSUING)
    found = own_class(view, context, class_id)
    require_running(found)
    return found


def require_running(found: Json) -> None:
    """CLASS_STOPPED unless new points of the class may be made."""
    if found["status"] != "ACTIVE":
        raise Refusal("CLASS_STOPPED", found["class_id"])


def require_accepted(found: Json, acceptor_msp: str) -> None:
    """NOT_ACCEPTED unless the acceptor takes points of the class."""
    if found["accepted_by"] is not None and acceptor_msp not in found["accepted_by"]:
        raise Refusal("NOT_ACCEPTED", f"{found['class_id']} at {acceptor_msp}")


def require_honoured(view: View, found: Json) -> None:
    """ISSUER_NOT_HONOURED unless the issuer's status lets its points be spent."""
    status = view.get(keys.merchant(found["issuer_msp"]))["status"]
    if status not in HONOURED:
        raise Refusal("ISSUER_NOT_HONOURED", f"{found['issuer_msp']} {status}")


def spendable_classes(view: View, class_ids: list[str], acceptor_msp: str) -> list[Json]:
    """The classes, each of which the acceptor takes and its issuer honours. UNKNOWN_CLASS, NOT_ACCEPTED, ISSUER_NOT_HONOURED, each
    over all classes before the next."""
    classes = [point_class(view, class_id) for class_id in class_ids]
    for found in classes:
        require_accepted(found, acceptor_msp)
    for found in classes:
        require_honoured(view, found)
    return classes


def require_acceptor(context: Context, acceptor_msp: str) -> None:
    """NOT_ACCEPTOR unless the acceptor itself submits."""
    if context.msp_id != acceptor_msp:
        raise Refusal("NOT_ACCEPTOR", f"{context.msp_id} is not {acceptor_msp}")


def require_receiving(view: View, found: Json, account: str) -> None:
    """NOT_ENROLLED when the class is for enrolled members and `account` is none; MEMBER_NOT_ACTIVE when it is closed."""
    member = None if account.startswith(LEGACY_PREFIX) else view.get(keys.member(account))
    if member is None and found["enrolled_only"]:
        raise Refusal("NOT_ENROLLED", account)
    if member is not None and member["status"] == "CLOSED":
        raise Refusal("MEMBER_NOT_ACTIVE", f"{account} CLOSED")


def require_spending(view: View, account: str) -> None:
    """MEMBER_NOT_ACTIVE when the account is an enrolled member that is frozen or closed."""
    member = view.get(keys.member(account))
    if member is not None and member["status"] != "ACTIVE":
        raise Refusal("MEMBER_NOT_ACTIVE", f"{account} {member['status']}")


def current_window(view: View, context: Context) -> Json:
    """The open window `{window_id, opened_at}`. TIME_BEFORE_WINDOW when `now` lies before its opening."""
    found = view.get(keys.CURRENT_WINDOW)
    if context.now < found["opened_at"]:
        raise Refusal(
            "TIME_BEFORE_WINDOW", f"now {context.now}, window {found['window_id']} opened {found['opened_at']}"
        )
    return found
